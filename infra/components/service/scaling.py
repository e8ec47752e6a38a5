"""How many tasks: the API follows its requests and CPU, the agent its live calls."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context
from infra.settings.services import AgentSettings, ApiSettings, ServiceSettings


@dataclass(frozen=True)
class ScalingArgs:
    """The service that grows and shrinks."""

    context: Context
    cluster_name: str
    service_name: Input[str]
    settings: ServiceSettings


class Scaling(pulumi.ComponentResource):
    """The range in which the number of tasks moves."""

    def __init__(self, kind: str, name: str, args: ScalingArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"polyglot:compute:{kind}", name, None, opts)
        self.child = ResourceOptions(parent=self, provider=args.context.provider)
        self.target = aws.appautoscaling.Target(
            name,
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=Output.concat("service/", args.cluster_name, "/", args.service_name),
            min_capacity=args.settings.tasks_min,
            max_capacity=args.settings.tasks_max,
            opts=self.child,
        )

    def follow(
        self,
        name: str,
        target: float,
        *,
        scale_in: int,
        predefined: aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
        | None = None,
        customized: aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs
        | None = None,
    ) -> None:
        """Keep a metric at `target`: out within half a minute, in after `scale_in` seconds."""
        aws.appautoscaling.Policy(
            name,
            policy_type="TargetTrackingScaling",
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=target,
                scale_out_cooldown=30,
                scale_in_cooldown=scale_in,
                predefined_metric_specification=predefined,
                customized_metric_specification=customized,
            ),
            opts=self.child,
        )


class ApiScaling(Scaling):
    """Requests for each task, and CPU: whichever asks for more tasks wins."""

    def __init__(
        self,
        name: str,
        args: ScalingArgs,
        settings: ApiSettings,
        resource_label: Input[str],
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("ApiScaling", name, args, opts)
        metric = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
        self.follow(
            f"{name}-requests",
            float(settings.requests_per_task),
            scale_in=300,
            predefined=metric(predefined_metric_type="ALBRequestCountPerTarget", resource_label=resource_label),
        )
        self.follow(
            f"{name}-cpu",
            60.0,
            scale_in=300,
            predefined=metric(predefined_metric_type="ECSServiceAverageCPUUtilization"),
        )
        self.register_outputs({})


class AgentScaling(Scaling):
    """Live calls: a full task at once brings two more; fewer calls take tasks away slowly, and never one with a call.

    Task protection keeps a task with a live call out of every scale-in.
    """

    def __init__(  # noqa: PLR0913 - the metric has a name in two parts
        self,
        name: str,
        args: ScalingArgs,
        settings: AgentSettings,
        *,
        namespace: str,
        metric: str,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("AgentScaling", name, args, opts)
        # Each task reports its calls three times a minute, so the average over all reports is calls per task.
        self.follow(
            f"{name}-calls",
            settings.calls_target,
            scale_in=600,
            customized=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs(
                namespace=namespace, metric_name=metric, statistic="Average"
            ),
        )
        burst = aws.appautoscaling.Policy(
            f"{name}-burst",
            policy_type="StepScaling",
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            step_scaling_policy_configuration=aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs(
                adjustment_type="ChangeInCapacity",
                cooldown=60,
                metric_aggregation_type="Maximum",
                step_adjustments=[
                    aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs(
                        metric_interval_lower_bound="0", scaling_adjustment=2
                    )
                ],
            ),
            opts=self.child,
        )
        aws.cloudwatch.MetricAlarm(
            f"{name}-burst",
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
        self.register_outputs({})
