"""What the pretended clouds answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offline.standins import schema
from offline.standins.aws import Aws
from offline.standins.cloud import Birth, RefusedError
from offline.standins.docker import DockerBuild, context_hash
from offline.standins.world import AlreadyExistsError, Thing, World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def create(world: World, type_: str, number: int = 0, **inputs: Any) -> tuple[str, dict[str, Any]]:
    birth = Birth(type_, f"urn:pulumi:s::p::{type_}::thing", number, inputs)
    identifier, outputs = Aws().create(birth, schema.load("pulumi_aws", type_), world)
    return identifier, dict(outputs)


def test_outputs_look_like_the_clouds_and_are_the_same_each_time(world: World) -> None:
    identifier, outputs = create(world, "aws:lb/loadBalancer:LoadBalancer", name="edge")
    assert outputs["arn"] == identifier
    assert identifier.startswith("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/edge/")
    assert identifier.endswith(outputs["arnSuffix"])
    assert outputs["dnsName"].endswith(".us-east-1.elb.amazonaws.com")
    assert create(world, "aws:lb/loadBalancer:LoadBalancer", name="edge") == (identifier, outputs)
    assert create(world, "aws:lb/loadBalancer:LoadBalancer", 1, name="edge")[0] != identifier


def test_a_prefix_becomes_a_name_and_so_an_id(world: World) -> None:
    identifier, outputs = create(world, "aws:iam/role:Role", namePrefix="polyglot-api-")
    assert identifier == outputs["name"]
    assert identifier.startswith("polyglot-api-")
    assert len(identifier) == len("polyglot-api-") + 26


def test_a_certificate_says_how_each_of_its_names_is_validated(world: World) -> None:
    names = ["*.example.com", "api.example.org"]
    _, outputs = create(
        world, "aws:acm/certificate:Certificate", domainName="example.com", subjectAlternativeNames=names
    )
    options = outputs["domainValidationOptions"]
    assert [item["domainName"] for item in options] == ["example.com", *names]
    records = [item["resourceRecordName"] for item in options]
    assert records[0] == records[1]  # a wildcard shares its parent's record
    assert records[2].endswith(".api.example.org.")


def test_revisions_only_go_up(world: World) -> None:
    made = [create(world, "aws:ecs/taskDefinition:TaskDefinition", family="api")[1] for _ in range(2)]
    assert [item["revision"] for item in made] == [1, 2]
    assert made[1]["arn"].endswith(":task-definition/api:2")


def test_a_name_can_be_taken_once(world: World) -> None:
    one = Thing("aws:iam/role:Role", "1", "urn", "api", {}, {})
    world.create(one)
    with pytest.raises(AlreadyExistsError, match="'api' already exists"):
        world.create(Thing("aws:iam/role:Role", "2", "urn", "api", {}, {}))
    world.delete("aws:iam/role:Role", "1", "urn")
    world.create(one)
    assert world.births("urn") == 2


def ask(world: World, data_source: str, /, **arguments: Any) -> dict[str, Any]:
    return dict(Aws().invoke(f"aws:{data_source}", arguments, world))


def test_the_caller_is_the_account_that_was_set(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGLOT_STANDIN_ACCOUNT", "210987654321")
    assert ask(world, "index/getCallerIdentity:getCallerIdentity")["accountId"] == "210987654321"


def test_a_policy_document_is_rendered(world: World) -> None:
    statement = {
        "sid": "Read",
        "actions": ["s3:GetObject"],
        "resources": ["a", "b"],
        "principals": [{"type": "Service", "identifiers": ["ecs.amazonaws.com"]}],
        "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],
    }
    answer = ask(world, "iam/getPolicyDocument:getPolicyDocument", statements=[statement])
    assert json.loads(answer["json"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": ["a", "b"],
                "Principal": {"Service": "ecs.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            }
        ],
    }


def test_a_parameter_that_is_not_there_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGLOT_STANDIN_PARAMETERS", "{}")
    with pytest.raises(RefusedError, match="there is no parameter '/polyglot/x'"):
        ask(world, "ssm/getParameter:getParameter", name="/polyglot/x")


def test_a_data_source_that_is_not_known_is_named(world: World) -> None:
    with pytest.raises(RefusedError, match="does not know the data source aws:mq/getBroker:getBroker"):
        ask(world, "mq/getBroker:getBroker")


@pytest.mark.parametrize(
    ("config", "fine"),
    [
        ({}, True),
        ({"allowedAccountIds": ["123456789012"]}, True),
        ({"allowedAccountIds": ["1"]}, False),
        ({"forbiddenAccountIds": ["123456789012"]}, False),
    ],
)
def test_accounts_are_held_to_the_providers_lists(config: dict[str, Any], fine: bool) -> None:
    if fine:
        Aws().configure(config)
        return
    with pytest.raises(RefusedError, match="AWS account ID not allowed: 123456789012"):
        Aws().configure(config)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "node_modules" / "deep").mkdir(parents=True)
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    (tmp_path / ".dockerignore").write_text("# what is built\nnode_modules\n**/*.log\n!src/keep.log\n")
    (tmp_path / "src" / "a.py").write_text("1")
    return tmp_path


def of(context: Path, **more: Any) -> str:
    return context_hash({"context": {"location": str(context)}, **more})


@pytest.mark.parametrize("name", ["node_modules/deep/x.js", "src/b.log", "c.log"])
def test_what_is_ignored_does_not_change_an_image(context: Path, name: str) -> None:
    before = of(context)
    (context / name).write_text("x")
    assert of(context) == before


@pytest.mark.parametrize("name", ["src/a.py", "src/new.py", "src/keep.log", "Dockerfile", "node_modules.txt"])
def test_what_is_built_in_changes_an_image(context: Path, name: str) -> None:
    before = of(context)
    (context / name).write_text("x")
    assert of(context) != before


def test_an_image_is_known_by_its_content(context: Path, world: World) -> None:
    found = schema.load("pulumi_docker_build", "docker-build:index:Image")
    inputs: dict[str, Any] = {"push": True, "tags": ["host:5000/api:1"], "context": {"location": str(context)}}
    birth = Birth("docker-build:index:Image", "urn:pulumi:s::p::docker-build:index:Image::api", 0, inputs)
    identifier, outputs = DockerBuild().create(birth, found, world)
    assert outputs["ref"] == f"host:5000/api@{identifier}"
    assert identifier.startswith("sha256:")
    assert of(context, buildArgs={"A": "1"}) != of(context)
