"""What the pipeline's roles may do, and what the roles that they make may do at most."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.bootstrap.documents import TASK_SERVICES, Statement, allow
from infra.bootstrap.settings import BootstrapSettings

_TABLES: Final[dict[str, dict[str, list[str]]]] = tomllib.loads(
    Path(__file__).with_name("permissions.toml").read_text(encoding="utf-8")
)
READS: Final = _TABLES["reads"]
WRITES: Final = _TABLES["writes"]

ATTACHED: Final = (
    "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers",
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
)
"""The only managed policies that roles of a stack get: ECS's traffic shift, and Session Manager on the media server."""

BUCKET_READS: Final = (
    "s3:GetBucketAcl",
    "s3:GetBucketLogging",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:ListBucket",
)

BUCKET_WRITES: Final = (
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
)


def _statements(table: dict[str, list[str]], s: BootstrapSettings, env: str) -> list[Statement]:
    place = {"region": s.region, "account": s.account, "env": env}
    return [
        allow(actions, "*" if target == "*" else f"arn:aws:{target.format(**place)}")
        for target, actions in table.items()
    ]


def _buckets(s: BootstrapSettings, actions: Sequence[str]) -> Statement:
    """Buckets of this account; their names are made up by the engine, and S3's ARNs carry no account."""
    return allow(actions, "arn:aws:s3:::*", {"StringEquals": {"aws:ResourceAccount": s.account}})


def reading(s: BootstrapSettings, env: str) -> list[Statement]:
    """What the preview role may do beside reading its state."""
    return [*_statements(READS, s, env), _buckets(s, BUCKET_READS)]


def writing(s: BootstrapSettings, env: str, key: str, boundary: str) -> list[Statement]:
    """What the deploy role may do beside reading, and beside its state."""
    roles = f"arn:aws:iam::{s.account}:role/polyglot/{env}/*"
    service_roles = f"arn:aws:iam::{s.account}:role/aws-service-role/*"
    via = [f"{name}.{s.region}.amazonaws.com" for name in ("rds", "secretsmanager", "elasticache", "ec2", "s3", "ecr")]
    return [
        *_statements(WRITES, s, env),
        _buckets(s, BUCKET_WRITES),
        allow(["ecs:DeregisterTaskDefinition"], "*"),
        allow(["iam:CreateRole", "iam:PutRolePolicy"], roles, {"StringEquals": {"iam:PermissionsBoundary": boundary}}),
        allow(
            ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            roles,
            {"ArnEquals": {"iam:PolicyARN": list(ATTACHED)}, "StringEquals": {"iam:PermissionsBoundary": boundary}},
        ),
        allow(["iam:PassRole"], roles, {"StringEquals": {"iam:PassedToService": list(TASK_SERVICES)}}),
        allow(["iam:CreateServiceLinkedRole"], service_roles),
        allow(["kms:DescribeKey"], key),
        allow(["kms:CreateGrant"], key, {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        allow(["kms:GenerateDataKey", "kms:Encrypt"], key, {"StringEquals": {"kms:ViaService": via}}),
    ]


def refusing(s: BootstrapSettings, env: str) -> list[Statement]:
    """What the deploy role may never do: touch another environment, the state bucket itself, or its own limits."""
    others = [name for name in ("staging", "prod") if name != env]
    state = [f"arn:aws:s3:::{s.bucket}", f"arn:aws:s3:::{s.bucket}-log"]
    bounds = [f"arn:aws:iam::{s.account}:policy/polyglot/*", f"arn:aws:iam::{s.account}:role/polyglot-*"]
    return [
        {
            "Sid": "OtherEnvironments",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/Environment": others}},
        },
        {"Sid": "StateBucket", "Effect": "Deny", "Action": list(BUCKET_WRITES), "Resource": state},
        {"Sid": "OwnLimits", "Effect": "Deny", "Action": "iam:*", "Resource": bounds},
        {
            "Sid": "BoundaryStays",
            "Effect": "Deny",
            "Action": ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
            "Resource": "*",
        },
    ]


def publishing(s: BootstrapSettings) -> list[Statement]:
    """Push images, and look which are there; only the first environment's pipeline builds."""
    return [
        allow(
            [
                "ecr:BatchCheckLayerAvailability",
                "ecr:CompleteLayerUpload",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            f"arn:aws:ecr:{s.region}:{s.account}:repository/polyglot/*",
        )
    ]


def bounding(s: BootstrapSettings, env: str, key: str) -> list[Statement]:
    """The most that a role made by a stack can have.

    It is what tasks, migrations, flow logs, the NAT instance and the canary need.
    """
    here = f"{s.region}:{s.account}"
    return [
        allow(["ecr:GetAuthorizationToken"], "*"),
        allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            f"arn:aws:ecr:{s.region}:*:repository/polyglot/*",
        ),
        allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            f"arn:aws:logs:{here}:log-group:*",
        ),
        allow(["ssm:GetParameter", "ssm:GetParameters"], f"arn:aws:ssm:{here}:parameter/polyglot/{env}/*"),
        allow(["secretsmanager:GetSecretValue"], f"arn:aws:secretsmanager:{here}:secret:rds!*"),
        # Models of AWS, which the agent uses with its role.
        allow(["polly:SynthesizeSpeech", "transcribe:StartStreamTranscription"], "*"),
        allow(
            ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            f"arn:aws:bedrock:{s.region}::foundation-model/*",
        ),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key),
        allow(
            ["ecs:DescribeServices", "ecs:DescribeTasks", "ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
            f"arn:aws:ecs:{here}:*",
        ),
        allow(
            ["ecs:RunTask"],
            f"arn:aws:ecs:{here}:task-definition/polyglot-{env}-migrate:*",
            {"ArnEquals": {"ecs:cluster": f"arn:aws:ecs:{here}:cluster/polyglot-{env}"}},
        ),
        allow(["ecs:StopTask", "ecs:TagResource"], f"arn:aws:ecs:{here}:task/polyglot-{env}/*"),
        allow(
            ["iam:PassRole"],
            f"arn:aws:iam::{s.account}:role/polyglot/{env}/*",
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
            ["ec2:AssociateAddress", "ec2:AttachNetworkInterface", "ec2:ReplaceRoute"],
            f"arn:aws:ec2:{here}:*",
        ),
        allow(["ec2:Describe*"], "*"),
        allow(["autoscaling:CompleteLifecycleAction"], f"arn:aws:autoscaling:{here}:autoScalingGroup:*"),
        allow(["ssm:UpdateInstanceInformation"], f"arn:aws:ec2:{here}:instance/*"),
        allow(
            ["s3:GetBucketLocation", "s3:GetObject", "s3:PutObject"],
            "arn:aws:s3:::*",
            {"StringEquals": {"aws:ResourceAccount": s.account}},
        ),
        allow(["cloudwatch:PutMetricData"], "*"),
        allow(
            [
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:ModifyListener",
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:RegisterTargets",
            ],
            f"arn:aws:elasticloadbalancing:{here}:*",
        ),
        allow(["elasticloadbalancing:Describe*"], "*"),
    ]
