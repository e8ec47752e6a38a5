"""What is watched, from `alarms.toml`: each alarm on each place of the stack that it is about."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pulumi import Input

from infra.components.data import Database
from infra.components.observability.catalog import namespace
from infra.context import Context
from infra.services import SERVICES

TABLE: Final = Path(__file__).with_name("alarms.toml")
BAD: Final = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}
GIB: Final = 1024**3
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


@dataclass(frozen=True)
class Place:
    """Something with metrics."""

    namespace: str
    dimensions: Mapping[str, Input[str]]
    name: str = ""
    """Where there are several."""
    scale: float = 1
    """What a threshold is a part of."""


def rules(  # noqa: PLR0913 - what is watched
    context: Context,
    *,
    load_balancer: Input[str],
    target_group: Input[str],
    database: Database | None,
    nat_gateway_ids: Sequence[Input[str]],
    nat_group: Input[str] | None = None,
) -> list[Rule]:
    """Every alarm of a stack; its services and cluster have fixed names, so alarms can be made before them."""
    balancer, elb = {"LoadBalancer": load_balancer}, "AWS/ApplicationELB"
    data = [] if database is None else [Place("AWS/RDS", {database.dimension: database.identifier})]
    disk = context.settings.data.postgres_storage * GIB
    places = {
        "own": [Place(namespace(context), {})],
        "alb": [Place(elb, balancer)],
        "targets": [Place(elb, {**balancer, "TargetGroup": target_group})],
        "services": [Place("AWS/ECS", {"ClusterName": context.name, "ServiceName": name}, name) for name in SERVICES],
        "database": data,
        # Aurora's storage has no end.
        "storage": [
            Place("AWS/RDS", one.dimensions, scale=disk) for one in data if database and not database.serverless
        ],
        "nat": [
            Place("AWS/NATGateway", {"NatGatewayId": gateway}, str(index))
            for index, gateway in enumerate(nat_gateway_ids)
        ],
        "nat-group": [] if nat_group is None else [Place("AWS/EC2", {"AutoScalingGroupName": nat_group})],
    }
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [rule for key, row in table.items() for rule in _rules(key, row, places, context)]


def _rules(key: str, row: Mapping[str, Any], places: Mapping[str, Sequence[Place]], context: Context) -> Iterator[Rule]:
    where, name, stat, sign, threshold = row["watch"].split()
    periods, seconds = row.get("for", (1, 300))
    # A stack that sleeps at night reports nothing then, and that is how it should be.
    asleep = where == "own" and context.settings.agent.sleeps
    for place in places[where]:
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
