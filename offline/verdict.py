"""The rules over a list of resources, without an engine."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from infra.policies.core import Problem, Resource, Stack
from infra.policies.rules import ALL


@dataclass(frozen=True)
class Violation:
    """One rule broken by one resource, or by the stack as a whole."""

    rule: str
    control: str
    urn: str | None
    message: str

    def __str__(self) -> str:
        where = self.urn.rsplit("::", 1)[-1] if self.urn else "the stack"
        return f"[mandatory] {self.rule} ({self.control}): {where}: {self.message}"


@dataclass(frozen=True)
class Verdict:
    """What was found."""

    violations: tuple[Violation, ...]
    undecided: tuple[tuple[str, str | None], ...]
    """Rule and URN wherever a value was needed that only `up` will know; the engine asks again then."""
    rules: int
    resources: int

    @property
    def refused(self) -> bool:
        """Whether a rule is broken."""
        return bool(self.violations)

    def __str__(self) -> str:
        lines = [str(violation) for violation in self.violations]
        count = len(self.violations)
        lines.append(
            f"{self.rules} rules over {self.resources} resources: {count} violation{'' if count == 1 else 's'}, "
            f"{len(self.undecided)} not decidable in preview"
        )
        waiting = Counter(rule for rule, _ in self.undecided)
        if waiting:
            told = ", ".join(f"{rule} ({count})" for rule, count in sorted(waiting.items()))
            lines.append(f"Asked again by `up`, when the values are known: {told}")
        return "\n".join(lines)


def verdict(resources: Iterable[Resource], environment: str, *, destroyable: bool = False) -> Verdict:
    """Every rule over every resource. `environment` as in `Stack`."""
    stack = Stack(tuple(resources), environment, destroyable)
    violations: list[Violation] = []
    undecided: list[tuple[str, str | None]] = []
    for rule in ALL:
        for problem in rule.problems(stack):
            if isinstance(problem, Problem):
                violations.append(Violation(rule.name, rule.control, problem.urn, problem.message))
            else:
                undecided.append((rule.name, problem.urn))
    return Verdict(tuple(violations), tuple(undecided), len(ALL), len(stack.resources))
