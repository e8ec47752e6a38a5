"""Policy documents as plain data, so that they can be read and tested without an engine."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from infra.bootstrap.settings import BootstrapSettings
from infra.iam import Statement, account_owns_key, allow, logs_use_key, policy

GITHUB: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"
PROJECT_PATHS: Final = (
    ".pulumi/stacks/polyglot/{0}.*",
    ".pulumi/history/polyglot/{0}/*",
    ".pulumi/backups/polyglot/{0}/*",
    ".pulumi/locks/organization/polyglot/{0}/*",
)
"""Where a stack's state lies. Source: pulumi/pkg/backend/diy."""
TASK_SERVICES: Final = (
    "ecs-tasks.amazonaws.com",
    "ec2.amazonaws.com",
    "lambda.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""Services that get a role of ours: tasks, the NAT instance, migrations, flow logs."""


NO_CONTEXT: Final = {"kms:EncryptionContextKeys": "true", "kms:EncryptionContext:PARAMETER_ARN": "true"}
"""For `Null`: what was sealed under an encryption context stays shut."""


def log_delivery(s: BootstrapSettings, bucket: str, source: str) -> Statement:
    """S3 writes the access log of `source` into `bucket`. Source: S3 user guide, server access logging."""
    ours = {
        "ArnLike": {"aws:SourceArn": f"arn:{s.partition}:s3:::{source}"},
        "StringEquals": {"aws:SourceAccount": s.account},
    }
    writer, objects = {"Service": "logging.s3.amazonaws.com"}, f"arn:{s.partition}:s3:::{bucket}/*"
    return allow(["s3:PutObject"], objects, condition=ours, sid="AccessLog", principal=writer)


def key_policy(s: BootstrapSettings, environment: str | None) -> dict[str, Any]:
    """The account administers the key by IAM; for an environment's key some services use it for this account alone.

    RDS, Secrets Manager, SSM, ECR and ECS need nothing here: they use the caller's permission or a grant.
    """
    owner = account_owns_key(s.partition, s.account)
    if environment is None:
        return policy(owner)
    logs = logs_use_key(s.region, f"arn:{s.partition}:logs:{s.region}:{s.account}:log-group:*")
    notifications = allow(
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        "*",
        condition={"StringEquals": {"aws:SourceAccount": s.account}},
        sid="Notifications",
        principal={"Service": ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "sns.amazonaws.com"]},
    )
    return policy(owner, logs, notifications)


def workflow_trust(s: BootstrapSettings, subjects: Sequence[str]) -> dict[str, Any]:
    """Workflows of the one repository with one of these claims, each spelled out."""
    claims = {
        f"{GITHUB}:aud": AUDIENCE,
        f"{GITHUB}:sub": [f"repo:{name}:{subject}" for name in repository_names(s) for subject in subjects],
    }
    github = {"Federated": f"arn:{s.partition}:iam::{s.account}:oidc-provider/{GITHUB}"}
    return policy(allow(["sts:AssumeRoleWithWebIdentity"], principal=github, condition={"StringEquals": claims}))


def repository_names(s: BootstrapSettings) -> list[str]:
    """How GitHub names the repository in a workflow's subject.

    Repositories made or renamed since 2026-07-15 carry the numbers of owner and repository, which no other can ever have.
    Source: GitHub changelog 2026-04-23, "Immutable subject claims".
    """
    if s.owner_id is None or s.repository_id is None:
        return [s.repository]
    owner, _, name = s.repository.partition("/")
    return [s.repository, f"{owner}@{s.owner_id}/{name}@{s.repository_id}"]


def state_paths(s: BootstrapSettings, environment: str) -> list[str]:
    """ARNs of one stack's state."""
    return [f"arn:{s.partition}:s3:::{s.bucket}/{path.format(environment)}" for path in PROJECT_PATHS]


def read_state(s: BootstrapSettings, environment: str, state_key: str, key: str) -> list[Statement]:
    """Read one environment's state and open what Pulumi sealed in it, and nothing else under the same key."""
    return [
        allow(["s3:ListBucket"], f"arn:{s.partition}:s3:::{s.bucket}"),
        allow(["s3:GetObject"], [f"arn:{s.partition}:s3:::{s.bucket}/.pulumi/meta.yaml", *state_paths(s, environment)]),
        allow(
            ["kms:Decrypt"], state_key, condition={"StringEquals": {"kms:ViaService": f"s3.{s.region}.amazonaws.com"}}
        ),
        # Pulumi seals its own without an encryption context. SSM seals a parameter under the parameter's name, and gives its
        # ciphertext to whoever may look it up: that must not open for somebody who asks the key directly.
        allow(["kms:Decrypt"], key, condition={"Null": {"kms:ViaService": "true", **NO_CONTEXT}}),
    ]


def write_state(s: BootstrapSettings, environment: str, state_key: str, key: str) -> list[Statement]:
    """Write it, lock it, and seal its secrets. Old versions cannot be deleted."""
    return [
        allow(["s3:PutObject", "s3:DeleteObject"], state_paths(s, environment)),
        allow(
            ["kms:GenerateDataKey"],
            state_key,
            condition={"StringEquals": {"kms:ViaService": f"s3.{s.region}.amazonaws.com"}},
        ),
        allow(["kms:Encrypt", "kms:GenerateDataKey"], key, condition={"Null": {"kms:ViaService": "true"}}),
    ]


def repository_policy(s: BootstrapSettings) -> dict[str, Any]:
    """Who may pull: this account by IAM, and the listed accounts, which also mark what they run (`keep-…`).

    Putting an image needs its layers, which only this account may upload: another can name what is there, not bring in more.
    """
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    accounts = [f"arn:{s.partition}:iam::{account}:root" for account in (s.account, *s.pull_accounts)]
    marks = [allow(["ecr:PutImage"], sid="Mark", principal={"AWS": accounts[1:]})] if s.pull_accounts else []
    return policy(allow(pull, sid="Pull", principal={"AWS": accounts}), *marks)


def image_lifecycle(s: BootstrapSettings) -> dict[str, Any]:
    """What a stack runs or can go back to never goes; caches and untagged images go after two weeks, old builds in time.

    An image that a rule selects is out of the reach of later rules, whether that rule expires it or not.
    Source: ECR user guide, "Lifecycle policy evaluation rules".
    """

    def rule(priority: int, what: str, selection: Mapping[str, Any]) -> dict[str, Any]:
        return {"rulePriority": priority, "description": what, "selection": selection, "action": {"type": "expire"}}

    def many(pattern: str, count: int) -> dict[str, Any]:
        return {
            "tagStatus": "tagged",
            "tagPatternList": [pattern],
            "countType": "imageCountMoreThan",
            "countNumber": count,
        }

    old = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
    return {
        "rules": [
            rule(1, "live or last good in a stack", many("keep-*", 1000)),
            rule(2, "build caches", {"tagStatus": "tagged", "tagPatternList": ["cache-*"], **old}),
            rule(3, "untagged", {"tagStatus": "untagged", **old}),
            rule(4, "builds, the last ones stay", many("*", s.images_kept)),
        ]
    }
