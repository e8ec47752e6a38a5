"""A bucket that nobody but its users can reach."""

from collections.abc import Callable, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam

Statements = Callable[[Output[str]], Sequence[iam.Statement]]
"""From the bucket's ARN to what its policy allows."""


class PrivateBucket(pulumi.ComponentResource):
    """Encrypted, TLS only, no public access, no ACLs (Security Hub S3.1, S3.2, S3.3, S3.5, S3.8, S3.12, S3.13)."""

    name: Output[str]
    arn: Output[str]
    policy: aws.s3.BucketPolicy
    """What writes by a service's own identity must wait for this."""

    def __init__(  # noqa: PLR0913 - what it is for decides how it is encrypted and how long it keeps things
        self,
        name: str,
        *,
        child: ResourceOptions,
        allowed: Statements = lambda _: (),
        physical: str | None = None,
        key: Input[str] | None = None,
        keep: bool,
        versioned: bool = False,
        rules: Sequence[Any] = (),
        opts: ResourceOptions | None = None,
    ) -> None:
        """`child`: of its resources. `key` None: S3's own, under which alone load balancers, CloudFront and S3 write logs.
        `keep`: it survives a delete of the stack, with its objects. `rules`: of its lifecycle, see `expiring`.
        """
        super().__init__("polyglot:storage:PrivateBucket", name, None, opts)
        child = ResourceOptions.merge(child, ResourceOptions(parent=self))
        bucket = aws.s3.Bucket(
            name,
            bucket=physical,
            # A stack that may not lose its data does not empty its buckets either.
            force_destroy=not keep,
            opts=ResourceOptions.merge(child, ResourceOptions(protect=keep, retain_on_delete=keep)),
        )
        self.name, self.arn = bucket.bucket, bucket.arn
        block = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            name, bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child
        )
        default: Any = {"sse_algorithm": "AES256" if key is None else "aws:kms", "kms_master_key_id": key}
        encryption: Any = {
            "apply_server_side_encryption_by_default": default,
            "bucket_key_enabled": key is not None or None,
        }
        aws.s3.BucketServerSideEncryptionConfiguration(name, bucket=bucket.bucket, rules=[encryption], opts=child)
        if versioned:
            status: Any = {"status": "Enabled"}
            aws.s3.BucketVersioning(name, bucket=bucket.bucket, versioning_configuration=status, opts=child)
        self.policy = aws.s3.BucketPolicy(
            name,
            bucket=bucket.bucket,
            policy=iam.document([iam.tls_only("s3:*", [self.arn, Output.concat(self.arn, "/*")]), *allowed(self.arn)]),
            opts=ResourceOptions.merge(child, ResourceOptions(depends_on=[block])),
        )
        if rules:
            aws.s3.BucketLifecycleConfiguration(name, bucket=bucket.bucket, rules=list(rules), opts=child)
        self.register_outputs({"name": self.name, "arn": self.arn})


def expiring(name: str, days: int, *, prefix: str = "", old_versions: bool = False) -> dict[str, Any]:
    """A rule that deletes objects, or their old versions, after so many days; uploads that were not ended after one."""
    what = (
        {"noncurrent_version_expiration": {"noncurrent_days": days}} if old_versions else {"expiration": {"days": days}}
    )
    return {
        "id": name,
        "status": "Enabled",
        "filter": {"prefix": prefix},
        **what,
        "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
    }
