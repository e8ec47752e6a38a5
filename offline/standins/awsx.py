"""The stand-in for awsx: its VPC component, with the resources that awsx 3.11 was seen to register.

Only what was recorded is covered: the strategy `Auto` with a mask for each kind of subnet, and the three NAT strategies.
Anything else is refused, rather than guessed.
"""

import importlib.metadata
import ipaddress
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pulumi
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.server import main

from offline.plugin import end_with_the_engine
from offline.standins.check import check
from offline.standins.schema import load
from offline.standins.values import UNKNOWN, Plain, Properties

VPC = "awsx:ec2:Vpc"
COVERED = frozenset(
    {
        "assignGeneratedIpv6CidrBlock",
        "availabilityZoneNames",
        "cidrBlock",
        "enableDnsHostnames",
        "enableDnsSupport",
        "enableNetworkAddressUsageMetrics",
        "instanceTenancy",
        "natGateways",
        "numberOfAvailabilityZones",
        "subnetSpecs",
        "subnetStrategy",
        "tags",
    }
)
OF_THE_VPC = (
    "assignGeneratedIpv6CidrBlock",
    "enableDnsSupport",
    "enableNetworkAddressUsageMetrics",
    "instanceTenancy",
)
"""Arguments that go to the VPC as they are."""
DEFAULT_ZONES = 3

Inputs = Mapping[str, Any]  # deserialized by the SDK: plain values, or outputs of any type


def _plain(value: object) -> Plain:
    """A value for the checks: an output is not known yet."""
    if isinstance(value, pulumi.Output):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return cast("Plain", value)


def _refuse(inputs: Inputs) -> None:
    plain = cast("Properties", _plain(inputs))
    failures = [(item.path, item.reason) for item in check(load("pulumi_awsx", VPC), {}, plain)]
    failures += [
        (name, "is not covered by the stand-in for awsx, which knows only what was recorded of it")
        for name, value in plain.items()
        if value is not None and name not in COVERED
    ]
    if plain.get("subnetStrategy", "Auto") != "Auto":
        failures.append(("subnetStrategy", "only Auto is covered by the stand-in for awsx"))
    if failures:
        details = [
            pulumi.InputPropertyErrorDetails(property_path=path, reason=f"{path} {reason}") for path, reason in failures
        ]
        raise pulumi.InputPropertiesError(f"{VPC}: {details[0]['reason']}", details)


def allocate(block: str, zones: int, masks: Sequence[int]) -> list[list[str]]:
    """For each zone the blocks of its subnets, in the order of their kinds.

    The VPC's block is cut into a power of two of equal parts, one for each zone; within a part the subnets follow one
    another, each aligned to its own size. This gives the blocks that awsx was seen to choose.
    """
    network = ipaddress.IPv4Network(block)
    parts = list(network.subnets(prefixlen_diff=(zones - 1).bit_length()))
    found: list[list[str]] = []
    for part in parts[:zones]:
        position, blocks = int(part.network_address), []
        for mask in masks:
            size = 1 << (network.max_prefixlen - mask)
            position = -(-position // size) * size
            subnet = ipaddress.IPv4Network((position, mask))
            if not part.supernet_of(subnet):
                raise pulumi.InputPropertyError("subnetSpecs", f"subnets of /{mask} do not fit into a zone's {part}")
            blocks.append(str(subnet))
            position += size
        found.append(blocks)
    return found


@dataclass(frozen=True)
class _Subnet:
    resource: pulumi.CustomResource
    table: pulumi.CustomResource
    kind: str
    zone: int
    """From 1."""


class _Vpc(pulumi.ComponentResource):
    """Registers what awsx registers, with the same names and parents."""

    def __init__(self, name: str, inputs: Inputs, options: pulumi.ResourceOptions | None) -> None:
        super().__init__(VPC, name, {}, options)
        self._name = name
        self._inputs = inputs
        self.resources: dict[str, list[pulumi.CustomResource]] = {}
        self.vpc = self._add("ec2/vpc:Vpc", name, self, self._vpc_inputs())
        attached = {"vpcId": self.vpc.id, "tags": self._tags(name)}
        self.gateway = self._add("ec2/internetGateway:InternetGateway", name, self.vpc, attached)
        self.subnets = self._subnets()
        self._routes()

    def _add(self, type_: str, name: str, parent: pulumi.Resource, inputs: dict[str, Any]) -> pulumi.CustomResource:
        version = importlib.metadata.version("pulumi-aws")
        options = pulumi.ResourceOptions(parent=parent, version=version)
        made = pulumi.CustomResource(f"aws:{type_}", name, inputs, options)
        self.resources.setdefault(type_.rpartition(":")[2], []).append(made)
        return made

    def _tags(self, name: str, **more: str) -> pulumi.Output[dict[str, str]]:
        common = pulumi.Output.from_input(self._inputs.get("tags") or {})
        return common.apply(lambda tags: {"Name": name, **more, **tags})

    def _vpc_inputs(self) -> dict[str, Any]:
        own = {key: self._inputs[key] for key in OF_THE_VPC if self._inputs.get(key) is not None}
        return {
            "cidrBlock": self._inputs.get("cidrBlock") or "10.0.0.0/16",
            "enableDnsHostnames": self._inputs.get("enableDnsHostnames", True),
            "tags": self._tags(self._name),
            **own,
        }

    def _zones(self) -> tuple[int, Any]:
        """How many zones, and their names (a list or an output of one)."""
        names = self._inputs.get("availabilityZoneNames")
        if names:
            return len(names), names
        count = int(self._inputs.get("numberOfAvailabilityZones") or DEFAULT_ZONES)
        answer = pulumi.runtime.invoke_output(
            "aws:index/getAvailabilityZones:getAvailabilityZones",
            {"state": "available"},
            pulumi.InvokeOptions(parent=self, version=importlib.metadata.version("pulumi-aws")),
        )
        return count, answer.apply(lambda found: found["names"])

    def _subnets(self) -> list[_Subnet]:
        specs: list[dict[str, Any]] = list(self._inputs.get("subnetSpecs") or [])
        if not specs or any(not spec.get("cidrMask") for spec in specs):
            raise pulumi.InputPropertyError("subnetSpecs", "the stand-in for awsx needs a cidrMask for each subnet")
        count, names = self._zones()
        masks = [int(spec["cidrMask"]) for spec in specs]
        blocks = allocate(str(self._inputs.get("cidrBlock") or "10.0.0.0/16"), count, masks)
        return [
            self._subnet(spec, zone + 1, names[zone], blocks[zone][index])
            for zone in range(count)
            for index, spec in enumerate(specs)
            if spec["type"] != "Unused"
        ]

    def _subnet(self, spec: dict[str, Any], zone: int, zone_name: Any, block: str) -> _Subnet:  # noqa: ANN401 - or an output
        kind = str(spec["type"])
        name = f"{self._name}-{(spec.get('name') or kind).lower()}-{zone}"
        own = pulumi.Output.from_input(spec.get("tags") or {})
        tags = pulumi.Output.all(self._tags(name, SubnetType=kind), own).apply(lambda both: {**both[0], **both[1]})
        inputs = {
            "assignIpv6AddressOnCreation": bool(spec.get("assignIpv6AddressOnCreation")),
            "availabilityZone": zone_name,
            "cidrBlock": block,
            "mapPublicIpOnLaunch": kind == "Public",
            "tags": tags,
            "vpcId": self.vpc.id,
        }
        subnet = self._add("ec2/subnet:Subnet", name, self.vpc, inputs)
        table = self._add("ec2/routeTable:RouteTable", name, subnet, {"vpcId": self.vpc.id, "tags": tags})
        both = {"routeTableId": table.id, "subnetId": subnet.id}
        self._add("ec2/routeTableAssociation:RouteTableAssociation", name, table, both)
        return _Subnet(subnet, table, kind, zone)

    def _routes(self) -> None:
        strategy = (self._inputs.get("natGateways") or {}).get("strategy", "OnePerAz")
        public = [subnet for subnet in self.subnets if subnet.kind == "Public"]
        for subnet in public:
            self._route(subnet, "gatewayId", self.gateway)
        wanted = {"None": 0, "Single": 1, "OnePerAz": len(public)}[strategy]
        gateways = {subnet.zone: self._nat(subnet) for subnet in public[:wanted]}
        for subnet in self.subnets:
            if subnet.kind == "Private" and gateways:
                self._route(subnet, "natGatewayId", gateways.get(subnet.zone) or gateways[1])

    def _nat(self, subnet: _Subnet) -> pulumi.CustomResource:
        name = f"{self._name}-{subnet.zone}"
        address = self._add("ec2/eip:Eip", name, subnet.resource, {"tags": self._tags(name)})
        inputs = {"allocationId": address.id, "subnetId": subnet.resource.id, "tags": self._tags(name)}
        return self._add("ec2/natGateway:NatGateway", name, subnet.resource, inputs)

    def _route(self, subnet: _Subnet, key: str, target: pulumi.CustomResource) -> None:
        inputs = {"routeTableId": subnet.table.id, "destinationCidrBlock": "0.0.0.0/0", key: target.id}
        self._add("ec2/route:Route", subnet.table._name, subnet.table, inputs)  # noqa: SLF001 - its logical name

    def outputs(self) -> dict[str, Any]:
        """The component's outputs, by their wire names."""
        found: dict[str, Any] = {"vpcId": self.vpc.id, "vpc": self.vpc, "internetGateway": self.gateway}
        for kind in ("Public", "Private", "Isolated"):
            of_kind = [subnet.resource for subnet in self.subnets if subnet.kind == kind]
            found[f"{kind.lower()}Subnets"] = of_kind
            found[f"{kind.lower()}SubnetIds"] = [subnet.id for subnet in of_kind]
        plural = {
            "subnets": "Subnet",
            "eips": "Eip",
            "natGateways": "NatGateway",
            "routes": "Route",
            "routeTables": "RouteTable",
            "routeTableAssociations": "RouteTableAssociation",
            "vpcEndpoints": "VpcEndpoint",
        }
        found.update({key: self.resources.get(type_, []) for key, type_ in plural.items()})
        found["subnetLayout"] = [
            {key: spec[key] for key in ("type", "name", "cidrMask") if spec.get(key)}
            for spec in self._inputs.get("subnetSpecs") or []
        ]
        return found


class _Awsx(Provider):
    def __init__(self) -> None:
        super().__init__(importlib.metadata.version("pulumi-awsx"))

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Register a component and its children with the engine."""
        if resource_type != VPC:
            raise pulumi.InputPropertyError("", f"the stand-in for awsx knows {VPC}, not {resource_type}")
        _refuse(inputs)
        vpc = _Vpc(name, inputs, options)
        outputs = vpc.outputs()
        vpc.register_outputs(outputs)
        return ConstructResult(vpc.urn, outputs)


def serve() -> None:
    """Serve until the engine ends or is gone."""
    end_with_the_engine()
    del sys.argv[1]  # the SDK's server reads the command line itself, and expects the engine's address first
    main(_Awsx(), sys.argv[1:])
