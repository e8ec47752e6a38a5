"""What the pipeline's roles may do, and what the roles that they make may do at most."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from infra.bootstrap.documents import TASK_SERVICES, Statement, allow
from infra.bootstrap.settings import BootstrapSettings

GLOBAL_REGION: Final = "us-east-1"


def _words(text: str, service: str) -> list[str]:
    return [word if ":" in word else f"{service}:{word}" for word in text.split()]


def _read(table: Mapping[str, str], service: str | None = None) -> dict[str, list[str]]:
    """Actions by resource, each with the service that it belongs to."""
    return {key: _words(text, service or key.split(":")[0]) for key, text in table.items()}


_FILE: Final = tomllib.loads(Path(__file__).with_name("permissions.toml").read_text(encoding="utf-8"))
READS: Final = _read(_FILE["reads"])
WRITES: Final = _read(_FILE["writes"])
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
    return allow(actions, f"arn:{s.partition}:s3:::*", {"StringEquals": {"aws:ResourceAccount": s.account}})


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
    found = [allow(rest, f"arn:{s.partition}:kms:{GLOBAL_REGION}:{s.account}:key/*", own)]
    return [*found, allow(["kms:CreateKey"], "*", made)] if "kms:CreateKey" in actions else found


def writing(s: BootstrapSettings, env: str, key: str, boundary: str) -> list[Statement]:
    """What the deploy role may do beside reading, and beside its state."""
    roles = f"arn:{s.partition}:iam::{s.account}:role/{s.prefix}/{env}/*"
    service_roles = f"arn:{s.partition}:iam::{s.account}:role/aws-service-role/*"
    via = [f"{name}.{s.region}.amazonaws.com" for name in ("rds", "secretsmanager", "elasticache", "ec2", "s3", "ecr")]
    return [
        *_statements(WRITES, s, env),
        _buckets(s, BUCKETS["writes"]),
        allow(BUCKETS["empties"], f"arn:{s.partition}:s3:::*/*", {"StringEquals": {"aws:ResourceAccount": s.account}}),
        *_other_region(s, env, OTHER_REGION_KEY),
        allow(["iam:CreateRole", "iam:PutRolePolicy"], roles, {"StringEquals": {"iam:PermissionsBoundary": boundary}}),
        allow(["iam:PassRole"], roles, {"StringEquals": {"iam:PassedToService": list(TASK_SERVICES)}}),
        allow(["iam:CreateServiceLinkedRole"], service_roles),
        allow(["kms:CreateGrant"], key, {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        allow(["kms:GenerateDataKey", "kms:Encrypt"], key, {"StringEquals": {"kms:ViaService": via}}),
        # RDS keeps the database's password in Secrets Manager, which opens what it has just sealed.
        # Source: Secrets Manager user guide, "Permissions for the KMS key". No role here may ask for a secret's value.
        allow(["kms:Decrypt"], key, {"StringEquals": {"kms:ViaService": via[:2]}}),
    ]


def refusing(s: BootstrapSettings, env: str) -> list[Statement]:
    """What the deploy role may never do: touch another environment, the state bucket itself, or its own limits."""
    others = [name for name in ("staging", "prod") if name != env]
    state = [f"arn:{s.partition}:s3:::{s.bucket}", f"arn:{s.partition}:s3:::{s.bucket}-log"]
    bounds = [
        f"arn:{s.partition}:iam::{s.account}:policy/{s.prefix}/*",
        f"arn:{s.partition}:iam::{s.account}:role/{s.prefix}-*",
    ]
    return [
        {
            "Sid": "OtherEnvironments",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/Environment": others}},
        },
        {"Sid": "StateBucket", "Effect": "Deny", "Action": BUCKETS["writes"], "Resource": state},
        {
            "Sid": "StateVersions",
            "Effect": "Deny",
            "Action": ["s3:DeleteObjectVersion"],
            "Resource": [f"{one}/*" for one in state],
        },
        {"Sid": "OwnLimits", "Effect": "Deny", "Action": "iam:*", "Resource": bounds},
        {
            "Sid": "BoundaryStays",
            "Effect": "Deny",
            "Action": ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
            "Resource": "*",
        },
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
    here = f"{s.region}:{s.account}"
    return [
        allow(["ecr:GetAuthorizationToken"], "*"),
        allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            f"arn:{s.partition}:ecr:{s.region}:*:repository/{s.prefix}/*",
        ),
        allow(
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            f"arn:{s.partition}:logs:{here}:log-group:*",
        ),
        allow(["logs:DescribeLogGroups"], "*"),
        allow(["ssm:GetParameter", "ssm:GetParameters"], f"arn:{s.partition}:ssm:{here}:parameter/{s.prefix}/{env}/*"),
        allow(["secretsmanager:GetSecretValue"], f"arn:{s.partition}:secretsmanager:{here}:secret:rds!*"),
        # Models of AWS, which the agent uses with its role.
        allow(["polly:SynthesizeSpeech", "transcribe:StartStreamTranscription"], "*"),
        allow(
            ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            f"arn:{s.partition}:bedrock:{s.region}::foundation-model/*",
        ),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        allow(
            ["ecs:DescribeServices", "ecs:DescribeTasks", "ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
            f"arn:{s.partition}:ecs:{here}:*",
        ),
        allow(
            ["ecs:RunTask"],
            f"arn:{s.partition}:ecs:{here}:task-definition/{s.prefix}-{env}-migrate:*",
            {"ArnEquals": {"ecs:cluster": f"arn:{s.partition}:ecs:{here}:cluster/{s.prefix}-{env}"}},
        ),
        allow(["ecs:StopTask", "ecs:TagResource"], f"arn:{s.partition}:ecs:{here}:task/{s.prefix}-{env}/*"),
        allow(
            ["iam:PassRole"],
            f"arn:{s.partition}:iam::{s.account}:role/{s.prefix}/{env}/*",
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        allow(
            [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            "*",
        ),
        allow(
            ["ec2:AttachNetworkInterface"],
            f"arn:{s.partition}:ec2:{here}:*",
        ),
    ]
