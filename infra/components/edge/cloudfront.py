"""CloudFront before the load balancer."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import CustomTimeouts, Input, Output, ResourceOptions

from infra.components.bucket import PrivateBucket
from infra.components.edge.logs import deliver_cloudfront_logs
from infra.context import Context

CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER: Final = "216adef6-5c7f-47e4-b989-5492eafa07d3"
"""Ids of AWS's managed policies, the same in every account. Source: CloudFront developer guide, "Use managed cache
policies" and "Use managed origin request policies"."""
METHODS: Final = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")
ORIGIN_SECONDS: Final = 60
"""A search waits for several fare sources; CloudFront's own default is 30."""


@dataclass(frozen=True)
class CloudFrontArgs:
    """`certificate_arn` is the us-east-1 one; None: CloudFront's own name and certificate."""

    context: Context
    balancer_arn: Input[str]
    balancer_dns_name: Input[str]
    certificate_arn: Input[str] | None
    firewall_arn: Input[str] | None
    logs: PrivateBucket
    listener: pulumi.Resource


class CloudFront(pulumi.ComponentResource):
    """A distribution that passes everything on, WebSockets too, to a load balancer without a public address.

    WebSockets pass VPC origins since 2026-05-01. Source: AWS "What's new", CloudFront WebSockets for VPC origins.
    """

    domain_name: Output[str]
    zone_id: Output[str]
    distribution_id: Output[str]

    def __init__(self, name: str, args: CloudFrontArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:edge:CloudFront", name, None, opts)
        self._name, self._args = name, args
        self._child = ResourceOptions(parent=self, provider=args.context.provider)
        self._headers = self._headers_policy()
        domain = args.context.settings.edge.domain
        distribution = aws.cloudfront.Distribution(
            name,
            enabled=True,
            comment=f"{args.context.name}: the voice assistant",
            aliases=[domain] if domain and args.certificate_arn is not None else [],
            is_ipv6_enabled=True,
            http_version="http2and3",
            price_class="PriceClass_100",
            web_acl_id=args.firewall_arn,
            origins=[self._api_origin()],
            default_cache_behavior=self._behavior(),
            restrictions={"geo_restriction": {"restriction_type": "none", "locations": []}},
            viewer_certificate=_viewer_certificate(args.certificate_arn),
            opts=self._child,
        )
        self.domain_name, self.zone_id = distribution.domain_name, distribution.hosted_zone_id
        self.distribution_id = distribution.id
        deliver_cloudfront_logs(name, distribution.arn, args.logs, args.context, self._child)
        self.register_outputs({"domainName": self.domain_name, "distributionId": self.distribution_id})

    def _api_origin(self) -> aws.cloudfront.DistributionOriginArgsDict:
        args = self._args
        origin = aws.cloudfront.VpcOrigin(
            self._name,
            vpc_origin_endpoint_config={
                "name": f"{args.context.name}-{self._name}",
                "arn": args.balancer_arn,
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "http-only" if args.certificate_arn is None else "https-only",
                "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
            # A VPC origin is made only for a load balancer that listens.
            opts=ResourceOptions.merge(
                self._child,
                # AWS takes longer than the provider's quarter of an hour. Source: terraform-aws-cloudfront#163.
                ResourceOptions(
                    depends_on=[args.listener],
                    custom_timeouts=CustomTimeouts(create="40m", update="40m", delete="40m"),
                ),
            ),
        )
        return {
            "origin_id": "api",
            "domain_name": args.balancer_dns_name,
            "vpc_origin_config": {
                "vpc_origin_id": origin.id,
                "origin_read_timeout": ORIGIN_SECONDS,
                "origin_keepalive_timeout": 60,
            },
        }

    def _behavior(self) -> aws.cloudfront.DistributionDefaultCacheBehaviorArgsDict:
        """Never cached; all headers (the host among them), cookies and the query go through."""
        return {
            "target_origin_id": "api",
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": list(METHODS),
            "cached_methods": ["GET", "HEAD"],
            "compress": True,
            "cache_policy_id": CACHING_DISABLED,
            "origin_request_policy_id": ALL_VIEWER,
            "response_headers_policy_id": self._headers.id,
        }

    def _headers_policy(self) -> aws.cloudfront.ResponseHeadersPolicy:
        return aws.cloudfront.ResponseHeadersPolicy(
            self._name,
            name=f"{self._args.context.name}-{self._name}",
            security_headers_config={
                "strict_transport_security": {
                    "access_control_max_age_sec": 63_072_000,
                    "include_subdomains": True,
                    "override": True,
                },
                "content_type_options": {"override": True},
                "frame_options": {"frame_option": "DENY", "override": True},
                "referrer_policy": {"referrer_policy": "no-referrer", "override": False},
            },
            remove_headers_config={"items": [{"header": "Server"}]},
            opts=self._child,
        )


def _viewer_certificate(arn: Input[str] | None) -> aws.cloudfront.DistributionViewerCertificateArgsDict:
    """Under CloudFront's own name AWS alone decides which TLS versions it offers; ours takes 1.2 and newer."""
    if arn is None:
        return {"cloudfront_default_certificate": True}
    return {"acm_certificate_arn": arn, "ssl_support_method": "sni-only", "minimum_protocol_version": "TLSv1.2_2021"}
