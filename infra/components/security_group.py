"""Security groups: the one way to make them. Their rules are resources of their own, one peer each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra.context import Context

ANYWHERE: Final = "0.0.0.0/0"
ALL: Final = "-1"
"""Every protocol and port."""
DESCRIPTION: Final = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")
"""What EC2 takes as the text of a group or a rule: no apostrophe, no accent. Source: EC2 API reference,
CreateSecurityGroup, GroupDescription."""


@dataclass(frozen=True)
class Peer:
    """The other end of allowed traffic: a security group, a list of addresses that AWS keeps, or addresses."""

    port: int
    to_port: int | None = None
    """Last port of a range; None: just `port`."""
    protocol: str = "tcp"
    group: Input[str] | None = None
    prefix_list: Input[str] | None = None
    cidr: Input[str] = ANYWHERE
    """Used when there is neither group nor list."""


@dataclass(frozen=True)
class SecurityGroupArgs:
    """Rules by their description, which operators see in the console."""

    context: Context
    vpc_id: Input[str]
    ingress: Mapping[str, Peer] = field(default_factory=dict)
    """Empty: nothing comes in."""
    egress: Mapping[str, Peer] = field(default_factory=dict)
    """Empty: nothing goes out."""


class SecurityGroup(pulumi.ComponentResource):
    """A group and its rules; who waits for it finds the rules there too.

    Raises ValueError for a description that EC2 would refuse.
    """

    group_id: Output[str]

    def __init__(self, name: str, args: SecurityGroupArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:network:SecurityGroup", name, None, opts)
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
                f"{name}-in-{_slug(description)}", **_rule(group, description, peer), opts=child
            )
        for description, peer in args.egress.items():
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-out-{_slug(description)}", **_rule(group, description, peer), opts=child
            )
        self.register_outputs({"groupId": self.group_id})


def _rule(group: aws.ec2.SecurityGroup, description: str, peer: Peer) -> dict[str, Any]:
    if not DESCRIPTION.fullmatch(description):
        raise ValueError(f"{description!r}: EC2 takes letters, digits, spaces and ._-:/()#,@[]+=&;{{}}!$* only")
    ports = {} if peer.protocol == ALL else {"from_port": peer.port, "to_port": peer.to_port or peer.port}
    return {
        "security_group_id": group.id,
        "description": description,
        "ip_protocol": peer.protocol,
        **ports,
        **_other_end(peer),
    }


def _other_end(peer: Peer) -> dict[str, Any]:
    if peer.group is not None:
        return {"referenced_security_group_id": peer.group}
    if peer.prefix_list is not None:
        return {"prefix_list_id": peer.prefix_list}
    return {"cidr_ipv4": peer.cidr}


def _slug(text: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())
