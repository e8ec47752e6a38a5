"""What may talk to a service, and what it may talk to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context

ANYWHERE: Final = "0.0.0.0/0"


@dataclass(frozen=True)
class Peer:
    """The other end of allowed traffic: a security group, or addresses."""

    port: int
    to_port: int | None = None
    """Last port of a range; None: just `port`."""
    protocol: str = "tcp"
    group: Input[str] | None = None
    cidr: str = ANYWHERE
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
                **_traffic(group, description, peer),
                **_other_end(peer),
                opts=child,
            )
        six = args.context.settings.network.ipv6_egress
        for description, peer in args.egress.items():
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-out-{_slug(description)}",
                **_traffic(group, description, peer),
                **_other_end(peer),
                opts=child,
            )
            if six and peer.group is None and peer.cidr == ANYWHERE:
                aws.vpc.SecurityGroupEgressRule(
                    f"{name}-out6-{_slug(description)}",
                    **_traffic(group, f"{description} (IPv6)", peer),
                    cidr_ipv6="::/0",
                    opts=child,
                )
        self.register_outputs({"groupId": self.group_id})


def _traffic(group: aws.ec2.SecurityGroup, description: str, peer: Peer) -> dict[str, Any]:
    return {
        "security_group_id": group.id,
        "description": description,
        "ip_protocol": peer.protocol,
        "from_port": peer.port,
        "to_port": peer.to_port or peer.port,
    }


def _other_end(peer: Peer) -> dict[str, Any]:
    return {"cidr_ipv4": peer.cidr} if peer.group is None else {"referenced_security_group_id": peer.group}


def _slug(text: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())
