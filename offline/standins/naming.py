"""Physical names of resources that were given none, as Pulumi's bridge makes them: the logical name and seven digits."""

from dataclasses import dataclass

from offline.standins.check import table
from offline.standins.schema import Schema
from offline.standins.values import Properties
from offline.standins.world import hexadecimal

DIGITS = 7
PREFIXED = 26
"""Digits that the cloud's API client adds to a prefix."""
LONGEST = 255
DEFAULTS = "__defaults"
"""The bridge's own mark in a resource's inputs: which of them it chose itself."""


@dataclass(frozen=True)
class Rule:
    """Which property holds the name, how long it may be, and whether it must be in lower case."""

    property: str = "name"
    longest: int = LONGEST
    lower: bool = False


def rule(type_: str, schema: Schema) -> Rule | None:
    """How a type is named; None for a type without names of its own."""
    found = table("names").get(type_, {})
    made = Rule(
        str(found.get("property", "name")), int(str(found.get("longest", LONGEST))), bool(found.get("lower", False))
    )
    shape = schema.inputs.properties.get(made.property)
    if shape is None or shape.kind != "str" or made.property in schema.inputs.required or found.get("property") == "":
        return None
    return made


def name(how: Rule | None, seed: str, logical: str, olds: Properties, news: Properties) -> Properties:
    """The inputs with a physical name: the given one, else the one it has, else a new one.

    A new one follows from `seed` alone, so that previews are stable.
    """
    if how is None or how.property in news or news.get(f"{how.property}Prefix") is not None:
        return {**news, DEFAULTS: []}
    old = olds.get(how.property)
    if isinstance(old, str):
        made = old
    else:
        stem = (logical.lower() if how.lower else logical)[: how.longest - DIGITS - 1]
        made = f"{stem}-{hexadecimal(seed, DIGITS)}"
    return {**news, how.property: made, DEFAULTS: [how.property]}


def from_prefix(how: Rule | None, seed: str, inputs: Properties) -> Properties:
    """The name that the cloud makes of a given prefix, as an output; nothing when there is none."""
    prefix = inputs.get(f"{how.property}Prefix") if how else None
    if how is None or how.property in inputs or not isinstance(prefix, str):
        return {}
    return {how.property: prefix + hexadecimal(seed, PREFIXED)}


def collides(type_: str, schema: Schema, olds: Properties, news: Properties) -> bool:
    """Whether a replacement would have the very name of what it replaces, so that the old one must go first."""
    how = rule(type_, schema)
    if how is None:
        return False
    chosen = news.get(DEFAULTS)
    given = not (isinstance(chosen, list) and how.property in chosen)
    return given and news.get(how.property) is not None and news.get(how.property) == olds.get(how.property)
