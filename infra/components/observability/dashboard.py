"""One page that says how calls are going."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.data import Database
from infra.components.observability.catalog import LIVE_CALLS, REPORTS_PER_MINUTE, namespace
from infra.context import Context
from infra.services import SERVICES

HEIGHT: Final = 6
WIDTH: Final = 8
COLUMNS: Final = 24

Series = list[Any]
"""One line of a widget, in CloudWatch's own form: namespace, metric, dimensions, options. Ids may be outputs."""


@dataclass(frozen=True)
class DashboardArgs:
    """What is shown besides the services, whose names are fixed."""

    context: Context
    load_balancer_suffix: Input[str]
    target_group_suffix: Input[str]
    alarm_arns: Sequence[Input[str]]
    database: Database | None = None


class Dashboard(pulumi.ComponentResource):
    """Calls, joins, first audio, interruptions, errors, fare sources; then what they stand on."""

    url: Output[str]
    name: str

    def __init__(self, name: str, args: DashboardArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:observability:Dashboard", name, None, opts)
        context = args.context
        made = aws.cloudwatch.Dashboard(
            name,
            dashboard_name=context.name,
            dashboard_body=Output.json_dumps({"widgets": widgets(args)}),
            opts=ResourceOptions(parent=self, provider=context.provider),
        )
        self.name = context.name
        self.url = made.dashboard_name.apply(
            lambda shown: (
                f"https://{context.region}.console.aws.amazon.com/cloudwatch/home"
                f"?region={context.region}#dashboards/dashboard/{shown}"
            )
        )
        self.register_outputs({"url": self.url})


def widgets(args: DashboardArgs) -> list[dict[str, Any]]:
    """The dashboard's widgets, three to a row, the alarms above them."""
    context = args.context
    shown = [*_calls(context), *_fares(context), *_ground(args)]
    alarms = {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": COLUMNS,
        "height": 3,
        "properties": {"title": "Alarms", "alarms": list(args.alarm_arns)},
    }
    placed = [
        {
            "type": "metric",
            "x": index * WIDTH % COLUMNS,
            "y": 3 + index * WIDTH // COLUMNS * HEIGHT,
            "width": WIDTH,
            "height": HEIGHT,
            "properties": {"view": "timeSeries", "region": context.region, "period": 60, **widget},
        }
        for index, widget in enumerate(shown)
    ]
    return [alarms, *placed]


def _widget(title: str, *series: Series, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - CloudWatch's own JSON
    return {"title": title, "metrics": list(series), **more}


def _own(context: Context, metric: str, stat: str, label: str, **options: Any) -> Series:  # noqa: ANN401
    return [namespace(context), metric, {"stat": stat, "label": label, **options}]


def _math(expression: str, label: str) -> Series:
    return [{"expression": expression, "label": label, "id": "e1"}]


def _calls(context: Context) -> list[dict[str, Any]]:
    return [
        _widget(
            "Live calls",
            # Every task reports its calls three times a minute.
            _math(f"reported / {REPORTS_PER_MINUTE}", "live calls"),
            _own(context, LIVE_CALLS, "Sum", "", id="reported", visible=False),
            _own(context, LIVE_CALLS, "Maximum", "fullest task"),
        ),
        _widget(
            "Calls",
            _own(context, "CallsStarted", "Sum", "started"),
            _own(context, "CallSeconds", "SampleCount", "ended"),
            _own(context, "CallsRefused", "Sum", "refused"),
            _own(context, "WorkersSuperseded", "Sum", "workers superseded"),
        ),
        _widget(
            "Length of calls",
            _own(context, "CallSeconds", "p50", "seconds, half are shorter"),
            _own(context, "CallTurns", "Average", "turns", yAxis="right"),
            period=300,
        ),
        _widget(
            "Joining",
            _own(context, "JoinSeconds", "p50", "p50 seconds"),
            _own(context, "JoinSeconds", "p95", "p95 seconds"),
            _own(context, "JoinFailures", "Sum", "failures", yAxis="right"),
        ),
        _widget(
            "First audio after a turn, seconds",
            _own(context, "FirstAudio", "p50", "p50"),
            _own(context, "FirstAudio", "p95", "p95"),
            period=300,
        ),
        _widget(
            "Interruptions",
            _own(context, "Interruptions", "Sum", "interruptions", id="interruptions"),
            _math("interruptions / IF(turns > 0, turns, 1)", "for each turn"),
            _own(context, "CallTurns", "Sum", "", id="turns", visible=False),
            period=300,
        ),
        _widget(
            "Errors",
            _own(context, "ModelFailures", "Sum", "models"),
            _own(context, "RequestFailures", "Sum", "requests"),
            _own(context, "FareFailures", "Sum", "fare sources"),
        ),
        _widget("Model failures by stage", _search(context, "ModelFailuresByStage", "stage", "Sum"), period=300),
    ]


def _search(context: Context, metric: str, dimension: str, stat: str) -> Series:
    """Every series of the metric, whatever values the dimension has."""
    expression = f"SEARCH('{{\"{namespace(context)}\",{dimension}}} MetricName=\"{metric}\"', '{stat}', 300)"
    return [{"expression": expression, "id": "e1", "label": ""}]


def _fares(context: Context) -> list[dict[str, Any]]:
    return [
        _widget("Fare sources: answers", _search(context, "FareAnswers", "source", "Sum"), period=300),
        _widget("Fare sources: p95 seconds", _search(context, "FareSeconds", "source", "p95"), period=300),
        _widget("Fare sources: failures", _search(context, "FareFailuresBySource", "source", "Sum"), period=300),
    ]


def _ground(args: DashboardArgs) -> list[dict[str, Any]]:
    """What calls stand on: tasks, load balancer, database."""
    balancer = ["LoadBalancer", args.load_balancer_suffix]
    tasks = [
        _widget(
            f"Tasks of {service}, percent",
            *[
                ["AWS/ECS", metric, "ClusterName", args.context.name, "ServiceName", service, {"stat": "Average"}]
                for metric in ("CPUUtilization", "MemoryUtilization")
            ],
        )
        for service in SERVICES
    ]
    edge = [
        _widget(
            "Requests",
            ["AWS/ApplicationELB", "RequestCount", *balancer, {"stat": "Sum"}],
            ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", *balancer, {"stat": "Sum", "label": "API errors"}],
            ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", *balancer, {"stat": "Sum", "label": "edge errors"}],
        ),
        _widget(
            "API: seconds, and tasks that do not answer",
            ["AWS/ApplicationELB", "TargetResponseTime", *balancer, {"stat": "p95"}],
            [
                "AWS/ApplicationELB",
                "UnHealthyHostCount",
                "TargetGroup",
                args.target_group_suffix,
                *balancer,
                {"stat": "Maximum", "yAxis": "right"},
            ],
        ),
    ]
    return [*tasks, *edge, *([_database(args.database)] if args.database else [])]


def _database(database: Database) -> dict[str, Any]:
    where = [database.dimension, database.identifier]
    return _widget(
        "Database",
        ["AWS/RDS", "CPUUtilization", *where, {"stat": "Average"}],
        ["AWS/RDS", "DatabaseConnections", *where, {"stat": "Maximum", "yAxis": "right"}],
    )
