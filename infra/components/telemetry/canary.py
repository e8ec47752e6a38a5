"""A synthetic visitor that asks the API how it is, from outside, every five minutes."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.bucket import PrivateBucket, PrivateBucketArgs
from infra.components.telemetry.alarms import describe
from infra.context import Context

RUNTIME: Final = "syn-python-selenium-7.0"
"""Source: CloudWatch user guide, "Runtime versions using Python and Selenium"."""
VISIT: Final = '''\
"""Asks /health over HTTPS; anything but 200 within ten seconds is a failed run."""
import os
import urllib.request


def handler(event, context):
    request = urllib.request.Request(os.environ["URL"], headers={"User-Agent": "polyglot-canary"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        if answer.status != 200:
            raise RuntimeError(f"status {answer.status}")
    return "well"
'''


@dataclass(frozen=True)
class CanaryArgs:
    """`url` is the API's, without a slash at its end."""

    context: Context
    url: Input[str]
    topic_arn: Input[str]


class Canary(pulumi.ComponentResource):
    """The canary, its role, its bucket and its alarm."""

    def __init__(self, name: str, args: CanaryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:telemetry:Canary", name, None, opts)
        context = args.context
        child = ResourceOptions(parent=self, provider=context.provider)
        bucket = PrivateBucket(
            f"{name}-runs", PrivateBucketArgs(context=context, days=30, key=True), ResourceOptions(parent=self)
        )
        # Canary names: 21 characters at most. The changed name of the code's object is what makes a new version.
        physical = f"pg-{context.settings.environment}-{name}"[:21]
        code = aws.s3.BucketObjectv2(
            name,
            bucket=bucket.name,
            key=f"code/{hashlib.sha256(VISIT.encode()).hexdigest()[:16]}.zip",
            source=pulumi.AssetArchive({"python/visit.py": pulumi.StringAsset(VISIT)}),
            opts=child,
        )
        visitor = aws.synthetics.Canary(
            name,
            name=physical,
            runtime_version=RUNTIME,
            handler="visit.handler",
            s3_bucket=bucket.name,
            s3_key=code.key,
            artifact_s3_location=bucket.name.apply(lambda value: f"s3://{value}/runs"),
            artifact_config=aws.synthetics.CanaryArtifactConfigArgs(
                s3_encryption=aws.synthetics.CanaryArtifactConfigS3EncryptionArgs(
                    encryption_mode="SSE_KMS", kms_key_arn=context.key_arn
                )
            ),
            execution_role_arn=self._role(name, context, bucket, physical, child).arn,
            schedule=aws.synthetics.CanaryScheduleArgs(expression="rate(5 minutes)"),
            run_config=aws.synthetics.CanaryRunConfigArgs(
                timeout_in_seconds=30,
                memory_in_mb=960,
                environment_variables={"URL": Output.format("{0}/health", args.url)},
            ),
            success_retention_period=7,
            failure_retention_period=30,
            start_canary=True,
            delete_lambda=True,
            opts=child,
        )
        self._alarm(name, args, visitor.name, child)
        self.register_outputs({})

    @staticmethod
    def _role(
        name: str, context: Context, bucket: PrivateBucket, physical: str, child: ResourceOptions
    ) -> aws.iam.Role:
        logs = context.arn("logs", f"log-group:/aws/lambda/cwsyn-{physical}-*")
        only_its_metrics: dict[str, Any] = {"StringEquals": {"cloudwatch:namespace": "CloudWatchSynthetics"}}
        return iam.role(
            name,
            context,
            # Lambda sends no source account with its call, so the usual condition would refuse it.
            trusted=iam.document(
                [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ]
            ),
            description="The synthetic visitor",
            statements=[
                iam.allow(["s3:PutObject"], bucket.arn.apply(lambda arn: f"{arn}/runs/*")),
                iam.allow(["s3:GetObject"], bucket.arn.apply(lambda arn: f"{arn}/code/*")),
                iam.allow(["s3:GetBucketLocation"], bucket.arn),
                iam.allow(["kms:GenerateDataKey", "kms:Decrypt"], context.key_arn),
                iam.allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], logs),
                iam.allow(["cloudwatch:PutMetricData"], "*", condition=only_its_metrics),
            ],
            opts=child,
        )

    @staticmethod
    def _alarm(name: str, args: CanaryArgs, canary: Output[str], child: ResourceOptions) -> None:
        aws.cloudwatch.MetricAlarm(
            name,
            alarm_description=describe("The API does not answer from outside.", "canary", args.context),
            namespace="CloudWatchSynthetics",
            metric_name="SuccessPercent",
            dimensions={"CanaryName": canary},
            statistic="Average",
            period=300,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            comparison_operator="LessThanThreshold",
            threshold=100,
            treat_missing_data="breaching",
            alarm_actions=[args.topic_arn],
            ok_actions=[args.topic_arn],
            opts=child,
        )
