"""An `up` that is killed at its worst moments: the state names what may be orphaned, and the stack converges."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.automation.errors import CommandError
from pulumi_life import Life

RESOURCES = 6


def chain(retention: int = 30, family: str = "one") -> Callable[[], None]:
    """Six resources, some waiting for others."""

    def program() -> None:
        key = aws.kms.Key("key")
        topic = aws.sns.Topic("alarms", kms_master_key_id=key.id)
        logs = aws.cloudwatch.LogGroup("logs", kms_key_id=key.arn, retention_in_days=retention)
        cluster = aws.ecs.Cluster("main", tags={"topic": topic.arn})
        container = pulumi.Output.json_dumps([{"name": "api", "image": family, "log": logs.name}])
        task = aws.ecs.TaskDefinition("api", family="api", cpu="256", memory="512", container_definitions=container)
        aws.ecs.Service("api", cluster=cluster.arn, task_definition=task.arn, launch_type="FARGATE")

    return program


def test_a_first_deployment_that_is_killed_converges(live: Callable[..., Life]) -> None:
    life = live(chain())
    assert life.interrupt(3)

    pending = {item["resource"]["urn"] for item in life.state()["pending_operations"]}
    assert {thing.urn for thing in life.orphans()} <= pending  # the operator can find every one of them

    with pytest.raises(CommandError, match="locked"):
        life.up()

    life.recover()
    life.up(refresh=True)
    assert life.orphans() == []
    assert len(life.things()) == RESOURCES
    assert set(life.preview().counts) == {"same"}
    life.stack.destroy()
    assert life.things() == []


@pytest.mark.parametrize("after", [1, 3])
def test_a_change_that_is_killed_converges(live: Callable[..., Life], after: int) -> None:
    new = chain(retention=60, family="two")  # update the log group, replace the task definition, update the service
    life = live(chain())
    life.up()
    life.with_program(new)
    assert life.interrupt(after)

    life.recover()
    life.up(refresh=True)
    assert life.orphans() == []
    assert len(life.things()) == RESOURCES
    assert set(life.preview().counts) == {"same"}
    life.stack.destroy()
    assert life.things() == []
