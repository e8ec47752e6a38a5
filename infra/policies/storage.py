"""What is kept: encryption, who may read it, how long it stays, what survives a delete."""

import re
from collections.abc import Iterator
from typing import Final

from infra.policies.core import Problem, Resource, Stack, each, number, whole

BUCKET: Final = "aws:s3/bucket:Bucket"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
PARAMETER: Final = "aws:ssm/parameter:Parameter"
REPOSITORY: Final = "aws:ecr/repository:Repository"
DATABASES: Final = ("aws:rds/instance:Instance", "aws:rds/cluster:Cluster")
KEEPERS: Final = frozenset({"log", "logs", "state"})
"""Words in the names of buckets that something is written to for ever."""


def _companion(stack: Stack, owner: Resource, kind: str, key: str = "bucket") -> Resource | None:
    """The resource of `kind` that configures `owner`.

    By the value of `key`, by what it depends on, or (in a preview, where the value is not known) by our convention
    that its logical name starts with its owner's.
    """
    for other in stack.of(kind):
        raw = other.props.get(key)
        if owner.urn in other.dependencies or other.name.startswith(owner.name):
            return other
        if raw is not None and raw == owner.props.get(key, owner.props.get("name")):
            return other
    return None


def _s3(name: str) -> str:
    return f"aws:s3/{name[0].lower()}{name[1:]}:{name}"


@whole("buckets-are-not-public")
def bucket_public(stack: Stack) -> Iterator[Problem]:
    """A bucket that a policy or an ACL could open."""
    ways = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    for bucket in stack.of(BUCKET):
        block = _companion(stack, bucket, _s3("BucketPublicAccessBlock"))
        if block is None:
            yield Problem("has no public access block", bucket.urn)
        else:
            yield from (Problem(f"{way} must be true", block.urn) for way in ways if block.get(way) is not True)


@each("logs-end-and-are-encrypted", LOG_GROUP)
def log_groups(resource: Resource, _: Stack) -> Iterator[str]:
    """Logs for ever, or under nobody's key."""
    if number(resource.get("retentionInDays")) < 1:
        yield "retentionInDays is not set: logs would stay for ever"
    if not resource.set("kmsKeyId"):
        yield "kmsKeyId is not set"


@each("parameters-are-secret", PARAMETER)
def parameters(resource: Resource, _: Stack) -> Iterator[str]:
    """A secret in a plain parameter, or in Pulumi's state."""
    name = str(resource.get("name") or resource.name)
    secret = re.search(r"secret|token|password|key|dsn", name.rsplit("/", 1)[-1], re.IGNORECASE)
    if resource.get("type") == "SecureString":
        if not resource.set("keyId"):
            yield "keyId is not set: it would be under AWS's shared key"
        if "value" in resource.props and "valueWo" not in resource.props:
            yield "its value would stand in the state; use valueWo"
    elif secret:
        yield f"{name} sounds secret and is not a SecureString"


@each("databases-survive", *DATABASES)
def database_survives(resource: Resource, stack: Stack) -> Iterator[str]:
    """Data that one command loses."""
    if number(resource.get("backupRetentionPeriod")) < 1:
        yield "backupRetentionPeriod is not set"
    if stack.keeps_data:
        if resource.get("deletionProtection") is not True:
            yield "deletionProtection must be true in prod"
        if not resource.protect:
            yield "is not protected in prod"
        if resource.get("skipFinalSnapshot") is True:
            yield "skipFinalSnapshot must be false in prod"


@each("prod-cannot-be-deleted", "aws:lb/loadBalancer:LoadBalancer")
def balancer_survives(resource: Resource, stack: Stack) -> Iterator[str]:
    """A prod door that one command removes."""
    if stack.keeps_data:
        if resource.get("enableDeletionProtection") is not True:
            yield "enableDeletionProtection must be true in prod"
        if not resource.protect:
            yield "is not protected in prod"


@each("evidence-cannot-be-deleted", BUCKET, REPOSITORY)
def evidence_survives(resource: Resource, stack: Stack) -> Iterator[str]:
    """Logs, state or images that one command removes."""
    kept = resource.type == REPOSITORY or KEEPERS & set(resource.name.split("-"))
    if kept and (stack.keeps_data or stack.environment == "account") and not resource.protect:
        yield "is not protected"
    if resource.get("forceDestroy") is True and stack.keeps_data:
        yield "forceDestroy must be false in prod"
