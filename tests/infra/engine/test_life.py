"""The whole life of a stack on the real engine, with its state in S3."""

from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.automation.errors import CommandError
from pulumi_life import Life

from infra.program import company_transform

DIGEST = "repo@sha256:" + "1" * 64
OTHER = "repo@sha256:" + "2" * 64

Live = Callable[..., Life]


def service(digest: str = DIGEST, *, retention: int = 30, role: str = "role") -> Callable[[], None]:
    """A task definition with its log group and role, and the service that runs it."""

    def program() -> None:
        cluster = aws.ecs.Cluster("main")
        logs = aws.cloudwatch.LogGroup("api", retention_in_days=retention)
        task_role = aws.iam.Role(role, assume_role_policy='{"Version": "2012-10-17", "Statement": []}')
        container = pulumi.Output.json_dumps([{"name": "api", "image": digest, "log": logs.name}])
        task = aws.ecs.TaskDefinition(
            "api", family="api", cpu="256", memory="512", container_definitions=container, task_role_arn=task_role.arn
        )
        aws.ecs.Service("api", cluster=cluster.arn, task_definition=task.arn, desired_count=1, launch_type="FARGATE")
        pulumi.export("task", task.arn)

    return program


def touched(life: Life) -> list[tuple[str, str]]:
    return sorted((item.operation, item.type.rpartition(":")[2]) for item in life.up())


def test_a_stack_lives_from_first_preview_to_destroy(live: Live) -> None:
    life = live(service())

    assert life.preview().counts == {"create": 7}
    assert life.things() == []  # a preview makes nothing

    life.up()
    assert len(life.things()) == 5  # all but the stack and the provider exist in the cloud
    assert life.orphans() == []

    assert life.preview().counts == {"same": 7}
    assert life.up() == []
    life.stack.refresh(expect_no_changes=True)

    life.with_program(service(retention=60))
    assert touched(life) == [("update", "LogGroup")]

    life.with_program(service(OTHER, retention=60))
    # A new revision replaces the old one; the service moves to it; nothing else is touched.
    assert touched(life) == [("replace", "TaskDefinition"), ("update", "Service")]
    assert life.stack.outputs()["task"].value.endswith("task-definition/api:2")
    assert [thing.outputs["revision"] for thing in life.things() if thing.type.endswith(":TaskDefinition")] == [2]

    life.stack.destroy()
    assert life.things() == []
    assert life.state().get("resources", []) == []


def test_a_resource_that_vanished_is_seen_by_refresh_and_made_again(live: Live) -> None:
    life = live(service())
    life.up()
    before = len(life.changes())
    lost = next(thing for thing in life.things() if thing.type.endswith(":LogGroup"))
    life.forget(lost)

    life.stack.refresh()
    assert ("create", "LogGroup") in touched(life)
    assert [change["change"] for change in life.changes()[before:] if "LogGroup" in change["urn"]] == ["create"]


def test_names_are_made_once_and_kept(live: Live) -> None:
    life = live(service())
    planned = {item.name: item.props.get("name") for item in life.preview().resources if item.type.endswith(":Role")}
    life.up()
    role = next(thing for thing in life.things() if thing.type.endswith(":Role"))
    assert role.inputs["name"] == planned["role"]
    assert str(role.inputs["name"]).startswith("role-")
    assert len(str(role.inputs["name"])) == len("role-1234567")


def test_what_the_program_no_longer_names_is_deleted(live: Live) -> None:
    life = live(service())
    life.up()
    life.with_program(service(role="renamed"))
    assert ("delete", "Role") in touched(life)
    roles = [thing.inputs["name"] for thing in life.things() if thing.type.endswith(":Role")]
    assert len(roles) == 1
    assert str(roles[0]).startswith("renamed-")


def test_a_wrong_account_is_refused_before_anything_is_created(live: Live) -> None:
    def program() -> None:
        provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=["999999999999"])
        aws.ecs.Cluster("main", opts=pulumi.ResourceOptions(provider=provider))

    life = live(program)
    with pytest.raises(CommandError, match="AWS account ID not allowed: 123456789012"):
        life.up()
    assert life.things() == []

    life.with_program(program, POLYGLOT_STANDIN_ACCOUNT="999999999999")
    life.up()
    assert len(life.things()) == 1


def test_a_failing_program_creates_nothing_and_is_told(live: Live) -> None:
    def program() -> None:
        raise pulumi.RunError("polyglot:aws.region: is not set")

    life = live(program)
    with pytest.raises(CommandError, match=r"polyglot:aws\.region: is not set"):
        life.up()
    assert life.things() == []


def test_default_tags_reach_every_resource(live: Live) -> None:
    def program() -> None:
        provider = aws.Provider("aws", region="us-east-1", default_tags={"tags": {"project": "polyglot", "x": "1"}})
        aws.ecs.Cluster("main", tags={"x": "2"}, opts=pulumi.ResourceOptions(provider=provider))

    life = live(program)
    life.up()
    (cluster,) = life.things()
    assert cluster.outputs["tagsAll"] == {"project": "polyglot", "x": "2"}


def test_the_cloud_refuses_to_delete_what_it_protects(live: Live) -> None:
    def program(*, protected: bool) -> Callable[[], None]:
        def run() -> None:
            aws.lb.LoadBalancer("edge", enable_deletion_protection=protected, subnets=["subnet-1", "subnet-2"])

        return run

    life = live(program(protected=True))
    life.up()
    with pytest.raises(CommandError, match="enableDeletionProtection is on"):
        life.stack.destroy()
    assert len(life.things()) == 1

    life.with_program(program(protected=False))
    life.up()
    life.stack.destroy()
    assert life.things() == []


CHANGES = """
import pulumi

def change(args):
    if args.type_ != "aws:cloudwatch/logGroup:LogGroup":
        return None
    return pulumi.ResourceTransformResult(props={**args.props, "retentionInDays": 365}, opts=args.opts)
"""


def test_a_company_s_transform_changes_what_no_setting_changes(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme_rules.py").write_text(CHANGES)
    monkeypatch.syspath_prepend(str(tmp_path))

    def program() -> None:
        pulumi.runtime.register_resource_transform(company_transform("acme_rules:change"))
        service(retention=30)()

    life = live(program)
    life.up()
    (group,) = [thing for thing in life.things() if thing.type.endswith(":LogGroup")]
    assert group.outputs["retentionInDays"] == 365
    life.stack.destroy()
