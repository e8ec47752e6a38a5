"""Private ways to AWS services."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from infra.context import Context
from infra.settings.network import Nat

INTERFACES: Final = ("ecr.api", "ecr.dkr", "logs", "ssm", "ssmmessages", "kms", "secretsmanager")
"""What a task needs of AWS to start, log and read its secrets. Source: ECS developer guide, interface VPC endpoints."""


@dataclass(frozen=True)
class EndpointsArgs:
    """Where the endpoints go."""

    context: Context
    vpc_id: Input[str]
    subnet_ids: Input[list[str]]
    route_table_ids: Input[list[str]]


class Endpoints(pulumi.ComponentResource):
    """The free S3 endpoint always (image layers come from S3); paid interface endpoints only where there is no NAT."""

    def __init__(self, name: str, args: EndpointsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:network:Endpoints", name, None, opts)
        context = args.context
        child = ResourceOptions(parent=self, provider=context.provider)
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=args.vpc_id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{context.region}.s3",
            route_table_ids=args.route_table_ids,
            tags={"Name": f"{context.name}-s3"},
            opts=child,
        )
        if context.settings.network.nat is Nat.NONE:
            self._interfaces(name, args, child)
        self.register_outputs({})

    @staticmethod
    def _interfaces(name: str, args: EndpointsArgs, child: ResourceOptions) -> None:
        context = args.context
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            vpc_id=args.vpc_id,
            description="Interface endpoints: HTTPS from inside the VPC",
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-endpoints",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=context.settings.network.cidr,
            opts=child,
        )
        for service in INTERFACES:
            aws.ec2.VpcEndpoint(
                f"{name}-{service.replace('.', '-')}",
                vpc_id=args.vpc_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{context.region}.{service}",
                subnet_ids=args.subnet_ids,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags={"Name": f"{context.name}-{service}"},
                opts=child,
            )
