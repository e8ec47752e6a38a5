"""Metric filters: numbers out of log lines, without an agent that publishes them."""

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infra.components.observability.catalog import MEASURES, Measure, namespace
from infra.components.observability.logs import Logs
from infra.context import Context


class Metrics(pulumi.ComponentResource):
    """One filter for each row of the catalogue."""

    namespace: str

    def __init__(self, name: str, context: Context, logs: Logs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:observability:Metrics", name, None, opts)
        self.namespace = namespace(context)
        for measure in MEASURES:
            aws.cloudwatch.LogMetricFilter(
                measure.metric,
                log_group_name=logs.names[measure.service],
                pattern=measure.pattern,
                metric_transformation=self._transformation(measure),
                opts=ResourceOptions(parent=self, provider=context.provider),
            )
        self.register_outputs({"namespace": self.namespace})

    def _transformation(self, measure: Measure) -> aws.cloudwatch.LogMetricFilterMetricTransformationArgsDict:
        counts = measure.field is None and measure.dimension is None
        return {
            "namespace": self.namespace,
            "name": measure.metric,
            "value": measure.value,
            "unit": measure.unit,
            # A quiet minute is zero events; for durations it is no observation. Dimensions allow no default.
            "default_value": "0" if counts else None,
            "dimensions": {measure.dimension: f"$.{measure.dimension}"} if measure.dimension else None,
        }
