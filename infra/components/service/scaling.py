"""How many tasks: the API follows its requests and CPU, the agent its live calls, anything else its CPU."""

from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context
from infra.settings.services import AgentSettings, ApiSettings, ServiceSettings

PREDEFINED = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
CUSTOMIZED = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs
CPU_PERCENT = 60.0
SLOWLY = 600
"""Seconds after which fewer calls take a task away."""


class Scaling(pulumi.ComponentResource):
    """The range in which the number of tasks moves."""

    def __init__(
        self, name: str, context: Context, cluster_name: str, service_name: Input[str], settings: ServiceSettings
    ) -> None:
        super().__init__("polyglot:compute:Scaling", f"{name}-scaling", None, None)
        self.name, self.context = f"{name}-scaling", context
        self.child = ResourceOptions(parent=self, provider=context.provider)
        self.target = aws.appautoscaling.Target(
            self.name,
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=Output.concat("service/", cluster_name, "/", service_name),
            min_capacity=settings.tasks_min,
            max_capacity=settings.tasks_max,
            opts=self.child,
        )
        if settings.sleeps:
            self._sleep(settings, settings.sleeps)
        self.register_outputs({})

    def _sleep(self, settings: ServiceSettings, hours: tuple[int, int]) -> None:
        """No task from the first hour (UTC) on, and the usual range again from the second, on weekdays."""
        asleep, awake = hours
        for what, hour, days, least, most in (
            ("asleep", asleep, "*", 0, 0),
            ("awake", awake, "MON-FRI", settings.tasks_min, settings.tasks_max),
        ):
            aws.appautoscaling.ScheduledAction(
                f"{self.name}-{what}",
                name=f"{self.name}-{what}",
                service_namespace=self.target.service_namespace,
                scalable_dimension=self.target.scalable_dimension,
                resource_id=self.target.resource_id,
                schedule=f"cron(0 {hour} ? * {days} *)",
                timezone="UTC",
                scalable_target_action={"min_capacity": least, "max_capacity": most},
                opts=self.child,
            )

    def follow(self, what: str, target: float, *, scale_in: int, **metric: Any) -> None:  # noqa: ANN401 - the SDK's own
        """Keep a metric at `target`: out within half a minute, in after `scale_in` seconds."""
        aws.appautoscaling.Policy(
            f"{self.name}-{what}",
            policy_type="TargetTrackingScaling",
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=target, scale_out_cooldown=30, scale_in_cooldown=scale_in, **metric
            ),
            opts=self.child,
        )

    def follow_cpu(self) -> None:
        """Mean CPU of all tasks."""
        metric = PREDEFINED(predefined_metric_type="ECSServiceAverageCPUUtilization")
        self.follow("cpu", CPU_PERCENT, scale_in=300, predefined_metric_specification=metric)

    def follow_requests(self, settings: ApiSettings, resource_label: Input[str]) -> None:
        """Requests for each task, and CPU: whichever asks for more tasks wins."""
        metric = PREDEFINED(predefined_metric_type="ALBRequestCountPerTarget", resource_label=resource_label)
        self.follow("requests", float(settings.requests_per_task), scale_in=300, predefined_metric_specification=metric)
        self.follow_cpu()

    def follow_calls(self, settings: AgentSettings, namespace: str, metric: str) -> None:
        """Live calls: a full task at once brings two more; fewer calls take tasks away slowly, and never one with a call.

        Task protection keeps a task with a live call out of every scale-in.
        """
        # Each task reports its calls three times a minute, so the average over all reports is calls per task.
        self.follow(
            "calls",
            settings.calls_target,
            scale_in=SLOWLY,
            customized_metric_specification=CUSTOMIZED(namespace=namespace, metric_name=metric, statistic="Average"),
        )
        burst = aws.appautoscaling.Policy(
            f"{self.name}-burst",
            policy_type="StepScaling",
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            step_scaling_policy_configuration={
                "adjustment_type": "ChangeInCapacity",
                "cooldown": 60,
                "metric_aggregation_type": "Maximum",
                "step_adjustments": [{"metric_interval_lower_bound": "0", "scaling_adjustment": 2}],
            },
            opts=self.child,
        )
        aws.cloudwatch.MetricAlarm(
            f"{self.name}-burst",
            name=f"{self.context.name}-{self.name}-burst",
            alarm_description="An agent task is full: two more tasks are started. Nobody needs to act.",
            namespace=namespace,
            metric_name=metric,
            statistic="Maximum",
            period=60,
            evaluation_periods=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=float(settings.calls_per_task),
            treat_missing_data="notBreaching",
            alarm_actions=[burst.arn],
            opts=self.child,
        )
