"""Alarms that tell an operator, each with the place in the runbook that answers it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Output, Resource, ResourceOptions

from infra.components.observability.places import Place, Watched, places
from infra.components.observability.topic import topic
from infra.context import Context

TABLE: Final = Path(__file__).with_name("alarms.toml")
BAD: Final = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}
SHARE: Final = "IF(FILL(requests, 0) >= 20, 100 * FILL(errors, 0) / requests, 0)"


@dataclass(frozen=True)
class Alarm:
    """A row of the table at one of its places."""

    key: str
    row: Mapping[str, Any]
    place: Place

    @property
    def rolls_back(self) -> str | None:
        """The service whose deployment is undone while this alarm is on."""
        return self.row.get("rolls_back")


class Alarms(pulumi.ComponentResource):
    """The topic, and an alarm for each row of the table at each of its places; those that undo a deployment before the services."""

    topic_arn: Output[str]
    arns: dict[str, Output[str]]
    """By the row's key."""
    deployment_alarm_names: dict[str, list[Output[str]]]
    """By service: alarms that undo a deployment."""

    def __init__(self, name: str, watched: Watched, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:observability:Alarms", name, None, opts)
        self._name, self._context = name, watched.context
        child = ResourceOptions(parent=self, provider=watched.context.provider)
        self.topic_arn = topic(name, watched.context, self)
        self.arns, self.deployment_alarm_names = {}, {}
        known = places(watched)
        self._alarms = [
            Alarm(key.format(place.name), row, place)
            for key, row in tomllib.loads(TABLE.read_text(encoding="utf-8")).items()
            for place in known[row["watch"].split()[0]]
        ]
        for alarm in self._alarms:
            if alarm.rolls_back:
                made = self._alarm(alarm, child)
                self.deployment_alarm_names.setdefault(alarm.rolls_back, []).append(made.name)
        self.register_outputs({"topicArn": self.topic_arn})

    def watch(self, services: Sequence[Resource]) -> None:
        """The other alarms, once there is something to watch: nobody is rung up for a service that is still coming."""
        # A component of its own: services wait for this one and all that is in it.
        watch = pulumi.ComponentResource("polyglot:observability:Watch", f"{self._name}-watch")
        waits = ResourceOptions(parent=watch, provider=self._context.provider, depends_on=list(services))
        for alarm in self._alarms:
            if not alarm.rolls_back:
                self._alarm(alarm, waits)

    def _alarm(self, alarm: Alarm, opts: ResourceOptions) -> aws.cloudwatch.MetricAlarm:
        row, place, context = alarm.row, alarm.place, self._context
        where, _, _, sign, threshold = row["watch"].split()
        periods, seconds = row.get("for", (1, 300))
        # A stack that sleeps at night reports nothing then, and that is how it should be.
        asleep = where == "own" and context.settings.agent.sleeps
        made = aws.cloudwatch.MetricAlarm(
            alarm.key,
            # Two stacks of one account ring in one mailbox.
            name=f"{context.name}-{alarm.key}",
            alarm_description=describe(row["says"].format(place.name), row.get("anchor", alarm.key), context),
            comparison_operator=BAD[sign],
            threshold=round(float(threshold) * place.scale) if place.scale > 1 else float(threshold),
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            treat_missing_data="breaching" if row.get("silence_is_bad") and not asleep else "notBreaching",
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            **(_share(alarm, seconds) if "share_of" in row else _single(alarm, seconds)),
            opts=opts,
        )
        self.arns[alarm.key] = made.arn
        return made


def describe(says: str, anchor: str, context: Context) -> str:
    """An alarm's text: what it means, and where the runbook says what to do."""
    return f"{context.name}: {says} {context.settings.observability.runbook}#{anchor}"


def _single(alarm: Alarm, period: int) -> dict[str, Any]:
    _, metric, stat, *_ = alarm.row["watch"].split()
    # A percentile of three calls says nothing; the alarm keeps its state then.
    percentile = {"extended_statistic": stat, "evaluate_low_sample_count_percentiles": "ignore"}
    return {
        "namespace": alarm.place.namespace,
        "metric_name": metric,
        "dimensions": dict(alarm.place.dimensions) or None,
        "period": period,
        **(percentile if stat.startswith("p") else {"statistic": stat}),
    }


def _share(alarm: Alarm, period: int) -> dict[str, Any]:
    """Percent of one series in another."""
    _, errors, stat, *_ = alarm.row["watch"].split()
    series = {"errors": errors, "requests": alarm.row["share_of"]}
    place = {"namespace": alarm.place.namespace, "dimensions": dict(alarm.place.dimensions) or None}
    queries = [
        {"id": key, "return_data": False, "metric": {**place, "metric_name": metric, "stat": stat, "period": period}}
        for key, metric in series.items()
    ]
    result = {"id": "result", "expression": SHARE, "label": alarm.key, "return_data": True}
    return {"metric_queries": [*queries, result]}
