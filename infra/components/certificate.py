"""TLS certificates that AWS issues and renews, proven by DNS records."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context


class Certificate(pulumi.ComponentResource):
    """Certificates for the same names in each region.

    AWS proves the same name with the same record in every region of an account, so the records are made once.
    """

    arns: dict[str, Output[str]]
    """By region; known once the certificate is valid, so a listener never starts with one that is not."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a certificate is made from
        self,
        name: str,
        context: Context,
        domains: Sequence[str],
        zone_id: Input[str],
        regions: Sequence[str],
        opts: ResourceOptions | None = None,
    ) -> None:
        """`domains`: the first is its own name; all are in the one hosted zone. `regions`: CloudFront reads us-east-1 only."""
        super().__init__("polyglot:edge:Certificate", name, None, opts)
        # Another name is another certificate, and the listener moves to it first.
        child = ResourceOptions(parent=self, provider=context.provider, protect=False)
        self.arns = {}
        records: list[aws.route53.Record] = []
        for region in dict.fromkeys(regions):
            certificate = aws.acm.Certificate(
                f"{name}-{region}",
                domain_name=domains[0],
                subject_alternative_names=list(domains[1:]),
                validation_method="DNS",
                region=region,
                # Listeners must hold the new certificate before the old one goes: the engine's order, not ours.
                opts=child,
            )
            records = records or [
                _proof(f"{name}-{index}", certificate, domain, zone_id, child) for index, domain in enumerate(domains)
            ]
            validated = aws.acm.CertificateValidation(
                f"{name}-{region}",
                certificate_arn=certificate.arn,
                validation_record_fqdns=[record.fqdn for record in records],
                region=region,
                opts=child,
            )
            self.arns[region] = validated.certificate_arn
        self.register_outputs({"arns": self.arns})


def _proof(
    name: str, certificate: aws.acm.Certificate, domain: str, zone_id: Input[str], child: ResourceOptions
) -> aws.route53.Record:
    # AWS does not promise the order of its answers, so each domain's own is looked up.
    option = certificate.domain_validation_options.apply(
        lambda options: next(option for option in options if option.domain_name == domain)
    )
    return aws.route53.Record(
        name,
        zone_id=zone_id,
        name=option.apply(lambda found: found.resource_record_name or ""),
        type=option.apply(lambda found: found.resource_record_type or "CNAME"),
        records=[option.apply(lambda found: found.resource_record_value or "")],
        ttl=300,
        allow_overwrite=True,
        opts=child,
    )


def zone_id(name: str, context: Context, parent: pulumi.Resource) -> Output[str]:
    """Id of the public hosted zone `name` of this account."""
    found = aws.route53.get_zone(
        name=name, private_zone=False, opts=pulumi.InvokeOptions(parent=parent, provider=context.provider)
    )
    return Output.from_input(found.zone_id)
