"""Who may do what."""

import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from infra.policies.core import Props, Resource, Stack, each, known, objects, texts, unpacked, value_at

ROLE: Final = "aws:iam/role:Role"
POLICIES: Final = ("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy")
KEY_POLICIES: Final = ("aws:kms/key:Key", "aws:kms/keyPolicy:KeyPolicy")

STARS: Final = tomllib.loads(Path(__file__).with_name("stars.toml").read_text(encoding="utf-8"))
NO_RESOURCE: Final = frozenset(STARS["no_resource"])
STAR_RESOURCE: Final = NO_RESOURCE | set(STARS["reasons"])
"""Actions that may have `*` as resource."""

CONDITIONED_SERVICES: Final = frozenset(
    {"ecs-tasks.amazonaws.com", "vpc-flow-logs.amazonaws.com", "delivery.logs.amazonaws.com", "scheduler.amazonaws.com"}
)
"""Services that say for whom they act, so that a role must ask (confused deputy). EC2, Lambda and RDS monitoring
take roles of their own account only."""


def statements(document: object) -> Iterator[Props]:
    """The statements of a policy document, given as an object or as JSON. Raises Undecidable."""
    yield from objects(value_at({"document": unpacked(known(document))}, "document.Statement"))


def _documents(resource: Resource) -> Iterator[object]:
    if resource.type == ROLE:
        yield from (policy.get("policy") for policy in resource.items("inlinePolicies"))
    else:
        yield resource.props.get("policy")


def allows(resource: Resource) -> Iterator[Props]:
    """The Allow statements of a role or a policy. Raises Undecidable."""
    for document in _documents(resource):
        yield from (statement for statement in statements(document) if statement.get("Effect") == "Allow")


@each("no-star-actions", ROLE, *POLICIES)
def star_actions(resource: Resource, _: Stack) -> Iterator[str]:
    """`*`, `service:*`, `service:Delete*`, or everything but a list."""
    for statement in allows(resource):
        if "NotAction" in statement:
            yield "allows everything but a list (NotAction)"
        for action in texts(statement.get("Action")):
            verb = action.split(":")[-1]
            if (
                "*" in verb
                and not verb.startswith(("Describe", "Get", "List", "BatchGet"))
                and action not in STAR_RESOURCE
            ):
                yield f"allows {action}"


@each("no-star-resources", ROLE, *POLICIES)
def star_resources(resource: Resource, _: Stack) -> Iterator[str]:
    """`*` as resource."""
    for statement in allows(resource):
        if "NotResource" in statement:
            yield "allows all resources but a list (NotResource)"
        if "*" not in texts(statement.get("Resource")):
            continue
        for action in texts(statement.get("Action")):
            if not any(action == pattern or fnmatchcase(action, pattern) for pattern in STAR_RESOURCE):
                yield f"allows {action} on all resources"


@each("roles-are-passed-to-named-services", ROLE, *POLICIES)
def pass_role(resource: Resource, _: Stack) -> Iterator[str]:
    """A role that can be passed to anything."""
    for statement in allows(resource):
        if "iam:PassRole" not in texts(statement.get("Action")):
            continue
        named = any("iam:PassedToService" in part for part in conditions(statement.get("Condition")))
        if not named:
            yield "iam:PassRole without a condition on iam:PassedToService"


@each("no-managed-administrators", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", ROLE)
def managed(resource: Resource, _: Stack) -> Iterator[str]:
    """A broad managed policy."""
    arns = [*texts(resource.get("policyArn")), *texts(resource.get("managedPolicyArns"))]
    broad = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AmazonECSTaskExecutionRolePolicy")
    for arn in arns:
        if arn.endswith(broad):
            yield f"has {arn.rsplit('/', 1)[-1]}"


def conditions(value: object) -> list[Props]:
    """The parts of a statement's condition: keys and values for each operator. Raises Undecidable."""
    return [known(part) for part in value.values()] if isinstance(value, dict) else []  # type: ignore[misc] # objects


def _principals(statement: Props, kind: str) -> list[str]:
    principal = known(statement.get("Principal"))
    if principal == "*":
        return ["*"]
    return texts(principal.get(kind)) if isinstance(principal, dict) else []


@each("trust-is-conditioned", ROLE)
def trust(resource: Resource, _: Stack) -> Iterator[str]:
    """A role that more may take than it is meant for."""
    for statement in statements(resource.props.get("assumeRolePolicy")):
        asked = {key for part in conditions(statement.get("Condition")) for key in part}
        if "*" in _principals(statement, "AWS"):
            yield "may be taken by every AWS account"
        services = CONDITIONED_SERVICES & set(_principals(statement, "Service"))
        if services and not asked & {"aws:SourceAccount", "aws:SourceArn"}:
            yield f"{', '.join(sorted(services))} may take it without aws:SourceAccount"
        if _principals(statement, "Federated"):
            yield from _workflow(statement, asked)


def _workflow(statement: Props, asked: set[str]) -> Iterator[str]:
    for claim in ("sub", "aud"):
        if not any(key.endswith(f":{claim}") for key in asked):
            yield f"a workflow may take it whatever its claim {claim!r} says"
    subjects = [
        text
        for part in conditions(statement.get("Condition"))
        for key, value in part.items()
        if key.endswith(":sub")
        for text in texts(value)
    ]
    if any("*" in subject for subject in subjects):
        yield "its workflows are named with a wildcard"


@each("keys-decrypt-for-somebody", ROLE, *POLICIES)
def decrypt_all(resource: Resource, _: Stack) -> Iterator[str]:
    """kms:Decrypt on all keys of the account."""
    for statement in allows(resource):
        decrypts = any(
            fnmatchcase("kms:Decrypt", a) or fnmatchcase("kms:ReEncryptFrom", a) for a in texts(statement.get("Action"))
        )
        if decrypts and any(
            target == "*" or target.endswith((":key/*", ":*")) for target in texts(statement.get("Resource"))
        ):
            yield "decrypts with every key"


@each("keys-are-not-public", *KEY_POLICIES)
def public_keys(resource: Resource, _: Stack) -> Iterator[str]:
    """A principal `*` without a condition on the account."""
    for statement in statements(resource.props.get("policy")):
        asked = {key for part in conditions(statement.get("Condition")) for key in part}
        if statement.get("Effect") == "Allow" and "*" in _principals(statement, "AWS") and not asked:
            yield "everybody may use it"
