"""IPv6 out, nothing in: what reaches its peer by IPv6 does not pay for NAT."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Network
from itertools import islice
from typing import Final, cast

import pulumi
import pulumi_aws as aws
from pulumi import Input, InvokeOptions, Output, ResourceOptions

from infra.context import Context

ORDER: Final = ("Public", "Private", "Isolated")


@dataclass(frozen=True)
class Ipv6EgressArgs:
    """The VPC and the route tables that get a way out."""

    context: Context
    vpc_id: Input[str]
    route_table_ids: Output[list[str]]
    route_table_count: int


class Ipv6Egress(pulumi.ComponentResource):
    """An egress-only gateway and a `::/0` route for each private subnet."""

    def __init__(self, name: str, args: Ipv6EgressArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:network:Ipv6Egress", name, None, opts)
        child = ResourceOptions(parent=self, provider=args.context.provider)
        gateway = aws.ec2.EgressOnlyInternetGateway(f"{name}-ipv6", vpc_id=args.vpc_id, opts=child)
        for index in range(args.route_table_count):
            aws.ec2.Route(
                f"{name}-ipv6-{index + 1}",
                route_table_id=args.route_table_ids[index],
                destination_ipv6_cidr_block="::/0",
                egress_only_gateway_id=gateway.id,
                opts=child,
            )
        self.register_outputs({})


def block(vpc_block: str, kind: str, index: int) -> str:
    """The /64 of a subnet inside the VPC's /56: sixteen for each kind of subnet, one for each zone (from 0)."""
    number = ORDER.index(kind) * 16 + index
    return str(next(islice(IPv6Network(vpc_block).subnets(new_prefix=64), number, None)))


def ipv6_subnets(
    context: Context,
) -> Callable[[pulumi.ResourceTransformArgs], pulumi.ResourceTransformResult | None]:
    """A transform that gives the subnets of awsx, which knows IPv4 only, their IPv6 blocks."""

    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != "aws:ec2/subnet:Subnet":
            return None
        # awsx names and tags its subnets with plain text: `net-private-1`, SubnetType Private.
        tags = cast("Mapping[str, str]", args.props["tags"])
        kind, index = tags["SubnetType"], int(args.name.rsplit("-", 1)[1]) - 1
        vpc = aws.ec2.get_vpc_output(id=args.props["vpcId"], opts=InvokeOptions(provider=context.provider))
        props = {
            **args.props,
            "ipv6CidrBlock": vpc.ipv6_cidr_block.apply(lambda text: block(str(text), kind, index)),
            "assignIpv6AddressOnCreation": kind == "Private",
        }
        return pulumi.ResourceTransformResult(props=props, opts=args.opts)

    return transform
