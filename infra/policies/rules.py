"""All rules."""

from typing import Final

from infra.policies import compute, edge, identity, network, stack, storage
from infra.policies.core import Rule

ALL: Final[tuple[Rule, ...]] = (
    *network.RULES,
    *edge.RULES,
    *compute.RULES,
    *identity.RULES,
    *storage.RULES,
    *stack.RULES,
)
