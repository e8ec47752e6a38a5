"""Base of every wire type: immutable, and closed, so that a misspelt field is an error and not a silence."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from contracts.names import WIRE_VERSION


def _written_as_a_time(value: Any) -> Any:  # noqa: ANN401 - whatever was sent
    """Pydantic also takes numbers, and digits in a text, for seconds since 1970: what nobody means who is sent a schema."""
    if isinstance(value, int | float) or (isinstance(value, str) and ":" not in value):
        raise ValueError("is not a time; for example 2026-11-28T10:00:00Z")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written_as_a_time)]
"""A moment with its offset, as RFC 3339 writes it."""


class Wire(BaseModel):
    """An immutable message part that refuses fields it does not define."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class VersionedWire(Wire):
    """A whole message: carries the version of this package's definitions."""

    version: Literal[1] = WIRE_VERSION
