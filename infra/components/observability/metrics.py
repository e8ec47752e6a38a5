"""Metric filters: numbers out of log lines, without an agent that publishes them."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infra.components.observability.catalog import MEASURES, namespace, pattern, service_and_event
from infra.components.observability.logs import Logs
from infra.context import Context


class Metrics(pulumi.ComponentResource):
    """One filter for each row of the catalogue."""

    namespace: str

    def __init__(self, name: str, context: Context, logs: Logs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:observability:Metrics", name, None, opts)
        self.namespace = namespace(context)
        for metric, row in MEASURES.items():
            aws.cloudwatch.LogMetricFilter(
                metric,
                log_group_name=logs.names[service_and_event(row)[0]],
                pattern=pattern(row),
                metric_transformation=self._transformation(metric, row),
                opts=ResourceOptions(parent=self, provider=context.provider),
            )
        self.register_outputs({"namespace": self.namespace})

    def _transformation(
        self, metric: str, row: Mapping[str, Any]
    ) -> aws.cloudwatch.LogMetricFilterMetricTransformationArgsDict:
        field, dimension = row.get("field"), row.get("by")
        return {
            "namespace": self.namespace,
            "name": metric,
            "value": f"$.{field}" if field else "1",
            "unit": row.get("unit", "Count"),
            # A quiet minute is zero events; for durations it is no observation. Dimensions allow no default.
            "default_value": None if field or dimension else "0",
            "dimensions": {dimension: f"$.{dimension}"} if dimension else None,
        }
