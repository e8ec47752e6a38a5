"""Who talked to whom."""

import pulumi
import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from infra import iam
from infra.context import Context


class FlowLogs(pulumi.ComponentResource):
    """Accepted and rejected connections of the VPC in an encrypted log group (Security Hub EC2.6)."""

    def __init__(self, name: str, context: Context, vpc_id: Input[str], opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:network:FlowLogs", name, None, opts)
        child = ResourceOptions(parent=self, provider=context.provider)
        group = aws.cloudwatch.LogGroup(
            f"{name}-flow",
            name=f"{context.path}/flow",
            retention_in_days=context.settings.network.flow_log_days,
            kms_key_id=context.key_arn,
            opts=child,
        )
        writer = iam.role(
            f"{name}-flow",
            context,
            trusted=iam.trust("vpc-flow-logs.amazonaws.com", context),
            description="Writes the VPC's flow log",
            statements=[
                iam.allow(
                    ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    [group.arn, group.arn.apply(lambda arn: f"{arn}:*")],
                ),
                # It looks whether the group is there. Source: VPC user guide, "IAM role for publishing flow logs".
                iam.allow(["logs:DescribeLogGroups"], "*"),
            ],
            opts=child,
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=writer.arn,
            max_aggregation_interval=60,
            opts=child,
        )
        self.register_outputs({})
