"""IAM documents as data: small, exact, and the same shape everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context

Statement = dict[str, Any]
"""One statement; values may be outputs."""
KEY_USE: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


def allow(  # noqa: PLR0913 - a statement has this many parts
    actions: Sequence[str],
    resources: Input[str] | Sequence[Input[str]] | None = None,
    *,
    condition: Mapping[str, Any] | None = None,
    sid: str | None = None,
    principal: Mapping[str, Any] | str | None = None,
    effect: Literal["Allow", "Deny"] = "Allow",
) -> Statement:
    """A statement; `sid` and `principal` are of policies of resources, whose `resources` may go without saying.

    A `*` resource in a role's policy needs an entry, with its reason, in the policy pack's list.
    """
    parts = {
        "Sid": sid,
        "Effect": effect,
        "Principal": principal,
        "Action": list(actions),
        "Resource": list(resources) if isinstance(resources, list | tuple) else resources,
        "Condition": condition,
    }
    return {name: part for name, part in parts.items() if part is not None}


def tls_only(action: str, resources: Input[str] | Sequence[Input[str]]) -> Statement:
    """Refuses whoever comes without TLS."""
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return allow([action], resources, condition=plain, sid="TlsOnly", principal="*", effect="Deny")


def account_owns_key(partition: str, account: str) -> Statement:
    """The account administers a key by IAM, as AWS's own default says."""
    return allow(["kms:*"], "*", sid="Account", principal={"AWS": f"arn:{partition}:iam::{account}:root"})


def logs_use_key(region: str, groups: str) -> Statement:
    """CloudWatch Logs seals these log groups with a key. Source: CloudWatch Logs user guide, "Encrypt log data"."""
    context = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    return allow(KEY_USE, "*", condition=context, sid="Logs", principal={"Service": f"logs.{region}.amazonaws.com"})


def policy(*statements: Statement) -> dict[str, Any]:
    """A policy document as data."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def document(statements: Sequence[Statement]) -> Output[str]:
    """A policy document as JSON."""
    return Output.json_dumps(policy(*statements))


def plain_trust(service: str) -> Output[str]:
    """Who may take a role, for services that do not say for whom they act: EC2 and Lambda name no source account."""
    return document([allow(["sts:AssumeRole"], principal={"Service": service})])


def trust(service: str, context: Context, *, source_arn: Input[str] | None = None) -> Output[str]:
    """Who may take a role: one AWS service, acting for this account alone (no confused deputy).

    Source: IAM user guide, "The confused deputy problem".
    """
    condition: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": context.account}}
    if source_arn is not None:
        condition["ArnLike"] = {"aws:SourceArn": source_arn}
    return document([allow(["sts:AssumeRole"], principal={"Service": service}, condition=condition)])


def role(  # noqa: PLR0913 - a role has this many sides
    name: str,
    context: Context,
    *,
    trusted: Output[str],
    statements: Sequence[Statement],
    description: str,
    opts: ResourceOptions,
) -> aws.iam.Role:
    """A role under `/polyglot/<environment>/` with one inline policy (none without statements)."""
    made = aws.iam.Role(
        name,
        # Deploy roles may touch roles under this name and path only, so both are fixed here.
        name_prefix=f"{context.name}-",
        path=f"{context.path}/",
        description=description,
        assume_role_policy=trusted,
        permissions_boundary=context.boundary_arn,
        opts=opts,
    )
    if statements:
        aws.iam.RolePolicy(name, role=made.name, policy=document(statements), opts=opts)
    return made
