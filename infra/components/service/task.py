"""A task definition on Fargate: the same for services and for what runs once."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.service.container import Container, definition, folders, volume
from infra.components.service.roles import Roles
from infra.context import Context


@dataclass(frozen=True)
class TaskArgs:
    """One container with its size in Fargate units and MiB."""

    context: Context
    container: Container
    cpu: int
    memory: int
    roles: Roles
    log_group_name: Input[str]
    tags: Mapping[str, str] | None = None
    keep: bool = True
    """Old revisions stay where data does: an alarm may roll a service back after `pulumi up` has ended, and an operator
    whenever they want. Else they go with the next one, and the last with the stack."""


def task_definition(name: str, args: TaskArgs, opts: ResourceOptions) -> aws.ecs.TaskDefinition:
    """A new revision of the family `polyglot-<environment>-<name>`."""
    context = args.context
    return aws.ecs.TaskDefinition(
        name,
        family=family(name, context),
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(args.cpu),
        memory=str(args.memory),
        runtime_platform={
            "cpu_architecture": {"arm64": "ARM64", "amd64": "X86_64"}[context.settings.architecture],
            "operating_system_family": "LINUX",
        },
        execution_role_arn=args.roles.execution_arn,
        task_role_arn=args.roles.task_arn,
        volumes=[{"name": volume(path)} for path in folders(args.container)],
        container_definitions=Output.json_dumps([definition(args.container, context, args.log_group_name)]),
        tags=args.tags,
        skip_destroy=(args.keep and context.settings.keeps_data) or None,
        # Each deploy replaces it.
        opts=ResourceOptions.merge(opts, ResourceOptions(protect=False)),
    )


def family(name: str, context: Context) -> str:
    """The family's name, for roles that must name its revisions before they exist."""
    return f"{context.name}-{name}"
