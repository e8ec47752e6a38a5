"""What the stand-ins refuse: unknown, missing, wrong type, wrong value."""

import json
from typing import Any

import pytest

from offline.standins import schema
from offline.standins.check import check, table
from offline.standins.values import SIGNATURE, UNKNOWN

PACKAGES = {"aws": "pulumi_aws", "docker": "pulumi_docker", "docker-build": "pulumi_docker_build"}
LISTENER = "aws:lb/listener:Listener"
GOOD: dict[str, Any] = {"loadBalancerArn": "arn:x", "port": 443, "defaultActions": [{"type": "forward"}]}


def failures(type_: str, **inputs: Any) -> dict[str, str]:
    found = schema.load(PACKAGES[type_.partition(":")[0]], type_)
    return {item.path: item.reason for item in check(found, table("allowed").get(type_, {}), inputs)}


def test_what_is_right_passes() -> None:
    assert failures(LISTENER, **GOOD) == {}


def test_an_unknown_argument_is_named_with_those_that_are_known() -> None:
    found = failures(LISTENER, **GOOD, sslPolcy="x")
    assert list(found) == ["sslPolcy"]
    assert "sslPolicy" in found["sslPolcy"]


def test_an_unknown_argument_is_found_deep_inside() -> None:
    actions = [{"type": "forward", "forward": {"targetGroups": [{"arn": "a"}, {"arn": "b", "wieght": 1}]}}]
    found = failures(LISTENER, **{**GOOD, "defaultActions": actions})
    assert list(found) == ["defaultActions[0].forward.targetGroups[1].wieght"]


@pytest.mark.parametrize("name", ["loadBalancerArn", "defaultActions"])
def test_a_missing_argument_is_named(name: str) -> None:
    inputs = {key: value for key, value in GOOD.items() if key != name}
    assert failures(LISTENER, **inputs) == {name: "is required and missing"}


def test_a_missing_argument_is_found_deep_inside() -> None:
    found = failures(LISTENER, **{**GOOD, "defaultActions": [{"order": 1}]})
    assert found == {"defaultActions[0].type": "is required and missing"}


@pytest.mark.parametrize(
    ("inputs", "path", "reason"),
    [
        ({"port": "https"}, "port", "must be a whole number, not a string"),
        ({"port": 1.5}, "port", "must be a whole number, not a number"),
        ({"port": True}, "port", "must be a whole number, not a boolean"),
        ({"protocol": ["HTTPS"]}, "protocol", "must be a string, not a list"),
        ({"tags": ["a"]}, "tags", "must be a map, not a list"),
        ({"tags": {"a": ["b"]}}, "tags.a", "must be a string, not a list"),
        ({"defaultActions": {"type": "forward"}}, "defaultActions", "must be a list, not an object"),
        ({"defaultActions": ["forward"]}, "defaultActions[0]", "must be an object, not a string"),
    ],
)
def test_a_wrong_type_is_named(inputs: dict[str, Any], path: str, reason: str) -> None:
    assert failures(LISTENER, **{**GOOD, **inputs}) == {path: reason}


@pytest.mark.parametrize("inputs", [{"port": "443"}, {"port": 443.0}, {"protocol": UNKNOWN}, {"port": UNKNOWN}])
def test_what_the_bridge_takes_passes(inputs: dict[str, Any]) -> None:
    assert failures(LISTENER, **{**GOOD, **inputs}) == {}


@pytest.mark.parametrize(
    ("type_", "inputs", "path"),
    [
        (LISTENER, {**GOOD, "sslPolicy": "ELBSecurityPolicy-TLS13"}, "sslPolicy"),
        (LISTENER, {**GOOD, "protocol": "https"}, "protocol"),
        ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 31}, "retentionInDays"),
        ("aws:ecs/service:Service", {"launchType": "FARGATE_SPOT"}, "launchType"),
        ("aws:ssm/parameter:Parameter", {"type": "Secure"}, "type"),
        ("aws:ecs/taskDefinition:TaskDefinition", {"family": "a", "containerDefinitions": "[]", "cpu": "300"}, "cpu"),
    ],
)
def test_a_value_that_the_cloud_does_not_have_is_refused(type_: str, inputs: dict[str, Any], path: str) -> None:
    found = failures(type_, **inputs)
    assert list(found) == [path]
    assert found[path].startswith("has a value that does not exist; allowed are: ")


def test_an_enum_of_the_sdk_is_held_to_its_values() -> None:
    image = "docker-build:index:Image"
    assert failures(image, push=False, platforms=["linux/arm64"]) == {}
    assert list(failures(image, push=False, platforms=["linux/arm65"])) == ["platforms[0]"]
    assert list(failures("aws:lambda/function:Function", role="r", runtime="python9.9")) == ["runtime"]


def test_a_document_must_be_json() -> None:
    inputs = {"family": "a", "containerDefinitions": "name: api"}
    assert failures("aws:ecs/taskDefinition:TaskDefinition", **inputs) == {
        "containerDefinitions": "must be a JSON document"
    }


def test_an_asset_is_taken_where_one_belongs_and_nothing_else_is() -> None:
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "path": "x.zip"}
    assert failures("aws:lambda/function:Function", role="r", code=asset) == {}
    assert list(failures("aws:lambda/function:Function", role="r", code="x.zip")) == ["code"]


def test_no_message_holds_a_value() -> None:
    secret = "hunter2"
    wrong: dict[str, Any] = {"type": secret, "value": [secret], "tags": secret, "overwrite": secret, secret: 1}
    found = failures("aws:ssm/parameter:Parameter", **wrong)
    assert len(found) == 5
    assert secret not in json.dumps(list(found.values()))


def test_a_type_that_the_sdk_does_not_have_is_named() -> None:
    with pytest.raises(schema.UnknownTypeError, match="aws:ecs/servce:Servce is not a resource type"):
        schema.derive("pulumi_aws", "aws:ecs/servce:Servce")


@pytest.mark.parametrize("file", ["allowed", "replace", "names", "outputs"])
def test_the_data_files_name_what_exists(file: str) -> None:
    unknown = []
    for type_, entry in table(file).items():
        found = schema.load(PACKAGES[type_.partition(":")[0]], type_)
        inputs, outputs = set(found.inputs.properties), set(found.outputs)
        lists = [path for value in entry.values() if isinstance(value, list) for path in value]
        paths = {"allowed": list(entry), "replace": lists, "names": [entry.get("property", "")], "outputs": list(entry)}
        known = outputs | {"id"} if file == "outputs" else inputs | {"*", ""}
        unknown += [f"{type_} {path}" for path in paths[file] if str(path).partition(".")[0] not in known]
    assert unknown == []


def test_a_schema_is_read_from_the_cache_the_second_time(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = schema.load("pulumi_aws", LISTENER)
    monkeypatch.setattr(schema, "derive", None)
    assert schema.load("pulumi_aws", LISTENER) == first
