"""Where the edge writes who asked for what."""

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.bucket import PrivateBucket, expiring
from infra.context import Context

GLOBAL_REGION = "us-east-1"
"""Where CloudFront's certificates, firewalls and log deliveries live, whatever region a stack is in."""
BALANCER_PREFIX = "alb"
CONNECTION_PREFIX = "alb-connections"


def log_bucket(name: str, context: Context, parent: pulumi.Resource) -> PrivateBucket:
    """A bucket for load balancer and CloudFront logs, each writer bound to this account.

    SSE-S3, because load balancers cannot write to buckets with a customer's key. Source: Elastic Load Balancing user
    guide, "Enable access logs"; CloudFront developer guide, "Configure standard logging (v2)".
    """
    return PrivateBucket(
        name,
        child=ResourceOptions(provider=context.provider),
        allowed=lambda arn: [_balancer(arn, context), _deliveries(arn, context)],
        keep=context.settings.keeps_data,
        rules=[expiring("expire", context.settings.edge.access_log_days)],
        opts=ResourceOptions(parent=parent),
    )


def _balancer(arn: Output[str], context: Context) -> iam.Statement:
    folders = [
        Output.format("{0}/{1}/AWSLogs/{2}/*", arn, prefix, context.account)
        for prefix in (BALANCER_PREFIX, CONNECTION_PREFIX)
    ]
    ours = {
        "ArnLike": {"aws:SourceArn": context.arn("elasticloadbalancing", "loadbalancer/*")},
        "StringEquals": {"aws:SourceAccount": context.account},
    }
    writer = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    return iam.allow(["s3:PutObject"], folders, condition=ours, sid="LoadBalancerLogs", principal=writer)


def _deliveries(arn: Output[str], context: Context) -> iam.Statement:
    source = f"arn:{context.partition}:logs:{GLOBAL_REGION}:{context.account}:delivery-source:*"
    ours = {
        "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": context.account},
        "ArnLike": {"aws:SourceArn": source},
    }
    folder, writer = (
        Output.format("{0}/AWSLogs/{1}/*", arn, context.account),
        {"Service": "delivery.logs.amazonaws.com"},
    )
    return iam.allow(["s3:PutObject"], folder, condition=ours, sid="CloudFrontLogs", principal=writer)


def deliver_cloudfront_logs(
    name: str, distribution_arn: Input[str], bucket: PrivateBucket, context: Context, child: ResourceOptions
) -> None:
    """CloudFront's standard logs (v2) as JSON lines in the bucket; the older kind would need bucket ACLs."""
    source = aws.cloudwatch.LogDeliverySource(
        name,
        name=f"{context.name}-{name}",
        log_type="ACCESS_LOGS",
        resource_arn=distribution_arn,
        region=GLOBAL_REGION,
        opts=child,
    )
    destination = aws.cloudwatch.LogDeliveryDestination(
        name,
        name=f"{context.name}-{name}",
        output_format="json",
        delivery_destination_configuration={"destination_resource_arn": bucket.arn},
        region=GLOBAL_REGION,
        opts=ResourceOptions.merge(child, ResourceOptions(depends_on=[bucket.policy])),
    )
    aws.cloudwatch.LogDelivery(
        name,
        delivery_source_name=source.name,
        delivery_destination_arn=destination.arn,
        region=GLOBAL_REGION,
        opts=child,
    )
