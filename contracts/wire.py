"""Base of every wire type: immutable, and closed, so that a misspelt field is an error and not a silence."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.names import WIRE_VERSION


class Wire(BaseModel):
    """An immutable message part that refuses fields it does not define."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class VersionedWire(Wire):
    """A whole message: carries the version of this package's definitions."""

    version: Literal[1] = WIRE_VERSION
