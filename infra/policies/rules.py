"""All rules."""

from typing import Final

from infra.policies import compute, edge, functions, identity, network, stack, storage
from infra.policies.core import Rule

ALL: Final[tuple[Rule, ...]] = (
    *network.RULES,
    *edge.RULES,
    *compute.RULES,
    *identity.RULES,
    *functions.RULES,
    *storage.RULES,
    *stack.RULES,
)
