"""From settings to dollars a month, and to the settings that would make it less."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from infra.costs.lines import PARTS, Line, Usage
from infra.costs.rates import rates
from infra.settings import Settings, SettingsError, parse
from infra.settings.base import Environment

USAGE: Final[Mapping[Environment, Usage]] = {
    Environment.STAGING: Usage(
        minutes=500, lcus=0.05, log_gb=1, nat_gb=5, requests=0.1, image_gb=2, alarms=23, metrics=12, insights_metrics=42
    ),
    Environment.PROD: Usage(
        minutes=20_000,
        lcus=1,
        log_gb=10,
        nat_gb=20,
        requests=1,
        image_gb=10,
        alarms=27,
        metrics=22,
        insights_metrics=42,
    ),
}
"""What a month is assumed to be like; every report prints it."""


@dataclass(frozen=True)
class Remedy:
    """A change that costs less."""

    key: str
    """As `pulumi config set --path polyglot:KEY VALUE` takes it."""
    value: str
    saves: float
    """Dollars a month."""
    means: str
    """What is lost by it."""


@dataclass(frozen=True)
class Estimate:
    """The bill of one stack."""

    environment: str
    usage: Usage
    lines: tuple[Line, ...]
    target: float
    remedies: tuple[Remedy, ...]
    """Cheaper settings of which each is allowed here, the greatest saving first; empty when the target is met."""

    @property
    def total(self) -> float:
        """Dollars a month, without what has no rate."""
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


CHEAPER: Final[Sequence[tuple[str, Any, str]]] = (
    ("network.nat", "instance", "one small instance is the way out; its zone's failure cuts calls"),
    ("network.nat", "single", "one zone's failure cuts the others' way out"),
    ("architecture", "arm64", "images are built for ARM"),
    ("edge.waf", False, "no firewall, no rate limit before the API"),
    ("edge.cloudfront", True, "the load balancer becomes private, behind CloudFront"),
    ("data.database", "none", "sessions are lost with each task"),
    ("data.multi_az", False, "no standby: minutes without a database when a zone fails"),
    ("data.valkey", False, "each API task counts limits and remembers calls for itself"),
    ("agent.spot", True, "AWS takes tasks back during calls"),
    ("agent.tasks_min", 1, "no second agent until one is started"),
    ("api.tasks_min", 1, "no second API task until one is started"),
    ("agent", {"cpu": 512, "memory": 1024, "calls_per_task": 4, "calls_target": 2}, "fewer calls in each task"),
    ("api", {"cpu": 256, "memory": 512}, "fewer requests in each task"),
    ("observability.insights", "disabled", "no Container Insights"),
)
"""Settings that cost less, and what each gives up. Which are allowed, the settings themselves decide."""


REFUSED_IN_PROD: Final = frozenset({"data.multi_az"})
"""Changes that the settings would take and the policy pack refuses (prod-database-has-a-standby)."""


def estimate(raw: Mapping[str, Any], usage: Usage | None = None) -> Estimate:
    """The bill of a stack with this configuration, as `infra.settings.parse` takes it.

    Raises SettingsError, and ValueError for a stack that is not on AWS.
    """
    settings = parse(raw)
    if settings.environment is Environment.LOCAL:
        raise ValueError("the local stack runs on this machine's Docker engine and costs nothing")
    usage = usage or USAGE[settings.environment]
    lines = _lines(settings, usage)
    target = rates().target[settings.environment]
    total = sum(line.usd or 0.0 for line in lines)
    remedies = tuple(_remedies(settings, usage, total)) if total > target else ()
    return Estimate(settings.environment.value, usage, lines, target, remedies)


def _lines(settings: Settings, usage: Usage) -> tuple[Line, ...]:
    return tuple(line for part in PARTS for line in part(settings, usage, rates()))


def _remedies(settings: Settings, usage: Usage, total: float) -> list[Remedy]:
    raw = settings.model_dump(mode="json", exclude_unset=True)
    found = []
    for key, value, means in CHEAPER:
        if settings.prod and key in REFUSED_IN_PROD:
            continue
        changed = _with(raw, key, value)
        try:
            cheaper = sum(line.usd or 0.0 for line in _lines(parse(changed), usage))
        except SettingsError:
            continue  # not allowed here, prod for example takes no short cuts
        saves = round(total - cheaper, 2)
        if saves > 0:
            found.append(Remedy(key, _text(value), saves, means))
    return sorted(found, key=lambda remedy: -remedy.saves)


def _with(raw: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
    section, _, field = key.partition(".")
    if not field and not isinstance(value, Mapping):
        return {**raw, section: value}
    part = value if isinstance(value, Mapping) else {field: value}
    return {**raw, section: {**raw.get(section, {}), **part}}


def _text(value: Any) -> str:  # noqa: ANN401 - any setting
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def needed(found: Estimate) -> Iterator[Remedy]:
    """The fewest remedies that bring the bill to its target, or as near as is allowed.

    The smallest one that is enough; where none is, the greatest and then again.
    """
    left, choice = found.over, list(found.remedies)
    while left > 0 and choice:
        enough = [remedy for remedy in choice if remedy.saves >= left]
        best = enough[-1] if enough else choice[0]
        yield best
        left -= best.saves
        choice = [remedy for remedy in choice if remedy.key != best.key]
