"""A task definition on Fargate: the same for services and for what runs once."""

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.components.service.container import definition, folders, volume
from infra.components.service.roles import Roles, TaskArgs
from infra.context import Context


def task_definition(name: str, args: TaskArgs, roles: Roles, opts: ResourceOptions) -> aws.ecs.TaskDefinition:
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
        execution_role_arn=roles.execution_arn,
        task_role_arn=roles.task_arn,
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
