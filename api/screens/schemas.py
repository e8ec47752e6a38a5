"""The routes speak the shared contracts; they are named here, where a reader looks for them."""

from contracts.screen import Screen, ScreenAction, ScreenChanged

__all__ = ["Screen", "ScreenAction", "ScreenChanged"]
