"""A NAT for seven dollars a month: one small instance that is replaced when it fails."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from infra import iam
from infra.components.instances import launch_template
from infra.components.security_group import ALL, Peer, SecurityGroup, SecurityGroupArgs
from infra.context import Context

SCRIPT: Final = Path(__file__).with_name("nat.sh")


def script(interface: str, region: str, cidr: str) -> str:
    """What the instance does when it starts, for its fixed interface and the VPC's addresses."""
    text = SCRIPT.read_text(encoding="utf-8")
    return text.replace("@interface@", interface).replace("@region@", region).replace("@cidr@", cidr)


@dataclass(frozen=True)
class NatInstanceArgs:
    """Where the instance stands and whose traffic it carries."""

    context: Context
    vpc_id: Input[str]
    subnet_id: Input[str]
    """A public subnet."""
    route_table_ids: Output[list[str]]
    """Route tables of the private subnets."""
    route_table_count: int


class NatInstance(pulumi.ComponentResource):
    """An Auto Scaling group of one behind a network interface that outlives it.

    Routes point at the interface, so a replaced instance changes nothing in the route tables. Traffic stands still for
    the minute or two that a replacement takes: for staging, not for prod.
    """

    group_name: Output[str]
    """Of the Auto Scaling group, the dimension of its instance's health."""

    def __init__(self, name: str, args: NatInstanceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:network:NatInstance", name, None, opts)
        context = args.context
        child = ResourceOptions(parent=self, provider=context.provider)
        group = SecurityGroup(
            f"{name}-nat",
            SecurityGroupArgs(
                context=context,
                vpc_id=args.vpc_id,
                ingress={"What private subnets send out": Peer(0, protocol=ALL, cidr=context.settings.network.cidr)},
                egress={"To the internet": Peer(0, protocol=ALL)},
            ),
            ResourceOptions(parent=self),
        )
        interface = aws.ec2.NetworkInterface(
            f"{name}-nat",
            subnet_id=args.subnet_id,
            security_groups=[group.group_id],
            source_dest_check=False,
            description=f"{context.name}: where private subnets send what leaves the VPC",
            tags={"Name": f"{context.name}-nat"},
            opts=child,
        )
        kind = context.settings.network.nat_instance_type
        own = {"StringEquals": {"aws:ResourceTag/polyglot:stack": str(context.settings.environment)}}
        template = launch_template(
            f"{name}-nat",
            context,
            instance_type=kind,
            processor="arm64" if "g" in kind.split(".")[0][1:] else "x86_64",
            disk=8,
            group_id=group.group_id,
            script=interface.id.apply(
                lambda identifier: script(identifier, context.region, context.settings.network.cidr)
            ),
            statements=[
                iam.allow(
                    ["ec2:AttachNetworkInterface"], [interface.arn, context.arn("ec2", "instance/*")], condition=own
                )
            ],
            description="Lets the NAT instance take its network interface",
            opts=child,
        )
        scaling = aws.autoscaling.Group(
            f"{name}-nat",
            min_size=1,
            max_size=1,
            desired_capacity=1,
            vpc_zone_identifiers=[args.subnet_id],
            health_check_type="EC2",
            health_check_grace_period=120,
            launch_template=template,
            # Replaces the instance when its template changes, the old one first: there is one interface.
            instance_refresh={"strategy": "Rolling", "preferences": {"min_healthy_percentage": 0}},
            tags=[
                {"key": "Name", "value": f"{context.name}-nat", "propagate_at_launch": True},
            ],
            opts=child,
        )
        self.group_name = scaling.name
        for index in range(args.route_table_count):
            aws.ec2.Route(
                f"{name}-nat-{index + 1}",
                route_table_id=args.route_table_ids[index],
                destination_cidr_block="0.0.0.0/0",
                network_interface_id=interface.id,
                opts=child,
            )
        self.register_outputs({})
