"""Alarms that tell an operator, each with the place in the runbook that answers it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, Resource, ResourceOptions

from infra.components.observability.places import Watched
from infra.components.observability.rules import Metric, Rule, rules
from infra.components.observability.topic import topic
from infra.context import Context


class Alarms(pulumi.ComponentResource):
    """The topic, and an alarm for each row of the table of rules; those that undo a deployment before the services."""

    topic_arn: Output[str]
    arns: dict[str, Output[str]]
    """By the rule's key."""
    deployment_alarm_names: dict[str, list[Output[str]]]
    """By service: alarms that undo a deployment."""

    def __init__(self, name: str, watched: Watched, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:observability:Alarms", name, None, opts)
        self._name, self._context = name, watched.context
        self._child = ResourceOptions(parent=self, provider=watched.context.provider)
        self.topic_arn = topic(name, watched.context, self)
        self.arns, self.deployment_alarm_names = {}, {}
        self._rules = rules(watched)
        for rule in self._rules:
            if rule.rolls_back:
                alarm = self._alarm(rule, self._child)
                self.deployment_alarm_names.setdefault(rule.rolls_back, []).append(alarm.name)
        self.register_outputs({"topicArn": self.topic_arn})

    def watch(self, services: Sequence[Resource]) -> None:
        """The other alarms, once there is something to watch: nobody is rung up for a service that is still coming."""
        # A component of its own: services wait for this one and all that is in it.
        watch = pulumi.ComponentResource("polyglot:observability:Watch", f"{self._name}-watch")
        waits = ResourceOptions(parent=watch, provider=self._context.provider, depends_on=list(services))
        for rule in self._rules:
            if not rule.rolls_back:
                self._alarm(rule, waits)

    def _alarm(self, rule: Rule, opts: ResourceOptions) -> aws.cloudwatch.MetricAlarm:
        alarm = aws.cloudwatch.MetricAlarm(
            rule.key,
            # Two stacks of one account ring in one mailbox.
            name=f"{self._context.name}-{rule.key}",
            alarm_description=describe(rule.says, rule.anchor, self._context),
            comparison_operator=rule.comparison,
            threshold=rule.threshold,
            evaluation_periods=rule.periods,
            datapoints_to_alarm=rule.periods,
            treat_missing_data=rule.missing,
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            **_watched(rule),
            opts=opts,
        )
        self.arns[rule.key] = alarm.arn
        return alarm


def describe(says: str, anchor: str, context: Context) -> str:
    """An alarm's text: what it means, and where the runbook says what to do."""
    return f"{context.name}: {says} {context.settings.observability.runbook}#{anchor}"


def _watched(rule: Rule) -> dict[str, Any]:
    if isinstance(rule.metric, Metric):
        return _single(rule.metric, rule.period)
    queries = [_query(key, metric, rule.period) for key, metric in rule.metric.items()]
    result = {"id": "result", "expression": rule.expression, "label": rule.key, "return_data": True}
    return {"metric_queries": [*queries, result]}


def _single(metric: Metric, period: int) -> dict[str, Any]:
    percentile = metric.stat.startswith("p")
    return {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "dimensions": _dimensions(metric.dimensions),
        "period": period,
        **({"extended_statistic": metric.stat} if percentile else {"statistic": metric.stat}),
        # A percentile of three calls says nothing; the alarm keeps its state then.
        **({"evaluate_low_sample_count_percentiles": "ignore"} if percentile else {}),
    }


def _dimensions(dimensions: Mapping[str, Input[str]]) -> dict[str, Input[str]] | None:
    return dict(dimensions) or None


def _query(key: str, metric: Metric, period: int) -> aws.cloudwatch.MetricAlarmMetricQueryArgsDict:
    return {
        "id": key,
        "return_data": False,
        "metric": {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "stat": metric.stat,
            "period": period,
            "dimensions": _dimensions(metric.dimensions),
        },
    }
