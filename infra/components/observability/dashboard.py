"""One page that says how calls are going."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.observability.catalog import REPORTS_PER_MINUTE, namespace
from infra.components.observability.places import Place, Watched, places
from infra.context import Context

HEIGHT: Final = 6
WIDTH: Final = 8
COLUMNS: Final = 24
TABLE: Final = Path(__file__).with_name("dashboard.toml")


class Dashboard(pulumi.ComponentResource):
    """Calls, joins, first audio, interruptions, errors, fare sources; then what they stand on."""

    url: Output[str]
    name: str

    def __init__(
        self, name: str, watched: Watched, alarm_arns: Sequence[Input[str]], opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("polyglot:observability:Dashboard", name, None, opts)
        context = watched.context
        made = aws.cloudwatch.Dashboard(
            name,
            dashboard_name=context.name,
            dashboard_body=Output.json_dumps({"widgets": widgets(watched, alarm_arns)}),
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


def widgets(watched: Watched, alarm_arns: Sequence[Input[str]]) -> list[dict[str, Any]]:
    """The table's widgets, three to a row, the alarms above them."""
    known, context = places(watched), watched.context
    shown = [
        {
            **{key: value for key, value in row.items() if key not in {"each", "lines"}},
            "title": row["title"].format(place.name),
            "metrics": [_line(line, {**known, row.get("each", ""): [place]}, context) for line in row["lines"]],
        }
        for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["widgets"]
        for place in known[row.get("each", "own")]
    ]
    alarms = {"title": "Alarms", "alarms": list(alarm_arns)}
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
    return [{"type": "alarm", "x": 0, "y": 0, "width": COLUMNS, "height": 3, "properties": alarms}, *placed]


def _line(row: Mapping[str, Any], known: Mapping[str, Sequence[Place]], context: Context) -> list[Any]:
    """One line of a widget, in CloudWatch's own form: namespace, metric, dimensions, options. Ids may be outputs."""
    where, what = row["show"].split(maxsplit=1)
    options = {key: value for key, value in row.items() if key != "show"}
    if where == "=":
        return [{"id": "e1", "expression": what.format(reports_per_minute=REPORTS_PER_MINUTE), **options}]
    if where == "every":
        dimension, metric, stat = what.split()
        found = f'{{"{namespace(context)}",{dimension}}} MetricName="{metric}"'
        return [{"id": "e1", "expression": f"SEARCH('{found}', '{stat}', 300)", "label": "", **options}]
    metric, stat = what.split()
    (place,) = known[where]
    dimensions = [part for pair in place.dimensions.items() for part in pair]
    return [place.namespace, metric, *dimensions, {"stat": stat, **options}]
