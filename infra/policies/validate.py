"""The rules over a list of resources, without an engine."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from infra.policies.core import Level, Problem, Resource, Rule, Stack, Undecidable
from infra.policies.rules import ALL


@dataclass(frozen=True)
class Violation:
    """One rule broken by one resource, or by the stack as a whole."""

    rule: str
    control: str
    level: Level
    urn: str | None
    message: str

    def __str__(self) -> str:
        where = self.urn.rsplit("::", 1)[-1] if self.urn else "the stack"
        return f"[{self.level}] {self.rule} ({self.control}): {where}: {self.message}"


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
        """Whether a mandatory rule is broken."""
        return any(violation.level is Level.MANDATORY for violation in self.violations)

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
        for problem in problems(rule, stack):
            if isinstance(problem, Problem):
                violations.append(Violation(rule.name, rule.control, rule.level, problem.urn, problem.message))
            else:
                undecided.append((rule.name, problem.urn))
    return Verdict(tuple(violations), tuple(undecided), len(ALL), len(stack.resources))


@dataclass(frozen=True)
class Unknown:
    """A rule needs a value that only `up` will know."""

    urn: str | None
    """The resource that has it; None when the rule looks at the whole stack."""


def problems(rule: Rule, stack: Stack) -> Iterator[Problem | Unknown]:
    """What `rule` finds; one resource that cannot be judged does not hide another's violation."""
    if rule.one is None:
        yield from _until_unknown(rule, stack, None)
        return
    for resource in stack.of(*rule.types):
        yield from _until_unknown(rule, stack, resource)


def _until_unknown(rule: Rule, stack: Stack, resource: Resource | None) -> Iterator[Problem | Unknown]:
    try:
        if resource is not None and rule.one is not None:
            for text in rule.one(resource, stack):
                yield Problem(text, resource.urn)
        else:
            yield from rule.problems(stack)
    except Undecidable:
        yield Unknown(resource.urn if resource else None)


def validate(resources: Iterable[Resource], environment: str, *, destroyable: bool = False) -> list[Violation]:
    """The violations alone."""
    return list(verdict(resources, environment, destroyable=destroyable).violations)


def run(resources: Sequence[Resource], environment: str = "prod") -> Sequence[Violation]:
    """The violations, by the strictest measure unless told otherwise."""
    return validate(resources, environment)
