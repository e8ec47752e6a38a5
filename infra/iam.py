"""IAM documents as data: small, exact, and the same shape everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context

Statement = Mapping[str, Any]
"""One statement; values may be outputs."""


def allow(
    actions: Sequence[str],
    resources: Input[str] | Sequence[Input[str]],
    *,
    condition: Mapping[str, Any] | None = None,
) -> Statement:
    """An Allow statement. A `*` resource needs an entry, with its reason, in the policy pack's list."""
    listed = list(resources) if isinstance(resources, list | tuple) else resources
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": listed}
    if condition:
        statement["Condition"] = condition
    return statement


def document(statements: Sequence[Statement]) -> Output[str]:
    """A policy document as JSON."""
    return Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def plain_trust(service: str) -> Output[str]:
    """Who may take a role, for services that do not say for whom they act: EC2 and Lambda name no source account."""
    return document([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}])


def trust(service: str, context: Context, *, source_arn: Input[str] | None = None) -> Output[str]:
    """Who may take a role: one AWS service, acting for this account alone (no confused deputy).

    Source: IAM user guide, "The confused deputy problem".
    """
    condition: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": context.account}}
    if source_arn is not None:
        condition["ArnLike"] = {"aws:SourceArn": source_arn}
    return document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": condition,
            }
        ]
    )


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
