"""The registry of sources of fares, calendars and flight status (`fares.toml`): one list for the API, its log, the
infrastructure and the reference.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

SOURCES_VARIABLE: Final = "POLYGLOT_FARE_SOURCES"


class Gives(StrEnum):
    """What a source can be asked for."""

    FARES = "fares"
    CALENDAR = "calendar"
    """The lowest price of each day."""
    STATUS = "status"
    """Whether a flight is on time."""


class SourceSecret(BaseModel):
    """An environment variable with a key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    example: str
    pattern: str | None = None
    test_prefix: str | None = None


class SourceSetting(BaseModel):
    """Another environment variable."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["url", "seconds", "word"]
    default: str


class SourceEntry(BaseModel):
    """One source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    gives: tuple[Gives, ...]
    by_key: bool = False
    made_up: bool = False
    secrets: Mapping[str, SourceSecret] = Field(default_factory=dict)
    settings: Mapping[str, SourceSetting] = Field(default_factory=dict)


def read(text: str) -> Mapping[str, SourceEntry]:
    """Sources by name."""
    return {name: SourceEntry.model_validate(entry) for name, entry in tomllib.loads(text).items()}


FARE_SOURCES: Final = read((resources.files("contracts") / "fares.toml").read_text(encoding="utf-8"))
SOURCE_VARIABLES: Final = tuple(name for entry in FARE_SOURCES.values() for name in (*entry.secrets, *entry.settings))
"""Every environment variable of a source."""
