"""What may talk to a service, and what it may talk to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context


@dataclass(frozen=True)
class Peer:
    """The other end of allowed traffic: a security group, or addresses."""

    port: int
    to_port: int | None = None
    """Last port of a range; None: just `port`."""
    protocol: str = "tcp"
    group: Input[str] | None = None
    cidr: str = "0.0.0.0/0"
    """Used when there is no group."""


@dataclass(frozen=True)
class BoundaryArgs:
    """Rules by their description, which operators see in the console."""

    context: Context
    vpc_id: Input[str]
    ingress: Mapping[str, Peer] = field(default_factory=dict)
    """Empty: nothing reaches the service."""
    egress: Mapping[str, Peer] = field(default_factory=dict)


class Boundary(pulumi.ComponentResource):
    """A security group whose rules are resources of their own, one peer each."""

    group_id: Output[str]

    def __init__(self, name: str, args: BoundaryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:compute:Boundary", name, None, opts)
        child = ResourceOptions(parent=self, provider=args.context.provider)
        group = aws.ec2.SecurityGroup(
            name,
            vpc_id=args.vpc_id,
            description=f"{args.context.name} {name}",
            tags={"Name": f"{args.context.name}-{name}"},
            opts=child,
        )
        self.group_id = group.id
        for description, peer in args.ingress.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-in-{_slug(description)}",
                security_group_id=group.id,
                description=description,
                ip_protocol=peer.protocol,
                from_port=peer.port,
                to_port=peer.to_port or peer.port,
                referenced_security_group_id=peer.group,
                cidr_ipv4=None if peer.group is not None else peer.cidr,
                opts=child,
            )
        for description, peer in args.egress.items():
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-out-{_slug(description)}",
                security_group_id=group.id,
                description=description,
                ip_protocol=peer.protocol,
                from_port=peer.port,
                to_port=peer.to_port or peer.port,
                referenced_security_group_id=peer.group,
                cidr_ipv4=None if peer.group is not None else peer.cidr,
                opts=child,
            )
            if peer.group is None and peer.cidr == "0.0.0.0/0" and args.context.settings.network.ipv6_egress:
                aws.vpc.SecurityGroupEgressRule(
                    f"{name}-out6-{_slug(description)}",
                    security_group_id=group.id,
                    description=f"{description} (IPv6)",
                    ip_protocol=peer.protocol,
                    from_port=peer.port,
                    to_port=peer.to_port or peer.port,
                    cidr_ipv6="::/0",
                    opts=child,
                )
        self.register_outputs({"groupId": self.group_id})


def _slug(text: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())
