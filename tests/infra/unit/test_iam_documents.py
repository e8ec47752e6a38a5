"""Every IAM document of every stack and of the account, against cfn-lint's schemas of policies."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from infra_mocks import Recorded
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from roles import bootstrapped
from whole import STACKS, stack

from offline.standins.data import cfnlint_data

KINDS = {
    ("aws.iam.Policy", "policy"): "policy_identity",
    ("aws.iam.RolePolicy", "policy"): "policy_identity",
    ("aws.iam.Role", "assumeRolePolicy"): "policy_trust",
    ("aws.ecr.RepositoryPolicy", "policy"): "policy_resource_ecr",
    ("aws.kms.Key", "policy"): "policy_resource",
    ("aws.s3.BucketPolicy", "policy"): "policy_resource",
    ("aws.sns.TopicPolicy", "policy"): "policy_resource",
}
"""Where a document stands, and which kind of it."""


def validators() -> dict[str, Draft202012Validator]:
    folder = cfnlint_data() / "schemas" / "other" / "iam"
    schemas = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}
    shared = Registry().with_resource("policy", DRAFT202012.create_resource(schemas["policy"]))
    return {kind: Draft202012Validator(schemas[kind], registry=shared) for kind in set(KINDS.values())}


VALIDATORS = validators()


def documents(recorded: Recorded) -> Iterator[tuple[str, str, Any]]:
    for resource in recorded.resources:
        for (kind, key), schema in KINDS.items():
            if resource.kind == kind:
                yield f"{kind} {resource.name}", schema, resource.json(key)


def wrong(schema: str, document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in VALIDATORS[schema].iter_errors(document)]


@pytest.mark.parametrize("name", [*STACKS, "account"])
def test_iam_would_take_every_document(name: str) -> None:
    found = list(documents(bootstrapped() if name == "account" else stack(name)))
    assert len(found) > 3
    assert [(where, wrong(schema, document)) for where, schema, document in found if wrong(schema, document)] == []


GOOD = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::x/*"}


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "allow"},
        {"Resource": "x/*"},
        {"Principal": "*"},
        {"Condition": {"StringIs": {"aws:SourceAccount": "1"}}},
        {"Condition": {"Null": {"kms:ViaService": "maybe"}}},
        {"Sid": "not a word"},
    ],
)
def test_what_iam_refuses_is_found(changes: dict[str, Any]) -> None:
    document = {"Version": "2012-10-17", "Statement": [GOOD]}
    assert wrong("policy_identity", document) == []
    assert wrong("policy_identity", {**document, "Statement": [{**GOOD, **changes}]})
    assert wrong("policy_identity", {**document, "Version": "2012-10-18"})
