"""Strict checks of a resource's inputs: unknown, missing, wrong type, a value that the cloud does not have."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from offline.standins.schema import Object, Schema, Shape
from offline.standins.values import Plain, Properties, is_special

Allowed = Mapping[str, object]
"""Property path without indexes -> the values that the cloud takes, or the word "json", or "open" where
the SDK's list of values is older than the cloud's."""


@dataclass(frozen=True)
class Failure:
    """What is wrong with which property (a path such as `defaultActions[0].type`)."""

    path: str
    reason: str


@cache
def table(name: str) -> Mapping[str, Mapping[str, object]]:
    """One of this package's data files, by resource type."""
    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _is_number(value: Plain, *, whole: bool) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):  # Pulumi's bridge takes numbers in strings
        try:
            number = float(value)
        except ValueError:
            return False
        return number.is_integer() or not whole
    return isinstance(value, int) or (isinstance(value, float) and (value.is_integer() or not whole))


def _is_scalar(kind: str, value: Plain) -> bool:
    if kind == "str":  # the bridge writes booleans and numbers out
        return isinstance(value, str | int | float)
    if kind == "bool":
        return isinstance(value, bool) or value in ("true", "false")
    return _is_number(value, whole=kind == "int")


_NAMES = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "map": "a map",
    "object": "an object",
    "asset": "an asset or archive",
}


def _kind(value: Plain) -> str:
    """How a value's type is called in a message; never the value itself, which may be a secret."""
    by_type = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return by_type.get(type(value), "nothing")


def _choices(values: object) -> str:
    return ", ".join(str(value) for value in values) if isinstance(values, list | tuple) else str(values)


class _Checker:
    def __init__(self, schema: Schema, allowed: Allowed) -> None:
        self._schema = schema
        self._allowed = allowed

    def object(self, shape: Object, value: Properties, path: str, key: str) -> Iterator[Failure]:
        """`key` is the path without indexes."""
        prefix, key_prefix = (f"{path}.", f"{key}.") if path else ("", "")
        for name, item in value.items():
            if name.startswith("__"):
                continue
            if name not in shape.properties:
                known = ", ".join(sorted(shape.properties))
                yield Failure(prefix + name, f"is not a property here; known are: {known}")
                continue
            yield from self.value(shape.properties[name], item, prefix + name, key_prefix + name)
        for name in shape.required:
            if value.get(name) is None:
                yield Failure(prefix + name, "is required and missing")

    def value(self, shape: Shape, value: Plain, path: str, key: str) -> Iterator[Failure]:
        if value is None or shape.kind == "any" or (is_special(value) and shape.kind != "asset"):
            return
        if shape.kind == "union":
            yield from self._union(shape, value, path, key)
        elif shape.kind in {"str", "int", "float", "bool"}:
            if not _is_scalar(shape.kind, value):
                yield Failure(path, f"must be {_NAMES[shape.kind]}, not {_kind(value)}")
        elif shape.kind == "enum":
            if value not in shape.values and self._allowed.get(key) != "open":
                yield Failure(path, f"has a value that does not exist; allowed are: {_choices(shape.values)}")
        else:
            yield from self._compound(shape, value, path, key)
        yield from self._known(value, path, key)

    def _compound(self, shape: Shape, value: Plain, path: str, key: str) -> Iterator[Failure]:
        if shape.kind == "list" and isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.value(shape.of[0], item, f"{path}[{index}]", key)
        elif shape.kind == "map" and isinstance(value, dict):
            for name, item in value.items():
                yield from self.value(shape.of[0], item, f"{path}.{name}", f"{key}.*")
        elif shape.kind == "object" and isinstance(value, dict):
            yield from self.object(self._schema.objects[shape.name], value, path, key)
        elif shape.kind != "asset" or not is_special(value):
            yield Failure(path, f"must be {_NAMES[shape.kind]}, not {_kind(value)}")

    def _union(self, shape: Shape, value: Plain, path: str, key: str) -> Iterator[Failure]:
        attempts = [list(self.value(member, value, path, key)) for member in shape.of]
        if all(attempts):
            yield from min(attempts, key=len)

    def _known(self, value: Plain, path: str, key: str) -> Iterator[Failure]:
        """What the cloud takes although the SDK only says "a string"."""
        allowed = self._allowed.get(key)
        if isinstance(allowed, list) and isinstance(value, str | int) and value not in allowed:
            yield Failure(path, f"has a value that does not exist; allowed are: {_choices(allowed)}")
        if allowed == "json" and isinstance(value, str):
            try:
                json.loads(value)
            except ValueError:
                yield Failure(path, "must be a JSON document")


def check(schema: Schema, allowed: Allowed, inputs: Properties) -> list[Failure]:
    """Everything that is wrong with a resource's inputs; no message holds a value of them."""
    return list(_Checker(schema, allowed).object(schema.inputs, inputs, "", ""))
