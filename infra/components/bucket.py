"""A bucket that nobody but its users can reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.context import Context

Statements = Callable[[Output[str]], Sequence[iam.Statement]]
"""From the bucket's ARN to what its policy allows."""


@dataclass(frozen=True)
class PrivateBucketArgs:
    """What the bucket is for decides how it is encrypted and how long it keeps things."""

    context: Context
    allowed: Statements | None = lambda _: ()
    days: int | None = None
    """Objects are deleted after so many days; None: kept."""
    key: bool = False
    """Encrypt with the environment's key. Load balancers and CloudFront can only write with S3's own (SSE-S3)."""
    keep: bool = False
    """Survives a delete of the stack, with its objects."""


class PrivateBucket(pulumi.ComponentResource):
    """Encrypted, TLS only, no public access, no ACLs (Security Hub S3.1, S3.2, S3.3, S3.5, S3.8, S3.12, S3.13)."""

    name: Output[str]
    arn: Output[str]
    regional_domain_name: Output[str]
    policy: aws.s3.BucketPolicy
    """What writes by a service's own identity must wait for this. Set by `grant`."""

    def __init__(self, name: str, args: PrivateBucketArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:storage:PrivateBucket", name, None, opts)
        child = ResourceOptions(parent=self, provider=args.context.provider)
        bucket = aws.s3.Bucket(
            name,
            # A stack that may not lose its data does not empty its buckets either.
            force_destroy=not args.context.settings.keeps_data,
            opts=ResourceOptions.merge(child, ResourceOptions(protect=args.keep, retain_on_delete=args.keep)),
        )
        self.name, self.arn = bucket.bucket, bucket.arn
        self.regional_domain_name = bucket.bucket_regional_domain_name
        self._resource_name, self._child = name, child
        self._block = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            name,
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            name, bucket=bucket.bucket, rules=[_encryption(args.context.key_arn if args.key else None)], opts=child
        )
        if args.allowed is not None:
            self.grant(args.allowed)
        if args.days is not None:
            _expire(name, bucket, args.days, child)
        self.register_outputs({"name": self.name, "arn": self.arn})

    def grant(self, allowed: Statements) -> None:
        """Writes the bucket's policy: nothing without TLS, and what is allowed. Called once."""
        self.policy = aws.s3.BucketPolicy(
            self._resource_name,
            bucket=self.name,
            policy=iam.document([_tls_only(self.arn), *allowed(self.arn)]),
            opts=ResourceOptions.merge(self._child, ResourceOptions(depends_on=[self._block])),
        )


def _tls_only(arn: Output[str]) -> iam.Statement:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, arn.apply(lambda value: f"{value}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _encryption(key: Input[str] | None) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256" if key is None else "aws:kms", kms_master_key_id=key
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True if key is not None else None
    )


def _expire(name: str, bucket: aws.s3.Bucket, days: int, child: ResourceOptions) -> None:
    aws.s3.BucketLifecycleConfiguration(
        name,
        bucket=bucket.bucket,
        rules=[
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="expire",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
                abort_incomplete_multipart_upload=(
                    aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(days_after_initiation=1)
                ),
            )
        ],
        opts=child,
    )
