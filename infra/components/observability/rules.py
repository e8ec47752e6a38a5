"""The table of alarms: what is watched, from when on it is bad, and where the runbook answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pulumi import Input

from infra.components.data import Database
from infra.components.observability.catalog import LIVE_CALLS, namespace
from infra.context import Context
from infra.services import SERVICES

Comparison = Literal["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"]
Missing = Literal["notBreaching", "breaching", "ignore"]
MIB = 1024**2


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
    """What it means for callers, in one sentence."""
    metric: Metric | Mapping[str, Metric]
    """One series, or several by the name that `expression` gives them."""
    threshold: float
    comparison: Comparison = "GreaterThanThreshold"
    period: int = 300
    """Seconds."""
    periods: int = 1
    expression: str | None = None
    missing: Missing = "notBreaching"
    rolls_back: str | None = None
    """The service whose deployment is undone while this alarm is on."""


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
    return [
        *_deployments(context, load_balancer, target_group),
        *_calls(context),
        *_services(context, load_balancer),
        *_database(context, database),
        *(
            Rule(
                f"nat-{index}",
                "nat-ports",
                "The NAT gateway has no port left: new connections to LiveKit and the models fail.",
                Metric("AWS/NATGateway", "ErrorPortAllocation", "Sum", {"NatGatewayId": gateway}),
                0,
            )
            for index, gateway in enumerate(nat_gateway_ids)
        ),
        *(_nat_instance(nat_group) if nat_group is not None else ()),
    ]


def _nat_instance(group: Input[str]) -> list[Rule]:
    return [
        Rule(
            "nat-instance",
            "nat-instance",
            "The NAT instance is not well, or is not there: nothing inside reaches LiveKit or the models.",
            Metric("AWS/EC2", "StatusCheckFailed", "Maximum", {"AutoScalingGroupName": group}),
            0,
            period=60,
            periods=5,
            missing="breaching",
        )
    ]


def _deployments(context: Context, load_balancer: Input[str], target_group: Input[str]) -> list[Rule]:
    balancer = {"LoadBalancer": load_balancer}
    return [
        Rule(
            "api-errors",
            "api-errors",
            "More than 5 percent of requests fail in the API.",
            {
                "errors": Metric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", balancer),
                "requests": Metric("AWS/ApplicationELB", "RequestCount", "Sum", balancer),
            },
            5,
            # With few requests one failure would be a large part.
            expression="IF(FILL(requests, 0) >= 20, 100 * FILL(errors, 0) / requests, 0)",
            period=60,
            periods=2,
            rolls_back="api",
        ),
        Rule(
            "api-unhealthy",
            "api-unhealthy",
            "A task of the API does not answer its health check.",
            Metric("AWS/ApplicationELB", "UnHealthyHostCount", "Maximum", {**balancer, "TargetGroup": target_group}),
            0,
            period=60,
            periods=3,
            rolls_back="api",
        ),
        Rule(
            "join-failures",
            "join-failures",
            "Callers wait for an assistant that does not join.",
            own(context, "JoinFailures", "Sum"),
            3,
            "GreaterThanOrEqualToThreshold",
        ),
        Rule(
            "model-failures",
            "model-failures",
            "The models fail: callers hear apologies.",
            own(context, "ModelFailures", "Sum"),
            5,
            "GreaterThanOrEqualToThreshold",
        ),
    ]


def _calls(context: Context) -> list[Rule]:
    return [
        Rule(
            "no-worker",
            "no-worker",
            "No agent reports: nobody answers calls.",
            own(context, LIVE_CALLS, "SampleCount"),
            1,
            "LessThanThreshold",
            period=60,
            periods=3,
            # A stack that sleeps at night reports nothing then, and that is how it should be.
            missing="notBreaching" if context.settings.agent.sleeps else "breaching",
        ),
        Rule(
            "calls-refused",
            "calls-refused",
            "Agents refuse calls because they are full.",
            own(context, "CallsRefused", "Sum"),
            3,
            "GreaterThanOrEqualToThreshold",
        ),
        Rule(
            "first-audio",
            "first-audio",
            "One answer in twenty takes longer than 2.5 seconds to be heard.",
            own(context, "FirstAudio", "p95"),
            2.5,
            periods=3,
        ),
        Rule(
            "fare-failures",
            "fare-sources",
            "Fare sources fail; searches find less, or nothing.",
            own(context, "FareFailures", "Sum"),
            20,
            "GreaterThanOrEqualToThreshold",
            period=900,
        ),
    ]


def _services(context: Context, load_balancer: Input[str]) -> list[Rule]:
    used = [
        Rule(
            f"{service}-{short}",
            "task-resources",
            f"Tasks of {service} use more than 85 percent of their {what}.",
            Metric("AWS/ECS", metric, "Average", {"ClusterName": context.name, "ServiceName": service}),
            85,
            periods=2,
        )
        for service in SERVICES
        for short, what, metric in (("cpu", "CPU", "CPUUtilization"), ("memory", "memory", "MemoryUtilization"))
    ]
    balancer = {"LoadBalancer": load_balancer}
    return [
        *used,
        Rule(
            "api-latency",
            "api-latency",
            "One request in twenty takes the API longer than 3 seconds.",
            Metric("AWS/ApplicationELB", "TargetResponseTime", "p95", balancer),
            3,
            periods=3,
        ),
        Rule(
            "edge-errors",
            "edge-errors",
            "The load balancer itself answers with errors: it finds no healthy task.",
            Metric("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum", balancer),
            5,
            "GreaterThanOrEqualToThreshold",
        ),
    ]


def _database(context: Context, database: Database | None) -> list[Rule]:
    if database is None:
        return []
    where = {database.dimension: database.identifier}
    storage = [] if database.serverless else [_storage(context, where)]
    return [
        *storage,
        Rule(
            "database-cpu",
            "database",
            "The database uses more than 85 percent of its CPU.",
            Metric("AWS/RDS", "CPUUtilization", "Average", where),
            85,
            periods=3,
        ),
        Rule(
            "database-connections",
            "database",
            "The database has more than 80 connections; the smallest class takes about 100.",
            Metric("AWS/RDS", "DatabaseConnections", "Maximum", where),
            80,
            periods=2,
        ),
    ]


def _storage(context: Context, where: Mapping[str, Input[str]]) -> Rule:
    return Rule(
        "database-storage",
        "database",
        "Less than 15 percent of the database's first storage is free.",
        Metric("AWS/RDS", "FreeStorageSpace", "Minimum", where),
        round(context.settings.data.postgres_storage * 1024 * MIB * 0.15),
        "LessThanThreshold",
        periods=2,
    )


def own(context: Context, name: str, stat: str) -> Metric:
    """A metric of the catalogue that has no dimension."""
    return Metric(namespace(context), name, stat, {})
