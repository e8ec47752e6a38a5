"""Two roles for each service: one that starts it, one that it runs as."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.cluster import Cluster
from infra.components.service.container import Container
from infra.context import Context

ECR: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com[a-z.]*/(?P<name>[^@:]+)"
)


@dataclass(frozen=True)
class TaskArgs:
    """One container, its size, and what it may reach of AWS."""

    context: Context
    cluster: Cluster
    container: Container
    cpu: int
    """Fargate units."""
    memory: int
    """MiB."""
    log_group_name: Input[str]
    log_group_arn: Input[str]
    json_secret_arns: Sequence[Input[str]] = ()
    """Secrets Manager secrets, whole."""
    statements: Sequence[iam.Statement] = ()
    """What the code in the tasks may do."""
    tags: Mapping[str, str] | None = None
    keep: bool = True
    """Old revisions stay where data does: an alarm may roll a service back after `pulumi up` has ended, and an operator
    whenever they want. Else they go with the next one, and the last with the stack."""


class Roles(pulumi.ComponentResource):
    """Both roles with their policies; a service that waits for this finds them whole."""

    execution_arn: Output[str]
    task_arn: Output[str]

    def __init__(self, name: str, args: TaskArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:compute:Roles", name, None, opts)
        child = ResourceOptions(parent=self, provider=args.context.provider)
        self.execution_arn = _execution_role(name, args, child).arn
        self.task_arn = _task_role(name, args, child).arn
        self.register_outputs({})


def _execution_role(name: str, args: TaskArgs, opts: ResourceOptions) -> aws.iam.Role:
    """Pulls the image, reads the secrets and opens the log stream; nothing in the task can use it.

    No managed policy: AmazonECSTaskExecutionRolePolicy reads every repository and writes every log group.
    """
    context = args.context
    statements = [
        # ECR gives one token for the whole registry; the action has no resource.
        iam.allow(["ecr:GetAuthorizationToken"], "*"),
        iam.allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
            repository_arn(args.container.image, context),
        ),
        iam.allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            Output.from_input(args.log_group_arn).apply(lambda arn: f"{arn}:*"),
        ),
    ]
    services = []
    secrets = sorted(args.container.secrets, key=lambda secret: secret.name)
    if secrets:
        statements.append(iam.allow(["ssm:GetParameters"], [secret.arn for secret in secrets]))
        services.append(f"ssm.{context.region}.amazonaws.com")
    if args.json_secret_arns:
        statements.append(iam.allow(["secretsmanager:GetSecretValue"], list(args.json_secret_arns)))
        services.append(f"secretsmanager.{context.region}.amazonaws.com")
    if services:
        statements.append(
            iam.allow(["kms:Decrypt"], context.key_arn, condition={"StringEquals": {"kms:ViaService": services}})
        )
    return iam.role(
        f"{name}-execution",
        context,
        trusted=_trust(args),
        statements=statements,
        description=f"Starts tasks of {context.name} {name}",
        opts=opts,
    )


def _task_role(name: str, args: TaskArgs, opts: ResourceOptions) -> aws.iam.Role:
    """What the service itself may do in AWS; nothing, unless it is listed."""
    statements = list(args.statements)
    if args.container.exec_enabled:
        statements += [
            # The channels of a shell session have no ARN. Source: ECS developer guide, ECS Exec.
            iam.allow(
                [
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:OpenDataChannel",
                ],
                "*",
            ),
            iam.allow(
                ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                args.cluster.exec_log_arn.apply(lambda arn: f"{arn}:*"),
            ),
            # It looks whether its log group is there. Source: ECS developer guide, "Logging ECS Exec".
            iam.allow(["logs:DescribeLogGroups"], "*"),
            iam.allow(["kms:Decrypt"], args.context.key_arn),
        ]
    return iam.role(
        f"{name}-task",
        args.context,
        trusted=_trust(args),
        statements=statements,
        description=f"Runs as {args.context.name} {name}",
        opts=opts,
    )


def repository_arn(image: Input[str], context: Context) -> Output[str]:
    """The repository of an image of ECR, which may be another account's; ours where the image is not of ECR."""

    def named(text: str) -> str:
        found = ECR.match(text)
        if found is None:
            return context.arn("ecr", f"repository/{context.settings.aws.prefix}/*")
        return f"arn:{context.partition}:ecr:{found['region']}:{found['account']}:repository/{found['name']}"

    return Output.from_input(image).apply(named)


def _trust(args: TaskArgs) -> Output[str]:
    return iam.trust("ecs-tasks.amazonaws.com", args.context, source_arn=args.context.arn("ecs", "*"))
