"""The load balancer before the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.bucket import PrivateBucket
from infra.components.edge.logs import BALANCER_PREFIX, CONNECTION_PREFIX
from infra.components.security_group import ANYWHERE, Peer, SecurityGroup, SecurityGroupArgs
from infra.context import Context
from infra.services import SERVICES

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.3, and 1.2 with forward secrecy. Source: Elastic Load Balancing user guide, "Security policies"."""
API_PORT: Final = SERVICES["api"].port or 8000
CALL_SECONDS: Final = 3600
"""The longest call."""
HEADERS: Final[Mapping[str, Any]] = {
    "routing_http_response_server_enabled": False,
    "routing_http_response_strict_transport_security_header_value": "max-age=63072000; includeSubDomains",
    "routing_http_response_x_content_type_options_header_value": "nosniff",
    "routing_http_response_x_frame_options_header_value": "DENY",
}
"""What the listener adds to every answer, also to those that it gives itself; the API adds its content policy."""
CLOUDFRONT_ADDRESSES: Final = "com.amazonaws.global.cloudfront.origin-facing"


@dataclass(frozen=True)
class AlbArgs:
    """`certificate_arn` None: plain HTTP, only allowed for an internal load balancer behind a VPC origin."""

    context: Context
    vpc_id: Input[str]
    vpc_cidr: Input[str]
    subnet_ids: Input[list[str]]
    internal: bool
    certificate_arn: Input[str] | None
    logs: PrivateBucket


class Alb(pulumi.ComponentResource):
    """An application load balancer with its security group, listeners and target groups (Security Hub ELB.1 to 18).

    The internal one is reached by CloudFront through a VPC origin: from AWS's own network, on a private address, with
    no route from the internet. Without a domain nobody can issue a certificate for it, so that hop alone is plain HTTP
    inside the VPC; the traveller's side is HTTPS. With a domain it is TLS there too.
    """

    arn: Output[str]
    arn_suffix: Output[str]
    """This and the target group's are the dimensions LoadBalancer and TargetGroup of `AWS/ApplicationELB` metrics."""
    dns_name: Output[str]
    zone_id: Output[str]
    security_group_id: Output[str]
    target_group_arn: Output[str]
    target_group_suffix: Output[str]
    listener: pulumi.Resource
    """The service must wait for it: ECS refuses a target group without a load balancer."""

    def __init__(self, name: str, args: AlbArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:edge:Alb", name, None, opts)
        if args.certificate_arn is None and not args.internal:
            raise ValueError("a load balancer that the internet reaches needs a certificate")
        self._name, self._args = name, args
        self._child = ResourceOptions(parent=self, provider=args.context.provider)
        self.security_group_id = self._security_group()
        balancer = self._balancer()
        self.arn, self.arn_suffix = balancer.arn, balancer.arn_suffix
        self.dns_name, self.zone_id = balancer.dns_name, balancer.zone_id
        self._listen()
        self.register_outputs({"arn": self.arn, "dnsName": self.dns_name})

    def _security_group(self) -> Output[str]:
        args = self._args
        made = SecurityGroup(
            self._name,
            SecurityGroupArgs(
                context=args.context,
                vpc_id=args.vpc_id,
                ingress=self._entrances(),
                egress={"API tasks": Peer(API_PORT, cidr=args.vpc_cidr)},
            ),
            ResourceOptions(parent=self),
        )
        return made.group_id

    def _entrances(self) -> dict[str, Peer]:
        edge = self._args.context.settings.edge
        if not edge.through_cloudfront:
            allowed = edge.allow or ((self._args.vpc_cidr,) if edge.internal else (ANYWHERE,))
            return {
                f"Travellers on {port}" + (f" {number}" if number else ""): Peer(port, cidr=one)
                for port in (443, 80)
                for number, one in enumerate(allowed)
            }
        found = aws.ec2.get_managed_prefix_list_output(
            name=CLOUDFRONT_ADDRESSES,
            opts=pulumi.InvokeOutputOptions(parent=self, provider=self._args.context.provider),
        )
        port = 443 if self._args.certificate_arn is not None else 80
        return {"CloudFront": Peer(port, prefix_list=found.id)}

    def _balancer(self) -> aws.lb.LoadBalancer:
        args, settings = self._args, self._args.context.settings
        return aws.lb.LoadBalancer(
            self._name,
            load_balancer_type="application",
            internal=args.internal,
            subnets=args.subnet_ids,
            security_groups=[self.security_group_id],
            # Public subnets have no way back for IPv6; CloudFront answers on it.
            ip_address_type="ipv4",
            idle_timeout=settings.edge.idle_timeout,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            preserve_host_header=True,
            enable_http2=True,
            enable_cross_zone_load_balancing=True,
            enable_zonal_shift=True,
            enable_deletion_protection=settings.keeps_data,
            access_logs={"bucket": args.logs.name, "prefix": BALANCER_PREFIX, "enabled": True},
            connection_logs={"bucket": args.logs.name, "prefix": CONNECTION_PREFIX, "enabled": True},
            opts=ResourceOptions.merge(
                self._child, ResourceOptions(protect=settings.keeps_data, depends_on=[args.logs.policy])
            ),
        )

    def _target_group(self) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            self._name,
            vpc_id=self._args.vpc_id,
            target_type="ip",
            port=API_PORT,
            protocol="HTTP",
            deregistration_delay=30,
            load_balancing_algorithm_type="least_outstanding_requests",
            # A session's watch lives in the task that started it: a page that asks another would start a second one.
            stickiness={"enabled": True, "type": "lb_cookie", "cookie_duration": CALL_SECONDS},
            # Out after 10 seconds of failing, in after 10 of working: a bad task is found while a call still retries.
            health_check={
                "enabled": True,
                "path": "/health",
                "protocol": "HTTP",
                "matcher": "200",
                "interval": 5,
                "timeout": 4,
                "healthy_threshold": 2,
                "unhealthy_threshold": 2,
            },
            opts=self._child,
        )

    def _listen(self) -> None:
        args = self._args
        primary = self._target_group()
        self.target_group_arn, self.target_group_suffix = primary.arn, primary.arn_suffix
        secure = args.certificate_arn is not None
        listener = aws.lb.Listener(
            self._name,
            load_balancer_arn=self.arn,
            port=443 if secure else 80,
            protocol="HTTPS" if secure else "HTTP",
            certificate_arn=args.certificate_arn,
            ssl_policy=TLS_POLICY if secure else None,
            default_actions=[{"type": "forward", "target_group_arn": primary.arn}],
            **(HEADERS if secure else {"routing_http_response_server_enabled": False}),
            opts=self._child,
        )
        if not args.context.settings.edge.through_cloudfront:
            self._redirect()
        self.listener = listener

    def _redirect(self) -> None:
        aws.lb.Listener(
            f"{self._name}-redirect",
            load_balancer_arn=self.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                {"type": "redirect", "redirect": {"status_code": "HTTP_301", "protocol": "HTTPS", "port": "443"}}
            ],
            routing_http_response_server_enabled=False,
            opts=self._child,
        )
