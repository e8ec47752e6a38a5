"""The page in S3, for CloudFront alone to read."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.bucket import PrivateBucket, PrivateBucketArgs
from infra.context import Context

REWRITE: Final = """\
function handler(event) {
  var request = event.request;
  // Addresses of the single-page application have no file behind them; a file's last part has a dot.
  if (request.uri.lastIndexOf('.') < request.uri.lastIndexOf('/')) {
    request.uri = '/index.html';
  }
  return request;
}
"""
FINGERPRINTED: Final = "public, max-age=31536000, immutable"
FRESH: Final = "no-cache"


@dataclass(frozen=True)
class PageArgs:
    """`files` is the built page (`ui/dist`); None: the pipeline copies it into the bucket."""

    context: Context
    files: Path | None = None


class Page(pulumi.ComponentResource):
    """A private bucket behind an origin access control (CloudFront.13), and the rewrite that finds `index.html`.

    A function rewrites the request; turning 403 into 200 for the whole distribution would also hide the API's errors.
    """

    bucket: Output[str]
    rewrite_arn: Output[str]

    def __init__(self, name: str, args: PageArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:edge:Page", name, None, opts)
        context = args.context
        child = ResourceOptions(parent=self, provider=context.provider)
        self._control = aws.cloudfront.OriginAccessControl(
            name,
            name=f"{context.name}-{name}",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=child,
        )
        function = aws.cloudfront.Function(
            name,
            name=f"{context.name}-{name}",
            runtime="cloudfront-js-2.0",
            comment="Single-page addresses to index.html",
            code=REWRITE,
            publish=True,
            opts=child,
        )
        self.rewrite_arn = function.arn
        self._bucket = PrivateBucket(
            name,
            # The policy names the distribution, which names the bucket: so the policy comes last, by `allow`.
            PrivateBucketArgs(context=context, allowed=None),
            ResourceOptions(parent=self),
        )
        self.bucket = self._bucket.name
        if args.files is not None:
            for file in sorted(path for path in args.files.rglob("*") if path.is_file()):
                _upload(name, file, file.relative_to(args.files).as_posix(), self.bucket, child)
        self.register_outputs({"bucket": self.bucket})

    def origin(self) -> aws.cloudfront.DistributionOriginArgs:
        """The bucket as CloudFront's origin `page`."""
        return aws.cloudfront.DistributionOriginArgs(
            origin_id="page",
            domain_name=self._bucket.regional_domain_name,
            origin_access_control_id=self._control.id,
        )

    def allow(self, distribution_arn: Input[str]) -> None:
        """Lets this distribution read the page, and nobody else."""
        self._bucket.grant(
            lambda arn: [
                {
                    "Sid": "CloudFrontReads",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudfront.amazonaws.com"},
                    "Action": "s3:GetObject",
                    "Resource": arn.apply(lambda value: f"{value}/*"),
                    "Condition": {"StringEquals": {"aws:SourceArn": distribution_arn}},
                }
            ]
        )


def _upload(name: str, file: Path, key: str, bucket: Output[str], child: ResourceOptions) -> None:
    """Files under `assets/` have their content's hash in their name, so browsers may keep them."""
    aws.s3.BucketObjectv2(
        f"{name}-{key}",
        bucket=bucket,
        key=key,
        source=pulumi.FileAsset(str(file)),
        content_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        cache_control=FINGERPRINTED if key.startswith("assets/") else FRESH,
        opts=child,
    )
