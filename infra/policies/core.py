"""What a rule is, what it looks at, and how it says that it cannot tell yet. Knows nothing of Pulumi's engine."""

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TABLE: Final = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a string that only `up` will know. Source: pulumi sdk, resource/plugin/rpc.go."""
UNKNOWNS: Final = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""The sentinel of each kind of value."""
SECRET_MARK: Final = "4dabf18193072939515e22adb298388d"  # noqa: S105 - a key of the wire format
"""Key under which the engine marks an object as a wrapped secret, whose content is under `value`."""

Props = Mapping[str, object]


class Undecidable(Exception):
    """The rule needs a value that only `up` will know."""


@dataclass(frozen=True)
class Resource:
    """A resource as the engine is about to make it."""

    urn: str
    type: str
    """Token, for example `aws:ecs/service:Service`."""
    name: str
    """Logical name."""
    props: Props = field(default_factory=dict)
    """Inputs, camelCase as on the wire."""
    protect: bool = False
    dependencies: frozenset[str] = frozenset()
    """URNs that its properties are computed from, where the caller knows them."""

    def get(self, path: str) -> object:
        """The property at a dotted path; None when absent. Raises Undecidable."""
        return value_at(self.props, path)

    def set(self, path: str) -> bool:
        """Whether the property is there and neither empty nor false. Raises Undecidable."""
        return bool(self.get(path))

    def items(self, path: str) -> list[Props]:
        """The objects of the list at `path`. Raises Undecidable."""
        return objects(self.get(path))

    def within(self, *groups: str) -> bool:
        """Whether one of our components of such a group made it (`polyglot:<group>:<Name>` in its URN)."""
        return any(f"polyglot:{group}:" in self.urn for group in groups)


@dataclass(frozen=True)
class Stack:
    """All resources of a stack."""

    resources: Sequence[Resource]
    environment: str
    """`prod`, `staging`, `local`, or `account` for the bootstrap project."""
    destroyable: bool = False
    """The operator said that the stack may lose its data (`polyglot:guard.allow_destroy`)."""

    @property
    def prod(self) -> bool:
        """Whether this is production."""
        return self.environment == "prod"

    @property
    def keeps_data(self) -> bool:
        """Whether a delete must be refused."""
        return self.prod and not self.destroyable

    @property
    def serves(self) -> bool:
        """Whether services run here on ECS; neither the local stack nor the bootstrap project has any."""
        return any(self.of("aws:ecs/service:Service"))

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of these types."""
        return (resource for resource in self.resources if resource.type in types)


@dataclass(frozen=True)
class Problem:
    """What a rule found."""

    message: str
    urn: str | None = None
    """None: the stack as a whole."""


@dataclass(frozen=True)
class Unknown:
    """A rule needs a value that only `up` will know; the engine asks again then."""

    urn: str | None
    """The resource that has it; None when the rule looks at the whole stack."""


Check = Callable[[Stack], Iterator[Problem]]
ResourceCheck = Callable[[Resource, Stack], Iterable[str]]


@dataclass(frozen=True)
class Rule:
    """One rule, all of which are mandatory."""

    name: str
    control: str
    """What it answers to: a control of Security Hub, or a promise of our own."""
    description: str
    types: frozenset[str]
    """Types of resource that it looks at one by one; empty: it looks at the stack as a whole."""
    one: ResourceCheck | None
    whole: Check | None

    def problems(self, stack: Stack) -> Iterator[Problem | Unknown]:
        """Everything wrong in `stack`; one resource that cannot be judged does not hide another's violation."""
        if self.whole is not None:
            yield from _until_unknown(None, self.whole(stack))
        elif self.one is not None:
            for resource in stack.of(*self.types):
                found = (Problem(text, resource.urn) for text in self.one(resource, stack))
                yield from _until_unknown(resource.urn, found)


def _until_unknown(urn: str | None, found: Iterator[Problem]) -> Iterator[Problem | Unknown]:
    try:
        yield from found
    except Undecidable:
        yield Unknown(urn)


def each(name: str, *types: str) -> Callable[[ResourceCheck], Rule]:
    """Make a rule of the table of a function that is given one resource of `types` at a time and yields what is wrong."""
    return lambda check: Rule(name, TABLE[name]["control"], TABLE[name]["says"], frozenset(types), check, None)


def whole(name: str) -> Callable[[Check], Rule]:
    """Make a rule of the table of a function that is given the stack and yields problems."""
    return lambda check: Rule(name, TABLE[name]["control"], TABLE[name]["says"], frozenset(), None, check)


def value_at(source: object, path: str) -> object:
    """The value at a dotted path through objects, and through text that holds JSON. Raises Undecidable."""
    value = known(source)
    for part in path.split("."):
        value = unpacked(value)
        if not isinstance(value, Mapping):
            return None
        value = known(value.get(part))
    return unpacked(value)


def known(value: object) -> object:
    """`value`, out of its wrapping as a secret. Raises Undecidable when it is not known yet."""
    if isinstance(value, Mapping) and SECRET_MARK in value:
        value = value.get("value")
    if isinstance(value, str) and any(mark in value for mark in UNKNOWNS):
        raise Undecidable
    return value


def unpacked(value: object) -> object:
    """What JSON text says; providers get their nested settings, and ECS its containers, as such text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return known(json.loads(value))
        except ValueError:
            return value
    return value


def listed(value: object) -> list[object]:
    """A list, a single value as a list of it, nothing as an empty list. Raises Undecidable for the list itself."""
    value = unpacked(known(value))
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return [value]


def objects(value: object) -> list[Props]:
    """The objects of a list. Raises Undecidable when one of them is not known."""
    return [item for item in map(known, listed(value)) if isinstance(item, Mapping)]


def texts(value: object) -> list[str]:
    """The elements of a list as text. Raises Undecidable when one of them is not known."""
    return [str(known(item)) for item in listed(value)]


def number(value: object) -> float:
    """A number, 0 for nothing. The wire has only floating point, and some inputs are numbers in text."""
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return float(value)
    return 0.0
