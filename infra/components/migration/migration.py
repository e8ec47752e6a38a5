"""Migrations: a task of the API's image that runs by itself, as a step of `pulumi up`.

The engine can wait for an AWS call only as a resource. So a Lambda function runs the task and waits for it, and an
invocation of that function is a resource on which the API's service depends. It is made anew, and so the task run again,
when there is another revision of the task (another image) or another database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import CustomTimeouts, Input, Output, Resource, ResourceOptions

from infra import iam
from infra.components.data import Database
from infra.components.service.roles import Roles, TaskArgs
from infra.components.service.task import family, task_definition

NAME: Final = "migrate"
CPU: Final = 256
MEMORY: Final = 512
FUNCTION_MEMORY: Final = 256
SECONDS: Final = 900
"""Of the function: all that Lambda gives. The migration itself ends after 600 s (`MIGRATE_SECONDS` of the API)."""
RUNTIME: Final = "python3.14"
"""Source: Lambda developer guide, supported runtimes."""
PURPOSE: Final = {"polyglot:purpose": NAME}
"""Tag of the tasks, by which the function may stop them and no other."""
CODE: Final = Path(__file__).with_name("handler.py")


@dataclass(frozen=True)
class MigrationArgs:
    """What is run, where, and on which database. `after` must be there before a task can start."""

    task: TaskArgs
    database: Database
    subnet_ids: Input[list[str]]
    public_addresses: bool
    group_id: Input[str]
    after: Sequence[Resource] = ()


class Migration(pulumi.ComponentResource):
    """The task, the function that runs it, and its run."""

    done: aws.lambda_.Invocation
    """What a service that needs the new schema waits for; it fails when the migration does."""

    def __init__(self, name: str, args: MigrationArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:data:Migration", name, None, opts)
        context = args.task.context
        child = ResourceOptions(parent=self, provider=context.provider)
        roles = Roles(name, args.task, ResourceOptions(parent=self))
        task = task_definition(name, args.task, roles, child)
        runner = Runner(name, args.task, roles, ResourceOptions(parent=self))
        self.done = aws.lambda_.Invocation(
            name,
            function_name=runner.function_name,
            input=Output.json_dumps(
                {
                    "cluster": context.name,
                    "taskDefinition": task.arn,
                    "container": args.task.container.name,
                    "subnets": args.subnet_ids,
                    "securityGroups": [args.group_id],
                    "publicAddress": args.public_addresses,
                    "logGroup": args.task.log_group_name,
                }
            ),
            lifecycle_scope="CREATE_ONLY",
            triggers={"taskDefinition": task.arn, "database": args.database.identity},
            opts=ResourceOptions.merge(
                child,
                ResourceOptions(
                    # All of them: a run that starts before a rule or a permission is there fails.
                    depends_on=[runner, roles, args.task.cluster, *args.database.ready, *args.after],
                    custom_timeouts=CustomTimeouts(create="20m"),
                ),
            ),
        )
        self.register_outputs({"result": self.done.result})


class Runner(pulumi.ComponentResource):
    """The function with its role; who waits for this finds the role whole."""

    function_name: Output[str]

    def __init__(self, name: str, task: TaskArgs, roles: Roles, opts: ResourceOptions | None = None) -> None:
        """`task`: what is run; `roles`: those that its tasks get."""
        super().__init__("polyglot:data:Runner", name, None, opts)
        context = task.context
        child = ResourceOptions(parent=self, provider=context.provider)
        role = iam.role(
            f"{name}-runner",
            context,
            trusted=iam.plain_trust("lambda.amazonaws.com"),
            statements=_statements(name, task, roles),
            description=f"Runs the migrations of {context.name}",
            opts=child,
        )
        function = aws.lambda_.Function(
            name,
            # Fixed, because the deploy role may touch functions of this name only.
            name=family(name, context),
            description="Runs the database migration as a task and waits for its end",
            role=role.arn,
            runtime=RUNTIME,
            architectures=["arm64"],
            handler="handler.handler",
            # The text, not the path: the state must not depend on the machine that deploys.
            code=pulumi.AssetArchive({"handler.py": pulumi.StringAsset(CODE.read_text(encoding="utf-8"))}),
            memory_size=FUNCTION_MEMORY,
            timeout=SECONDS,
            logging_config={
                "log_format": "JSON",
                "log_group": task.log_group_name,
                "application_log_level": "INFO",
                "system_log_level": "WARN",
            },
            opts=ResourceOptions.merge(child, ResourceOptions(delete_before_replace=True)),
        )
        self.function_name = function.name
        self.register_outputs({"functionName": self.function_name})


def _statements(name: str, task: TaskArgs, roles: Roles) -> list[iam.Statement]:
    """Start tasks of the one family with its two roles, look at them, stop them, and write the function's own log.

    Source: Service Authorization Reference, Amazon ECS: `ecs:cluster`, `ecs:CreateAction`, `aws:ResourceTag`.
    """
    context = task.context
    tasks = context.arn("ecs", f"task/{context.name}/*")
    here = {"ArnEquals": {"ecs:cluster": context.arn("ecs", f"cluster/{context.name}")}}
    own = {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in PURPOSE.items()}}
    return [
        iam.allow(["ecs:RunTask"], context.arn("ecs", f"task-definition/{family(name, context)}:*"), condition=here),
        iam.allow(["ecs:DescribeTasks"], tasks, condition=here),
        iam.allow(["ecs:StopTask"], tasks, condition={**here, **own}),
        # Only while a task is started: its tags come from the definition.
        iam.allow(["ecs:TagResource"], tasks, condition={"StringEquals": {"ecs:CreateAction": "RunTask"}}),
        iam.allow(
            ["iam:PassRole"],
            [roles.execution_arn, roles.task_arn],
            condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        iam.allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            Output.from_input(task.log_group_arn).apply(lambda arn: f"{arn}:*"),
        ),
    ]
