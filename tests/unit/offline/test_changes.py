"""What differs, what that forces, and what things are called."""

from typing import Any

import pytest

from offline.standins import naming, schema
from offline.standins.changes import Change, compare

SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"


def test_the_same_is_no_change() -> None:
    inputs: dict[str, Any] = {"a": 1, "b": [{"c": "d"}], "__defaults": ["a"]}
    assert compare(SERVICE, inputs, {**inputs, "__defaults": []}) == []


def test_a_change_is_named_by_its_path() -> None:
    old: dict[str, Any] = {"tags": {"a": "1"}, "loadBalancers": [{"containerPort": 80}], "desiredCount": 1}
    new: dict[str, Any] = {"tags": {"a": "1", "b": "2"}, "loadBalancers": [{"containerPort": 81}]}
    assert compare(SERVICE, old, new) == [
        Change("desiredCount", "delete", replaces=False),
        Change("loadBalancers[0].containerPort", "update", replaces=False),
        Change("tags.b", "add", replaces=False),
    ]


@pytest.mark.parametrize(
    ("type_", "name", "replaces"),
    [
        (SERVICE, "taskDefinition", False),
        (SERVICE, "launchType", True),
        (TASK, "containerDefinitions", True),
        (TASK, "cpu", True),
        (TASK, "tags", False),
        ("aws:ec2/vpc:Vpc", "cidrBlock", True),
        ("aws:ec2/vpc:Vpc", "enableDnsSupport", False),
        ("aws:lb/targetGroup:TargetGroup", "port", True),
        ("aws:lb/targetGroup:TargetGroup", "deregistrationDelay", False),
        ("aws:lb/listener:Listener", "loadBalancerArn", True),
        ("aws:ec2/securityGroup:SecurityGroup", "description", True),
        ("aws:kms/key:Key", "policy", False),
        ("aws:rds/instance:Instance", "engine", True),
        ("aws:rds/instance:Instance", "instanceClass", False),
        ("aws:ecr/repository:Repository", "encryptionConfigurations", True),
        ("aws:acm/certificate:Certificate", "domainName", True),
    ],
)
def test_replacement_is_forced_where_aws_forces_it(type_: str, name: str, replaces: bool) -> None:
    assert [item.replaces for item in compare(type_, {name: "1"}, {name: "2"})] == [replaces]


def test_a_document_is_compared_by_what_it_says() -> None:
    assert (
        compare(TASK, {"containerDefinitions": '[{"a":1,"b":2}]'}, {"containerDefinitions": '[{"b": 2, "a": 1}]'}) == []
    )
    assert compare(TASK, {"containerDefinitions": '[{"a":1}]'}, {"containerDefinitions": '[{"a":2}]'}) != []


def rule(type_: str) -> naming.Rule | None:
    return naming.rule(type_, schema.load("pulumi_aws", type_))


def test_a_name_is_made_kept_or_given() -> None:
    how = rule("aws:iam/role:Role")
    first = naming.name(how, "seed", "api", {}, {})
    assert str(first["name"]).startswith("api-")
    assert naming.name(how, "other", "api", first, {})["name"] == first["name"]
    assert naming.name(how, "other", "api", {}, {})["name"] != first["name"]
    assert naming.name(how, "seed", "api", {}, {"name": "mine"})["name"] == "mine"
    assert "name" not in naming.name(how, "seed", "api", {}, {"namePrefix": "mine-"})


def test_names_keep_to_the_services_limits() -> None:
    long = "A" * 80
    assert len(str(naming.name(rule("aws:lb/targetGroup:TargetGroup"), "s", long, {}, {})["name"])) == 32
    bucket = str(naming.name(rule("aws:s3/bucket:Bucket"), "s", long, {}, {})["bucket"])
    assert len(bucket) == 63
    assert bucket == bucket.lower()
    assert rule("aws:ec2/vpc:Vpc") is None
    assert rule("aws:route53/record:Record") is None


def test_a_replacement_of_a_given_name_must_wait_for_the_old_one_to_go() -> None:
    type_ = "aws:lb/targetGroup:TargetGroup"
    known = schema.load("pulumi_aws", type_)
    given: dict[str, Any] = {"name": "api", "__defaults": []}
    chosen: dict[str, Any] = {"name": "api-1234567", "__defaults": ["name"]}
    assert naming.collides(type_, known, given, given)
    assert not naming.collides(type_, known, chosen, {**chosen, "name": "api-7654321"})
    assert not naming.collides(type_, known, given, {**given, "name": "other"})
