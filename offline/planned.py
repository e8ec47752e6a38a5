"""What the engine says it would do, collected from its events."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.automation import events

MARKS = {
    "create": "+",
    "create-replacement": "+-",
    "replace": "+-",
    "delete": "-",
    "delete-replaced": "-",
    "update": "~",
    "read": ">",
    "refresh": "~",
    "same": " ",
}
_PARTS_OF_A_REPLACEMENT = frozenset({"create-replacement", "delete-replaced"})


@dataclass(frozen=True)
class Planned:
    """One resource as the engine plans it; `props` are its inputs, with secrets hidden."""

    urn: str
    type: str
    operation: str
    parent: str = ""
    protect: bool = False
    props: Mapping[str, Any] = field(default_factory=dict)  # JSON
    changed: tuple[str, ...] = ()
    """Paths of the properties that differ from the state."""

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def mark(self) -> str:
        """The operation as one or two characters."""
        return MARKS.get(self.operation, "?")


class Collector:
    """Takes the engine's events; give `take` to the Automation API as `on_event`."""

    def __init__(self) -> None:
        self._planned: dict[str, Planned] = {}
        self.errors: list[str] = []
        self.seconds = 0.0

    def take(self, event: events.EngineEvent) -> None:
        """One event."""
        if event.resource_pre_event is not None:
            self._step(event.resource_pre_event.metadata)
        elif event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
            self.errors.append(event.diagnostic_event.message.strip())
        elif event.summary_event is not None:
            self.seconds = event.summary_event.duration_seconds

    def _step(self, metadata: events.StepEventMetadata) -> None:
        operation = str(getattr(metadata.op, "value", metadata.op))
        state = metadata.new or metadata.old
        if operation in _PARTS_OF_A_REPLACEMENT or state is None:
            return
        props = {name: value for name, value in (state.inputs or {}).items() if not name.startswith("__")}
        self._planned[metadata.urn] = Planned(
            metadata.urn,
            metadata.type,
            operation,
            state.parent or "",
            bool(state.protect),
            props,
            tuple(sorted(metadata.detailed_diff or metadata.diffs or ())),
        )

    @property
    def resources(self) -> list[Planned]:
        """Everything that will exist or be removed, in the order in which the engine met it."""
        return list(self._planned.values())

    @property
    def counts(self) -> Mapping[str, int]:
        """How many resources for each operation."""
        return Counter(item.operation for item in self._planned.values())


def tree(resources: Iterable[Planned]) -> list[str]:
    """The resources as an indented tree, components with their children, each with its mark."""
    children: dict[str, list[Planned]] = {}
    known = {item.urn: item for item in resources}
    for item in known.values():
        children.setdefault(item.parent if item.parent in known else "", []).append(item)
    lines: list[str] = []

    def add(parent: str, depth: int) -> None:
        for item in sorted(children.get(parent, []), key=lambda item: (item.type, item.name)):
            changed = f"  [{', '.join(item.changed)}]" if item.changed and item.operation != "create" else ""
            lines.append(f"{item.mark:>2} {'   ' * depth}{item.type}  {item.name}{changed}")
            add(item.urn, depth + 1)

    add("", 0)
    return lines
