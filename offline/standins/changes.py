"""What differs between two sets of inputs, and what the cloud can only do by replacing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from offline.standins.check import table
from offline.standins.values import Plain, Properties


@dataclass(frozen=True)
class Change:
    """One differing property: its path, `add`, `delete` or `update`, and whether it forces a replacement."""

    path: str
    kind: str
    replaces: bool


def forces_replacement(type_: str, path: str) -> bool:
    """Whether a change at a path (without indexes) cannot be made in place."""
    rules = table("replace").get(type_, {})
    kept = cast("list[str]", rules.get("never", []))
    forced = cast("list[str]", rules.get("always", []))
    parts = path.split(".")
    prefixes = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    return bool(prefixes & set(forced)) or ("*" in forced and not prefixes & set(kept))


def _same_document(old: Plain, new: Plain) -> bool:
    """Two JSON documents that differ in white space or the order of keys are the same to AWS."""
    if not (isinstance(old, str) and isinstance(new, str) and old[:1] in {"{", "["} and new[:1] in {"{", "["}):
        return False
    try:
        return bool(json.loads(old) == json.loads(new))
    except ValueError:
        return False


def _differences(old: Plain, new: Plain, path: str, key: str) -> Iterator[tuple[str, str, str]]:
    if old == new or _same_document(old, new):
        return
    if old is None or new is None:
        yield path, key, "add" if old is None else "delete"
    elif isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            inner = (f"{path}.{name}", f"{key}.{name}") if path else (name, name)
            yield from _differences(old.get(name), new.get(name), *inner)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _differences(before, after, f"{path}[{index}]", key)
    else:
        yield path, key, "update"


def compare(type_: str, olds: Properties, news: Properties) -> list[Change]:
    """Every difference between old and new inputs of a type; the bridge's own marks are not compared."""
    before = {name: value for name, value in olds.items() if not name.startswith("__")}
    after = {name: value for name, value in news.items() if not name.startswith("__")}
    return [
        Change(path, kind, forces_replacement(type_, key)) for path, key, kind in _differences(before, after, "", "")
    ]
