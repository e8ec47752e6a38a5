"""The routes speak the shared contracts; they are named here, where a reader looks for them."""

from contracts.intakes import Intake, KeptIntake

__all__ = ["Intake", "KeptIntake"]
