"""All rules."""

from typing import Final

from infra.policies import compute, identity, network, stack, storage
from infra.policies.core import Rule

ALL: Final[tuple[Rule, ...]] = tuple(
    rule
    for module in (network, compute, identity, storage, stack)
    for rule in vars(module).values()
    if isinstance(rule, Rule)
)
