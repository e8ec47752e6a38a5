"""Policy documents as plain data, so that they can be read and tested without an engine."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from infra.bootstrap.settings import BootstrapSettings

Statement = dict[str, Any]
GITHUB: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"
PROJECT_PATHS: Final = (
    ".pulumi/stacks/polyglot/{0}.json*",
    ".pulumi/history/polyglot/{0}/*",
    ".pulumi/backups/polyglot/{0}/*",
    ".pulumi/locks/organization/polyglot/{0}/*",
)
"""Where a stack's state lies. Source: pulumi/pkg/backend/diy."""
TASK_SERVICES: Final = (
    "ecs-tasks.amazonaws.com",
    "ecs.amazonaws.com",
    "ec2.amazonaws.com",
    "lambda.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""Services that get a role of ours: tasks, blue/green, the NAT instance and media server, canary and migrations, flow
logs."""


def allow(
    actions: Sequence[str], resources: str | Sequence[str], condition: Mapping[str, Any] | None = None
) -> Statement:
    """An Allow statement."""
    statement: Statement = {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": resources if isinstance(resources, str) else list(resources),
    }
    return statement | ({"Condition": dict(condition)} if condition else {})


def policy(*statements: Statement) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def tls_only(bucket: str) -> Statement:
    """Nothing without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def log_delivery(bucket: str, source: str, account: str) -> Statement:
    """S3 writes the access log of `source` into `bucket`. Source: S3 user guide, server access logging."""
    return {
        "Sid": "AccessLog",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }


def key_policy(s: BootstrapSettings, environment: str | None) -> dict[str, Any]:
    """The account administers the key by IAM; for an environment's key some services use it for this account alone.

    RDS, Secrets Manager, SSM, ECR and ECS need nothing here: they use the caller's permission or a grant.
    """
    statements: list[Statement] = [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{s.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ]
    use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    if environment is not None:
        logs = f"arn:aws:logs:{s.region}:{s.account}:log-group:*"
        ours = {"StringEquals": {"aws:SourceAccount": s.account}}
        statements += [
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{s.region}.amazonaws.com"},
                "Action": use,
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
            },
            {
                "Sid": "Notifications",
                "Effect": "Allow",
                "Principal": {"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "sns.amazonaws.com"]},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": ours,
            },
            {
                "Sid": "PageBehindCloudFront",
                "Effect": "Allow",
                "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": ["kms:Decrypt"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": s.account}},
            },
        ]
    return policy(*statements)


def workflow_trust(s: BootstrapSettings, subjects: Sequence[str]) -> dict[str, Any]:
    """Workflows of the one repository with one of these claims, each spelled out."""
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{s.account}:oidc-provider/{GITHUB}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{GITHUB}:aud": AUDIENCE,
                    f"{GITHUB}:sub": [f"repo:{s.repository}:{subject}" for subject in subjects],
                }
            },
        }
    )


def state_paths(s: BootstrapSettings, environment: str) -> list[str]:
    """ARNs of one stack's state."""
    return [f"arn:aws:s3:::{s.bucket}/{path.format(environment)}" for path in PROJECT_PATHS]


def read_state(s: BootstrapSettings, environment: str, state_key: str, key: str) -> list[Statement]:
    """Read one environment's state and open its secrets, by the caller itself and not through another service.

    Without that condition the role could have SSM decrypt every parameter under the same key.
    """
    return [
        allow(["s3:ListBucket"], f"arn:aws:s3:::{s.bucket}"),
        allow(["s3:GetObject"], [f"arn:aws:s3:::{s.bucket}/.pulumi/meta.yaml", *state_paths(s, environment)]),
        allow(["kms:Decrypt"], state_key, {"StringEquals": {"kms:ViaService": f"s3.{s.region}.amazonaws.com"}}),
        allow(["kms:Decrypt"], key, {"Null": {"kms:ViaService": "true"}}),
    ]


def write_state(s: BootstrapSettings, environment: str, state_key: str, key: str) -> list[Statement]:
    """Write it, lock it, and seal its secrets. Old versions cannot be deleted."""
    return [
        allow(["s3:PutObject", "s3:DeleteObject"], state_paths(s, environment)),
        allow(["kms:GenerateDataKey"], state_key, {"StringEquals": {"kms:ViaService": f"s3.{s.region}.amazonaws.com"}}),
        allow(["kms:Encrypt", "kms:GenerateDataKey"], key, {"Null": {"kms:ViaService": "true"}}),
    ]


def repository_policy(s: BootstrapSettings) -> dict[str, Any]:
    """Who may pull: this account by IAM, and the listed accounts."""
    accounts = [f"arn:aws:iam::{account}:root" for account in (s.account, *s.pull_accounts)]
    return policy(
        {
            "Sid": "Pull",
            "Effect": "Allow",
            "Principal": {"AWS": accounts},
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        }
    )


def image_lifecycle(s: BootstrapSettings) -> dict[str, Any]:
    """Caches and untagged images go after two weeks, and of tagged images the last ones stay."""

    def rule(priority: int, what: str, selection: Mapping[str, Any]) -> dict[str, Any]:
        return {"rulePriority": priority, "description": what, "selection": selection, "action": {"type": "expire"}}

    old = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
    return {
        "rules": [
            rule(1, "build caches", {"tagStatus": "tagged", "tagPatternList": ["cache-*"], **old}),
            rule(2, "untagged", {"tagStatus": "untagged", **old}),
            rule(
                3,
                "what a rollback needs stays",
                {
                    "tagStatus": "tagged",
                    "tagPatternList": ["*"],
                    "countType": "imageCountMoreThan",
                    "countNumber": s.images_kept,
                },
            ),
        ]
    }
