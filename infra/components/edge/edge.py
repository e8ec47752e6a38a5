"""How travellers reach the API: the whole edge, in the three shapes that the settings allow."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.bucket import PrivateBucket
from infra.components.certificate import Certificate, zone_id
from infra.components.edge.alb import Alb, AlbArgs
from infra.components.edge.cloudfront import CloudFront, CloudFrontArgs
from infra.components.edge.logs import GLOBAL_REGION, log_bucket
from infra.components.edge.waf import Waf
from infra.context import Context


@dataclass(frozen=True)
class EdgeArgs:
    """The network that the edge stands in; everything else comes from the settings' `edge`."""

    context: Context
    vpc_id: Input[str]
    vpc_cidr: Input[str]
    public_subnet_ids: Input[list[str]]
    private_subnet_ids: Input[list[str]]


class Edge(pulumi.ComponentResource):
    """HTTPS for the API.

    - with a domain: a public load balancer with our certificate;
    - with a domain through CloudFront: CloudFront with our certificate before an internal load balancer, TLS on both
      hops;
    - without a domain: CloudFront under its own name before an internal load balancer;
    - internal: a load balancer without a public address, with our certificate.
    """

    url: Output[str]
    """`https://…`, without a slash at its end."""
    host: Output[str]
    balancer: Alb
    dns_target: Output[str]
    """Where the domain's records point, or must be made to point."""
    distribution_id: Output[str] | None

    def __init__(self, name: str, args: EdgeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:edge:Edge", name, None, opts)
        self._name, self._args = name, args
        self._own = ResourceOptions(parent=self)
        context, settings = args.context, args.context.settings.edge
        zone = zone_id(settings.zone_name, context, self) if settings.zone_name else None
        certificates = self._certificates(zone)
        logs = log_bucket(f"{name}-logs", context, self)
        private = settings.through_cloudfront or settings.internal
        self.distribution_id = None
        self.balancer = balancer = Alb(
            name,
            AlbArgs(
                context=context,
                vpc_id=args.vpc_id,
                vpc_cidr=args.vpc_cidr,
                subnet_ids=args.private_subnet_ids if private else args.public_subnet_ids,
                internal=private,
                certificate_arn=certificates.get(context.region),
                logs=logs,
            ),
            self._own,
        )
        firewall = self._firewall(balancer)
        if settings.through_cloudfront:
            target = self._cdn(balancer, certificates.get(GLOBAL_REGION), firewall, logs)
        else:
            target = (balancer.dns_name, balancer.zone_id)
        self._name_it(target, zone)
        self.register_outputs({"url": self.url, "host": self.host})

    def _certificates(self, zone: Output[str] | None) -> Mapping[str, Input[str]]:
        """By region; empty without a domain."""
        context, settings = self._args.context, self._args.context.settings.edge
        domain = settings.domain
        if settings.certificate_arn is not None:
            theirs = {GLOBAL_REGION: settings.cloudfront_certificate_arn} if settings.cloudfront_certificate_arn else {}
            return {**theirs, context.region: settings.certificate_arn}
        if domain is None or zone is None:
            return {}
        regions = [context.region, *([GLOBAL_REGION] if context.settings.edge.through_cloudfront else [])]
        return Certificate(self._name, context, [domain], zone, regions, self._own).arns

    def _firewall(self, balancer: Alb) -> Waf | None:
        context = self._args.context
        if not context.settings.edge.waf:
            return None
        protects = None if context.settings.edge.through_cloudfront else balancer.arn
        return Waf(f"{self._name}-waf", context, protects, self._own)

    def _cdn(
        self, balancer: Alb, certificate_arn: Input[str] | None, firewall: Waf | None, logs: PrivateBucket
    ) -> tuple[Output[str], Output[str]]:
        context = self._args.context
        cdn = CloudFront(
            f"{self._name}-cdn",
            CloudFrontArgs(
                context=context,
                balancer_arn=balancer.arn,
                balancer_dns_name=balancer.dns_name,
                certificate_arn=certificate_arn,
                firewall_arn=firewall.arn if firewall else None,
                logs=logs,
                listener=balancer.listener,
            ),
            self._own,
        )
        self.distribution_id = cdn.distribution_id
        return cdn.domain_name, cdn.zone_id

    def _name_it(self, target: tuple[Output[str], Output[str]], zone: Output[str] | None) -> None:
        """The domain's address records; IPv6 where the target has it."""
        context = self._args.context
        domain = context.settings.edge.domain
        host, target_zone = target
        self.dns_target = host
        self.host = host if domain is None else Output.from_input(domain)
        if domain is not None and zone is not None:
            for kind in ("A", "AAAA") if context.settings.edge.through_cloudfront else ("A",):
                aws.route53.Record(
                    f"{self._name}-{kind.lower()}",
                    zone_id=zone,
                    name=domain,
                    type=kind,
                    aliases=[{"name": host, "zone_id": target_zone, "evaluate_target_health": False}],
                    opts=ResourceOptions(parent=self, provider=context.provider),
                )
        self.url = self.host.apply(lambda value: f"https://{value}")
