"""What a stand-in must know of its cloud; the protocol itself is in `provider`."""

import importlib.metadata
import json
import re
from dataclasses import dataclass
from typing import cast

from offline.standins import naming
from offline.standins.check import table
from offline.standins.schema import Schema, Shape
from offline.standins.values import Plain, Properties
from offline.standins.world import World, hexadecimal


class RefusedError(Exception):
    """The cloud refuses; the message is the user's."""


@dataclass(frozen=True)
class Birth:
    """A resource about to be created."""

    type_: str
    urn: str
    number: int
    """How often this URN was created before."""
    inputs: Properties

    @property
    def seed(self) -> str:
        """What all its made-up values follow from."""
        return f"{self.urn}#{self.number}"

    @property
    def logical(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]


class _Fields(dict[str, str]):
    """Fields of a template: `hex17` gives 17 digits, `hex17_x` 17 others, what is unknown gives nothing."""

    def __init__(self, seed: str, fields: dict[str, str]) -> None:
        super().__init__(fields)
        self._seed = seed

    def __missing__(self, key: str) -> str:
        found = re.fullmatch(r"(hex|num)(\d+)(_\w+)?", key)
        if found is None:
            return ""
        digits = hexadecimal(self._seed + (found[3] or ""), int(found[2]))
        return digits if found[1] == "hex" else "".join(str(int(digit, 16) % 10) for digit in digits)


class Cloud:
    """A cloud without peculiarities: every resource gets an id and what `outputs.toml` says of its type."""

    plugin = ""
    """The plugin's name, as in `pulumi-resource-<name>`."""
    package = ""
    """The Python SDK that the checks come from."""

    def __init__(self) -> None:
        self.config: Properties = {}

    @property
    def version(self) -> str:
        """The SDK's version."""
        return importlib.metadata.version(self.package.replace("_", "-"))

    def settings(self, schema: Schema, raw: Properties) -> Properties:
        """A provider's settings; what is not a string travels as JSON in a string."""
        return {name: _from_json(schema.inputs.properties.get(name), value) for name, value in raw.items()}

    def configure(self, config: Properties) -> None:
        """Take the provider's settings.

        Raises:
            RefusedError: the account is not one of those allowed.

        """
        self.config = config

    def prepare(self, schema: Schema, inputs: Properties) -> Properties:
        """Inputs with what the provider adds to them."""
        del schema
        return inputs

    def fields(self) -> dict[str, str]:
        """Fields that any template may use."""
        return {}

    def tags(self, schema: Schema, inputs: Properties) -> Properties:
        """What follows from the tags."""
        del schema, inputs
        return {}

    def content(self, type_: str, inputs: Properties) -> Properties:
        """Outputs that follow from things outside the inputs; when one differs from the state's, there is a change."""
        del type_, inputs
        return {}

    def computed(self, type_: str, schema: Schema, inputs: Properties) -> set[str]:
        """Names of the outputs that only the cloud can tell."""
        named = {name for name in table("outputs").get(type_, {}) if name != "id"}
        return (named | set(schema.outputs) - set(schema.inputs.properties)) - set(inputs)

    def create(self, birth: Birth, schema: Schema, world: World) -> tuple[str, Properties]:
        """The id and all properties of a new resource.

        Raises:
            RefusedError: the cloud does not make it.

        """
        del world
        rules = dict(table("outputs").get(birth.type_, {}))
        given = {name: str(value) for name, value in birth.inputs.items() if isinstance(value, str | int)}
        made: Properties = naming.from_prefix(naming.rule(birth.type_, schema), birth.seed, birth.inputs)
        given.update({name: str(value) for name, value in made.items()})
        fields = _Fields(birth.seed, {"logical": birth.logical, **self.fields(), **given})
        identifier = str(rules.pop("id", "")).format_map(fields) or fields["hex17"]
        fields["id"] = identifier
        for name, rule in rules.items():
            if name not in birth.inputs:
                made[name] = _rendered(rule, fields)
                fields[name] = str(made[name])
        if "arn" in schema.outputs and "arn" not in made:
            service, _, kind = birth.type_.split(":")[1].partition("/")
            made["arn"] = f"arn:{{partition}}:{service}:{{region}}:{{account}}:{kind}/{{id}}".format_map(fields)
        made.update(self.tags(schema, birth.inputs))
        made.update(self.content(birth.type_, birth.inputs))
        return identifier, {**made, **birth.inputs}

    def unique(self, type_: str) -> bool:
        """Whether two resources of a type cannot have the same name."""
        del type_
        return False

    def address(self, type_: str, identifier: str, properties: Properties) -> str:
        """What tells a resource from all others of its type, where its id does not."""
        del type_, properties
        return identifier

    def may_delete(self, type_: str, properties: Properties) -> None:
        """Raise `RefusedError` for what the cloud would not delete."""

    def invoke(self, type_: str, arguments: Properties, world: World) -> Properties:
        """A data source's answer.

        Raises:
            RefusedError: the stand-in does not know the data source, or there is no such thing.

        """
        del arguments, world
        raise RefusedError(f"the stand-in for {self.plugin} does not know the data source {type_}")


def _rendered(rule: object, fields: _Fields) -> Plain:
    """A template with its fields filled in: a string, or a list or table of templates; numbers stay as they are."""
    if isinstance(rule, list):
        return [_rendered(item, fields) for item in rule]
    if isinstance(rule, dict):
        return {str(name): _rendered(item, fields) for name, item in rule.items()}
    return rule if isinstance(rule, int) else str(rule).format_map(fields)


def _from_json(shape: Shape | None, value: Plain) -> Plain:
    if shape is None or shape.kind == "str" or not isinstance(value, str):
        return value
    try:
        return cast("Plain", json.loads(value))
    except ValueError:
        return value
