"""Property values between the engine's wire format and plain Python.

Plain values are None, bool, int, float, str, list and dict; an unknown is the engine's own marker string, and an asset,
an archive or a resource reference stays the dict with the engine's signature key.
"""

from collections.abc import Mapping

from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime import rpc

UNKNOWN: str = rpc.UNKNOWN
SIGNATURE: str = rpc._special_sig_key  # noqa: SLF001 - the SDK has no public name for the wire format's keys
SECRET: str = rpc._special_secret_sig  # noqa: SLF001

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
Properties = dict[str, Plain]


def _plain(value: Value) -> Plain:
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return value.string_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    if kind == "struct_value":
        fields: Properties = {key: _plain(item) for key, item in value.struct_value.fields.items()}
        return fields.get("value") if fields.get(SIGNATURE) == SECRET else fields
    return None


def decode(struct: Struct) -> Properties:
    """A message's properties as plain values; secrets are unwrapped (the engine marks what comes back)."""
    return {key: _plain(value) for key, value in struct.fields.items() if not key.startswith("__")}


def encode(properties: Mapping[str, Plain]) -> Struct:
    """Plain values as a message; what is None is left out, as providers do."""
    struct = Struct()
    struct.update({key: value for key, value in properties.items() if value is not None})
    return struct


def is_special(value: Plain) -> bool:
    """Whether a value is unknown as yet, or an asset, an archive or a reference to a resource."""
    return value == UNKNOWN or (isinstance(value, dict) and SIGNATURE in value)


def has_unknown(value: Plain) -> bool:
    """Whether anything inside a value is unknown as yet."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value == UNKNOWN


def text(properties: Mapping[str, Plain], key: str, default: str = "") -> str:
    """A string property; the default where it is absent or not a string."""
    value = properties.get(key)
    return value if isinstance(value, str) else default
