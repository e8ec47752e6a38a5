"""What differs from the last preview of a stack, which is kept as JSON; secrets are hidden before they come here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offline.planned import Planned
from offline.standins import changes

LONGEST = 60  # characters of a value


@dataclass(frozen=True)
class Difference:
    """Resources added, removed, and changed since the last preview, as lines to show; `first`: there was none."""

    first: bool
    lines: tuple[str, ...] = ()


def _label(item: dict[str, Any]) -> str:
    return f"{item['type']}  {str(item['urn']).rpartition('::')[2]}"


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _at(value: object, path: str) -> object:
    for part in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(value, list):
            value = value[int(part)] if part.isdigit() and int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    found = changes.compare(new["type"], old["props"], new["props"])
    return [
        f"      {item.path}: {_short(_at(old['props'], item.path))} -> {_short(_at(new['props'], item.path))}"
        for item in found
    ]


def compare(path: Path, resources: Sequence[Planned]) -> Difference:
    """Compare a preview with the one before, and keep it for the next time."""
    now = {item.urn: {"urn": item.urn, "type": item.type, "props": dict(item.props)} for item in resources}
    before: dict[str, dict[str, Any]] | None = None
    if path.is_file():
        before = {item["urn"]: item for item in json.loads(path.read_text(encoding="utf-8"))}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(now.values()), indent=1), encoding="utf-8")
    if before is None:
        return Difference(first=True)
    lines = [f" + {_label(now[urn])}" for urn in now if urn not in before]
    lines += [f" - {_label(item)}" for urn, item in before.items() if urn not in now]
    for urn, item in now.items():
        inner = _changed(before[urn], item) if urn in before else []
        lines += [f" ~ {_label(item)}", *inner] if inner else []
    return Difference(first=False, lines=tuple(lines))
