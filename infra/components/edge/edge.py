"""How travellers reach the API: the whole edge, in the three shapes that the settings allow."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.components.bucket import PrivateBucket
from infra.components.certificate import Certificate, CertificateArgs, zone_id
from infra.components.edge.balancer import Balancer, BalancerArgs
from infra.components.edge.logs import GLOBAL_REGION, log_bucket
from infra.context import Context

if TYPE_CHECKING:
    from infra.components.edge.firewall import Firewall


@dataclass(frozen=True)
class EdgeArgs:
    """The network that the edge stands in; everything else comes from the settings' `edge` and `api.canary`."""

    context: Context
    vpc_id: Input[str]
    vpc_cidr: Input[str]
    public_subnet_ids: Input[list[str]]
    private_subnet_ids: Input[list[str]]
    page_files: Path | None = None
    """The built page, for `edge.ui: s3`; None: the pipeline copies it."""


class Edge(pulumi.ComponentResource):
    """HTTPS for the API.

    - with a domain: a public load balancer with our certificate;
    - with a domain through CloudFront: CloudFront with our certificate before an internal load balancer, TLS on both
      hops;
    - without a domain: CloudFront under its own name before an internal load balancer.
    """

    url: Output[str]
    """`https://…`, without a slash at its end."""
    host: Output[str]
    security_group_id: Output[str]
    """The load balancer's: the API takes traffic on 8000 from it."""
    target_group_arn: Output[str]
    target_group_suffix: Output[str]
    load_balancer_suffix: Output[str]
    """Suffixes are the dimensions TargetGroup and LoadBalancer of `AWS/ApplicationELB` metrics."""
    listener: pulumi.Resource
    """The service must wait for it: ECS refuses a target group without a load balancer."""
    alternate_target_group_arn: Output[str] | None
    production_rule_arn: Output[str] | None
    """Both only with `api.canary`."""
    distribution_id: Output[str] | None
    page_bucket: Output[str] | None

    def __init__(self, name: str, args: EdgeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:edge:Edge", name, None, opts)
        self._name, self._args = name, args
        self._own = ResourceOptions(parent=self)
        context, settings = args.context, args.context.settings.edge
        zone = zone_id(settings.zone_name, context, self) if settings.zone_name else None
        certificate = self._certificate(zone)
        logs = log_bucket(f"{name}-logs", context, self)
        balancer = Balancer(
            name,
            BalancerArgs(
                context=context,
                vpc_id=args.vpc_id,
                vpc_cidr=args.vpc_cidr,
                subnet_ids=args.private_subnet_ids if settings.through_cloudfront else args.public_subnet_ids,
                internal=settings.through_cloudfront,
                certificate_arn=certificate.arns[context.region] if certificate else None,
                logs=logs,
            ),
            self._own,
        )
        self._take(balancer)
        firewall = self._firewall(balancer)
        if settings.through_cloudfront:
            target = self._cdn(balancer, certificate, firewall, logs)
        else:
            target = (balancer.dns_name, balancer.zone_id)
        self._name_it(target, zone)
        self.register_outputs({"url": self.url, "host": self.host})

    def _take(self, balancer: Balancer) -> None:
        self.security_group_id = balancer.security_group_id
        self.target_group_arn = balancer.target_group_arn
        self.target_group_suffix = balancer.target_group_suffix
        self.load_balancer_suffix = balancer.arn_suffix
        self.listener = balancer.listener
        self.alternate_target_group_arn = balancer.alternate_target_group_arn
        self.production_rule_arn = balancer.production_rule_arn
        self.distribution_id = self.page_bucket = None

    def _certificate(self, zone: Output[str] | None) -> Certificate | None:
        context = self._args.context
        domain = context.settings.edge.domain
        if domain is None or zone is None:
            return None
        regions = [context.region, *([GLOBAL_REGION] if context.settings.edge.through_cloudfront else [])]
        return Certificate(
            self._name, CertificateArgs(context=context, domains=[domain], zone_id=zone, regions=regions), self._own
        )

    def _firewall(self, balancer: Balancer) -> "Firewall | None":
        settings = self._args.context.settings.edge
        if not settings.waf:
            return None
        # The SDK of each service takes a third of a second and more to load: only what a stack uses is.
        from infra.components.edge.firewall import Firewall, FirewallArgs  # noqa: PLC0415

        return Firewall(
            f"{self._name}-waf",
            FirewallArgs(context=self._args.context, scope="CLOUDFRONT")
            if settings.through_cloudfront
            else FirewallArgs(context=self._args.context, scope="REGIONAL", protects=balancer.arn),
            self._own,
        )

    def _cdn(
        self, balancer: Balancer, certificate: Certificate | None, firewall: "Firewall | None", logs: PrivateBucket
    ) -> tuple[Output[str], Output[str]]:
        from infra.components.edge.cdn import Cdn, CdnArgs  # noqa: PLC0415
        from infra.components.edge.page import Page, PageArgs  # noqa: PLC0415

        context = self._args.context
        page = None
        if context.settings.edge.ui == "s3":
            page = Page(f"{self._name}-page", PageArgs(context=context, files=self._args.page_files), self._own)
            self.page_bucket = page.bucket
        cdn = Cdn(
            f"{self._name}-cdn",
            CdnArgs(
                context=context,
                balancer_arn=balancer.arn,
                balancer_dns_name=balancer.dns_name,
                certificate_arn=certificate.arns[GLOBAL_REGION] if certificate else None,
                firewall_arn=firewall.arn if firewall else None,
                logs=logs,
                listener=balancer.listener,
                page=page,
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
        if domain is None or zone is None:
            self.host = host
        else:
            self.host = Output.from_input(domain)
            for kind in ("A", "AAAA") if context.settings.edge.through_cloudfront else ("A",):
                aws.route53.Record(
                    f"{self._name}-{kind.lower()}",
                    zone_id=zone,
                    name=domain,
                    type=kind,
                    aliases=[aws.route53.RecordAliasArgs(name=host, zone_id=target_zone, evaluate_target_health=False)],
                    opts=ResourceOptions(parent=self, provider=context.provider),
                )
        self.url = self.host.apply(lambda value: f"https://{value}")
