"""From settings to dollars a month."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.costs.lines import MEDIA_PARTS, PARTS, Line, Usage
from infra.costs.models import minute
from infra.costs.rates import rates
from infra.settings import parse
from infra.settings.base import Environment

ASSUMED: Final = tomllib.loads(Path(__file__).with_name("usage.toml").read_text(encoding="utf-8"))
USAGE: Final[Mapping[Environment, Usage]] = {Environment(name): Usage(**row) for name, row in ASSUMED["month"].items()}


@dataclass(frozen=True)
class Estimate:
    """The bill of one stack."""

    environment: str
    usage: Usage
    lines: tuple[Line, ...]
    target: float
    models: Mapping[str, float | None]
    """By pipeline: dollars of one call-minute for models and media, paid to their providers and not in `lines`."""

    @property
    def total(self) -> float:
        """Dollars a month of infrastructure, without what has no rate."""
        return sum(line.usd or 0.0 for line in self.lines)

    @property
    def unpriced(self) -> tuple[Line, ...]:
        """What has no rate."""
        return tuple(line for line in self.lines if line.usd is None)

    @property
    def per_minute(self) -> float:
        """Dollars of infrastructure for one call-minute at the assumed usage."""
        return self.total / self.usage.minutes if self.usage.minutes else 0.0

    @property
    def over(self) -> float:
        """Dollars a month above the target; 0 when it is met."""
        return max(0.0, round(self.total - self.target, 2))


def estimate(raw: Mapping[str, Any], usage: Usage | None = None) -> Estimate:
    """The bill of a stack with this configuration, as `infra.settings.parse` takes it.

    Raises SettingsError, and ValueError for a stack that is not on AWS.
    """
    settings = parse(raw)
    if settings.environment is Environment.LOCAL:
        raise ValueError("the local stack runs on this machine's Docker engine and costs nothing")
    usage = usage or USAGE[settings.environment]
    target = rates().target[settings.environment]
    parts = MEDIA_PARTS if settings.media is not None else PARTS
    lines = tuple(line for part in parts for line in part(settings, usage, rates()))
    return Estimate(settings.environment.value, usage, lines, target, minute(settings, rates(), ASSUMED["minute"]))
