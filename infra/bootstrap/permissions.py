"""What the pipeline's roles may do, and what the roles that they make may do at most."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from infra.bootstrap.documents import TASK_SERVICES
from infra.bootstrap.settings import BootstrapSettings
from infra.iam import Statement, allow

GLOBAL_REGION: Final = "us-east-1"


def _words(text: str, service: str) -> list[str]:
    return [word if ":" in word else f"{service}:{word}" for word in text.split()]


def _read(table: Mapping[str, str], service: str | None = None) -> dict[str, list[str]]:
    """Actions by resource, each with the service that it belongs to."""
    return {key: _words(text, service or key.split(":")[0]) for key, text in table.items()}


_FILE: Final = tomllib.loads(Path(__file__).with_name("permissions.toml").read_text(encoding="utf-8"))
READS: Final = _read(_FILE["reads"])
WRITES: Final = _read(_FILE["writes"])
BOUNDARY: Final = _read(_FILE["boundary"])
BUCKETS: Final = _read(_FILE["buckets"], "s3")
OTHER_REGION_KEY: Final = _read(_FILE["key"], "kms")["other_region"]


def _statements(table: dict[str, list[str]], s: BootstrapSettings, env: str) -> list[Statement]:
    merged: dict[str, list[str]] = {}
    for target, actions in table.items():
        for region in dict.fromkeys((s.region, GLOBAL_REGION)) if "{regions}" in target else (s.region,):
            place = {"region": s.region, "regions": region, "account": s.account, "env": env, "prefix": s.prefix}
            named = "*" if target == "*" else f"arn:{s.partition}:{target.format(**place)}"
            merged.setdefault(named, []).extend(action for action in actions if action not in merged.get(named, ()))
    return [allow(actions, target) for target, actions in merged.items()]


def _buckets(s: BootstrapSettings, actions: Sequence[str]) -> Statement:
    """Buckets of this account; their names are made up by the engine, and S3's ARNs carry no account."""
    return allow(actions, f"arn:{s.partition}:s3:::*", condition={"StringEquals": {"aws:ResourceAccount": s.account}})


def reading(s: BootstrapSettings, env: str) -> list[Statement]:
    """What the preview role may do beside reading its state."""
    key = [action for action in OTHER_REGION_KEY if action.split(":")[1].startswith(("Describe", "Get", "List"))]
    return [*_statements(READS, s, env), _buckets(s, BUCKETS["reads"]), *_other_region(s, env, key)]


def describing(key: str) -> list[Statement]:
    """The environment's key is looked up by its alias, and the provider describes it."""
    return [allow(["kms:DescribeKey"], key)]


def _other_region(s: BootstrapSettings, env: str, actions: Sequence[str]) -> list[Statement]:
    if s.region == GLOBAL_REGION or not actions:
        return []
    own = {"StringEquals": {"aws:ResourceTag/Environment": env}}
    made = {"StringEquals": {"aws:RequestTag/Environment": env}}
    rest = [action for action in actions if action != "kms:CreateKey"]
    found = [allow(rest, f"arn:{s.partition}:kms:{GLOBAL_REGION}:{s.account}:key/*", condition=own)]
    return [*found, allow(["kms:CreateKey"], "*", condition=made)] if "kms:CreateKey" in actions else found


def writing(s: BootstrapSettings, env: str, key: str, boundary: str) -> list[Statement]:
    """What the deploy role may do beside reading, and beside its state."""
    roles = f"arn:{s.partition}:iam::{s.account}:role/{s.prefix}/{env}/*"
    service_roles = f"arn:{s.partition}:iam::{s.account}:role/aws-service-role/*"
    via = [f"{name}.{s.region}.amazonaws.com" for name in ("rds", "secretsmanager", "elasticache", "ec2", "s3", "ecr")]
    return [
        *_statements(WRITES, s, env),
        _buckets(s, BUCKETS["writes"]),
        allow(
            BUCKETS["empties"],
            f"arn:{s.partition}:s3:::*/*",
            condition={"StringEquals": {"aws:ResourceAccount": s.account}},
        ),
        *_other_region(s, env, OTHER_REGION_KEY),
        allow(
            ["iam:CreateRole", "iam:PutRolePolicy"],
            roles,
            condition={"StringEquals": {"iam:PermissionsBoundary": boundary}},
        ),
        allow(["iam:PassRole"], roles, condition={"StringEquals": {"iam:PassedToService": list(TASK_SERVICES)}}),
        allow(["iam:CreateServiceLinkedRole"], service_roles),
        allow(["kms:CreateGrant"], key, condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        allow(["kms:GenerateDataKey", "kms:Encrypt"], key, condition={"StringEquals": {"kms:ViaService": via}}),
        # RDS keeps the database's password in Secrets Manager, which opens what it has just sealed.
        # Source: Secrets Manager user guide, "Permissions for the KMS key". No role here may ask for a secret's value.
        allow(["kms:Decrypt"], key, condition={"StringEquals": {"kms:ViaService": via[:2]}}),
    ]


def refusing(s: BootstrapSettings, env: str) -> list[Statement]:
    """What the deploy role may never do: touch another environment, the state bucket itself, or its own limits."""
    others = [name for name in ("staging", "prod") if name != env]
    state = [f"arn:{s.partition}:s3:::{s.bucket}", f"arn:{s.partition}:s3:::{s.bucket}-log"]
    bounds = [
        f"arn:{s.partition}:iam::{s.account}:policy/{s.prefix}/*",
        f"arn:{s.partition}:iam::{s.account}:role/{s.prefix}-*",
    ]
    theirs = {"StringEquals": {"aws:ResourceTag/Environment": others}}
    old, unbound = ["s3:DeleteObjectVersion"], ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"]
    return [
        allow(["*"], "*", condition=theirs, sid="OtherEnvironments", effect="Deny"),
        allow(BUCKETS["writes"], state, sid="StateBucket", effect="Deny"),
        allow(old, [f"{one}/*" for one in state], sid="StateVersions", effect="Deny"),
        allow(["iam:*"], bounds, sid="OwnLimits", effect="Deny"),
        allow(unbound, "*", sid="BoundaryStays", effect="Deny"),
    ]


def publishing(s: BootstrapSettings) -> list[Statement]:
    """Push images where the repositories are; mark what a stack runs (`keep-…`) wherever they are."""
    mark = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:PutImage"]
    if not s.registry:
        return [allow(mark, f"arn:{s.partition}:ecr:*:*:repository/{s.prefix}/*")]
    push = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:UploadLayerPart",
    ]
    return [allow([*mark, *push], f"arn:{s.partition}:ecr:{s.region}:{s.account}:repository/{s.prefix}/*")]


def bounding(s: BootstrapSettings, env: str, key: str) -> list[Statement]:
    """The most that a role made by a stack can have.

    It is what tasks, migrations, flow logs and the NAT instance need.
    """
    ecs, stack = f"arn:{s.partition}:ecs:{s.region}:{s.account}", f"{s.prefix}-{env}"
    roles = f"arn:{s.partition}:iam::{s.account}:role/{s.prefix}/{env}/*"
    here = {"ArnEquals": {"ecs:cluster": f"{ecs}:cluster/{stack}"}}
    tasks = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    return [
        *_statements(BOUNDARY, s, env),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        allow(["ecs:RunTask"], f"{ecs}:task-definition/{stack}-migrate:*", condition=here),
        allow(["iam:PassRole"], roles, condition=tasks),
    ]
