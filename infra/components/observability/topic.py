"""Where alarms and the budget tell."""

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import iam
from infra.context import Context


def topic(name: str, context: Context, parent: pulumi.Resource) -> Output[str]:
    """ARN of the company's own topic, else of one for this account's alarms and budgets alone; e-mail when one is given."""
    child = ResourceOptions(parent=parent, provider=context.provider)
    email, theirs = context.settings.observability.alarm_email, context.settings.observability.alarm_topic
    arn = Output.from_input(theirs) if theirs else _made(name, context, child)
    if email is not None:
        aws.sns.TopicSubscription(name, topic=arn, protocol="email", endpoint=email, opts=child)
    return arn


def _made(name: str, context: Context, child: ResourceOptions) -> Output[str]:
    made = aws.sns.Topic(name, kms_master_key_id=context.key_arn, opts=child)
    aws.sns.TopicPolicy(
        name,
        arn=made.arn,
        policy=iam.document(
            [
                _may_publish("Alarms", "cloudwatch.amazonaws.com", context.arn("cloudwatch", "alarm:*"), made, context),
                _may_publish(
                    "Budgets", "budgets.amazonaws.com", context.arn("budgets", "*", region=False), made, context
                ),
                iam.tls_only("sns:Publish", made.arn),
            ]
        ),
        opts=child,
    )
    return made.arn


def _may_publish(sid: str, service: str, source: str, made: aws.sns.Topic, context: Context) -> iam.Statement:
    ours = {"StringEquals": {"aws:SourceAccount": context.account}, "ArnLike": {"aws:SourceArn": source}}
    return iam.allow(["sns:Publish"], made.arn, condition=ours, sid=sid, principal={"Service": service})
