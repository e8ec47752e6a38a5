"""The table of rates."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

FILE: Final = Path(__file__).with_name("rates.toml")


class Rate(BaseModel):
    """One price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    usd: float = Field(ge=0)
    unit: str
    source: str = Field(pattern=r"^https://")
    checked: bool = True
    """False: from general knowledge."""


class SourceOf(BaseModel):
    """Where a table of instance prices is from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https://")
    checked: list[str]


class Rates(BaseModel):
    """All prices of one region."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: str
    read: str = Field(pattern=r"^\d{4}-\d{2}$")
    hours: float
    target: Mapping[str, float]
    free: Mapping[str, float]
    """What CloudWatch gives each account every month."""
    rate: Mapping[str, Rate]
    instance: Mapping[str, float]
    instance_source: SourceOf = Field(alias="instance-source")
    database: Mapping[str, float]
    database_source: SourceOf = Field(alias="database-source")

    def usd(self, name: str) -> float:
        """Dollars for one unit. Raises KeyError for a name that the table does not have."""
        return self.rate[name].usd

    def hourly(self, name: str) -> float:
        """Dollars a month of something billed by the hour."""
        return self.usd(name) * self.hours

    def unchecked(self) -> list[str]:
        """Names of the rates that were not looked up."""
        loose = [name for name, rate in self.rate.items() if not rate.checked]
        loose += [name for name in self.instance if name not in self.instance_source.checked]
        return loose + [name for name in self.database if name not in self.database_source.checked]


@cache
def rates() -> Rates:
    """The table. Raises pydantic.ValidationError when the file is not as it should be."""
    return Rates.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
