"""The VPC: subnets by awsx, and what awsx leaves open or out."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx
from pulumi import Output, ResourceOptions

from infra.components.network.flow_logs import FlowLogs
from infra.components.network.nat_instance import NatInstance, NatInstanceArgs
from infra.context import Context
from infra.settings.network import Nat, Subnets

AWSX_STRATEGY = {
    Nat.NONE: awsx.ec2.NatGatewayStrategy.NONE,
    Nat.INSTANCE: awsx.ec2.NatGatewayStrategy.NONE,
    Nat.SINGLE: awsx.ec2.NatGatewayStrategy.SINGLE,
    Nat.PER_AZ: awsx.ec2.NatGatewayStrategy.ONE_PER_AZ,
}


class VpcError(pulumi.RunError):
    """The settings do not describe the existing VPC."""


class Network(pulumi.ComponentResource):
    """A VPC with public, private and isolated subnets in each zone.

    With `network.vpc_id` the company's own instead. Isolated subnets have no route out: databases live there. Tasks live in private subnets; with `nat: none` in public
    ones, with public addresses and security groups that let nothing in.
    """

    vpc_id: Output[str]
    cidr: str
    public_subnet_ids: Output[list[str]]
    private_subnet_ids: Output[list[str]]
    isolated_subnet_ids: Output[list[str]]
    task_subnet_ids: Output[list[str]]
    """Where tasks run."""
    tasks_have_public_addresses: bool
    nat_gateway_ids: list[Output[str]]
    """One for each managed gateway, so none with `none` or `instance`."""
    nat_group: Output[str] | None
    """The NAT instance's Auto Scaling group, with `instance`."""

    def __init__(self, name: str, context: Context, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:network:Network", name, None, opts)
        settings = context.settings.network
        self.cidr, self.nat_group, self.nat_gateway_ids = settings.cidr, None, []
        self.tasks_have_public_addresses = False
        if settings.vpc_id is not None and settings.subnets is not None:
            self._existing(settings.vpc_id, settings.subnets, context)
            return
        vpc = awsx.ec2.Vpc(
            name,
            cidr_block=settings.cidr,
            availability_zone_names=list(context.settings.aws.zones),
            enable_dns_hostnames=True,
            nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=AWSX_STRATEGY[settings.nat]),
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            subnet_specs=_subnet_specs(settings.cidr),
            opts=ResourceOptions(
                parent=self,
                providers=[context.provider],
                transforms=[_no_automatic_addresses],
            ),
        )
        self.vpc_id = vpc.vpc_id
        self.public_subnet_ids = vpc.public_subnet_ids.apply(list)
        self.private_subnet_ids = vpc.private_subnet_ids.apply(list)
        self.isolated_subnet_ids = vpc.isolated_subnet_ids.apply(list)
        self.tasks_have_public_addresses = settings.nat is Nat.NONE
        self.task_subnet_ids = self.public_subnet_ids if settings.nat is Nat.NONE else self.private_subnet_ids

        gateways = {Nat.SINGLE: 1, Nat.PER_AZ: len(context.settings.aws.zones)}.get(settings.nat, 0)
        made: Output[list[str]] = vpc.nat_gateways.apply(_ids)
        self.nat_gateway_ids = [made[index] for index in range(gateways)]

        child = ResourceOptions(parent=self, provider=context.provider)
        # Security Hub EC2.2: whatever forgets to name a security group gets one that lets nothing in or out.
        aws.ec2.DefaultSecurityGroup(name, vpc_id=self.vpc_id, ingress=[], egress=[], opts=child)
        private_tables = _route_tables(vpc, "Private")
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=self.vpc_id,
            # Free, and the layers of images come from S3.
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{context.region}.s3",
            route_table_ids=Output.all(private_tables, _route_tables(vpc, "Public")).apply(lambda two: two[0] + two[1]),
            tags={"Name": f"{context.name}-s3"},
            opts=child,
        )
        if settings.flow_logs:
            FlowLogs(name, context, self.vpc_id, ResourceOptions(parent=self))
        if settings.nat is Nat.INSTANCE:
            instance = NatInstance(
                name,
                NatInstanceArgs(
                    context=context,
                    vpc_id=self.vpc_id,
                    subnet_id=self.public_subnet_ids.apply(lambda ids: ids[0]),
                    route_table_ids=private_tables,
                    route_table_count=len(context.settings.aws.zones),
                ),
                ResourceOptions(parent=self),
            )
            self.nat_group = instance.group_name
        self.register_outputs({"vpcId": self.vpc_id})

    def _existing(self, vpc_id: str, subnets: Subnets, context: Context) -> None:
        """The company's own: nothing is made or changed in it. Raises VpcError when its addresses are others."""
        found = aws.ec2.get_vpc(id=vpc_id, opts=pulumi.InvokeOptions(parent=self, provider=context.provider))
        if found.cidr_block != self.cidr:
            raise VpcError(
                f"network.cidr: {self.cidr} is wrong: {vpc_id} has {found.cidr_block}; "
                f"`pulumi config set --path polyglot:network.cidr {found.cidr_block}`"
            )
        self.vpc_id = Output.from_input(vpc_id)
        self.public_subnet_ids = Output.from_input(list(subnets.public))
        self.private_subnet_ids = self.task_subnet_ids = Output.from_input(list(subnets.private))
        self.isolated_subnet_ids = Output.from_input(list(subnets.isolated))
        self.register_outputs({"vpcId": self.vpc_id})


def _subnet_specs(cidr: str) -> list[awsx.ec2.SubnetSpecArgs]:
    """Sizes that fit two or three zones: a /16 gives /20 to tasks and /24 to the others, a /20 four bits less."""
    shift = int(cidr.rsplit("/", 1)[1]) - 16
    kinds = awsx.ec2.SubnetType
    return [
        awsx.ec2.SubnetSpecArgs(type=kinds.PUBLIC, cidr_mask=24 + shift),
        awsx.ec2.SubnetSpecArgs(type=kinds.PRIVATE, cidr_mask=20 + shift),
        awsx.ec2.SubnetSpecArgs(type=kinds.ISOLATED, cidr_mask=24 + shift),
    ]


def _no_automatic_addresses(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Security Hub EC2.15: what needs a public address asks for it; awsx gives one to all in a public subnet."""
    if args.type_ != "aws:ec2/subnet:Subnet":
        return None
    return pulumi.ResourceTransformResult(props={**args.props, "mapPublicIpOnLaunch": False}, opts=args.opts)


def _ids(resources: Sequence[pulumi.CustomResource]) -> Output[list[str]]:
    return Output.all(*[resource.id for resource in resources])


def _route_tables(vpc: awsx.ec2.Vpc, kind: str) -> Output[list[str]]:
    """Identifiers of the route tables of one kind of subnet, in the order of the zones; awsx tags them."""

    def described(tables: Sequence[aws.ec2.RouteTable]) -> Output[list[list[Any]]]:
        return Output.all(*[Output.all(table.tags, table.id) for table in tables])

    def chosen(pairs: list[list[Any]]) -> list[str]:
        return [identifier for tags, identifier in pairs if (tags or {}).get("SubnetType") == kind]

    pairs: Output[list[list[Any]]] = vpc.route_tables.apply(described)
    return pairs.apply(chosen)
