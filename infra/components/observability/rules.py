"""What is watched, from `alarms.toml`: each alarm on each place of the stack that it is about."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pulumi import Input

from infra.components.observability.places import Place, Watched, places
from infra.context import Context

TABLE: Final = Path(__file__).with_name("alarms.toml")
BAD: Final = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}
SHARE: Final = "IF(FILL(requests, 0) >= 20, 100 * FILL(errors, 0) / requests, 0)"


@dataclass(frozen=True)
class Metric:
    """One CloudWatch series and its statistic: `Sum`, `Average`, `SampleCount`, a percentile."""

    namespace: str
    name: str
    stat: str
    dimensions: Mapping[str, Input[str]]


@dataclass(frozen=True)
class Rule:
    """One alarm; `anchor` is its heading in the runbook."""

    key: str
    anchor: str
    says: str
    metric: Metric | Mapping[str, Metric]
    """One series, or several by the name that `expression` gives them."""
    threshold: float
    comparison: str
    period: int
    """Seconds."""
    periods: int
    expression: str | None
    missing: str
    """What it is taken for when there is no observation: `breaching` or `notBreaching`."""
    rolls_back: str | None
    """The service whose deployment is undone while this alarm is on."""


def rules(watched: Watched) -> list[Rule]:
    """Every alarm of a stack."""
    where = places(watched)
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [rule for key, row in table.items() for rule in _rules(key, row, where, watched.context)]


def _rules(key: str, row: Mapping[str, Any], known: Mapping[str, Sequence[Place]], context: Context) -> Iterator[Rule]:
    where, name, stat, sign, threshold = row["watch"].split()
    periods, seconds = row.get("for", (1, 300))
    # A stack that sleeps at night reports nothing then, and that is how it should be.
    asleep = where == "own" and context.settings.agent.sleeps
    for place in known[where]:
        one = Metric(place.namespace, name, stat, place.dimensions)
        shared = row.get("share_of")
        all_of_it = Metric(place.namespace, shared or "", stat, place.dimensions)
        yield Rule(
            key.format(place.name),
            row.get("anchor", key),
            row["says"].format(place.name),
            {"errors": one, "requests": all_of_it} if shared else one,
            round(float(threshold) * place.scale) if place.scale > 1 else float(threshold),
            BAD[sign],
            seconds,
            periods,
            SHARE if shared else None,
            "breaching" if row.get("silence_is_bad") and not asleep else "notBreaching",
            row.get("rolls_back"),
        )
