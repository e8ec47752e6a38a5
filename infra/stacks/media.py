"""The stack `media`: LiveKit's server in a network of its own, for stacks that name it as `livekit.url`."""

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.components.budget import Budget
from infra.components.media import MediaServer
from infra.components.network import Network
from infra.components.observability.alarms import describe
from infra.components.observability.topic import topic
from infra.settings import Settings
from infra.stacks.foundation import lay


def media(settings: Settings) -> dict[str, Output[str] | str]:
    """Declare the stack; returns its outputs."""
    own = settings.media
    if own is None:
        raise ValueError("the stack media has no section media")  # the settings refuse that
    context = lay(settings).context
    kept = ResourceOptions(protect=settings.keeps_data)
    network = Network("network", context, kept)
    server = MediaServer("media", context, own, network, kept)
    told = topic("alarms", context, server)
    balancer, targets = server.healthy
    aws.cloudwatch.MetricAlarm(
        "media-nodes",
        name=f"{context.name}-nodes",
        alarm_description=describe(
            "A media node is not well, or there is none: calls there end, new ones may find nobody.",
            "media-nodes",
            context,
        ),
        namespace="AWS/NetworkELB",
        metric_name="HealthyHostCount",
        dimensions={"LoadBalancer": balancer, "TargetGroup": targets},
        statistic="Minimum",
        period=60,
        evaluation_periods=3,
        datapoints_to_alarm=3,
        comparison_operator="LessThanThreshold",
        threshold=own.nodes,
        treat_missing_data="breaching",
        alarm_actions=[told],
        ok_actions=[told],
        opts=ResourceOptions(parent=server, provider=context.provider),
    )
    Budget("budget", context, told)
    return {
        "livekit_url": server.url,
        "turn_host": own.turn_domain,
        "alarm_topic_arn": told,
        "vpc_id": network.vpc_id,
        "secrets_path": context.path,
    }
