"""The stand-in for awsx registers the very resources that the real component was recorded to register."""

import ipaddress
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx
import pytest
from pulumi.automation.errors import CommandError
from pulumi_life import Life

SPECS = [
    awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.PUBLIC, cidr_mask=24),
    awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.PRIVATE, cidr_mask=20),
    awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.ISOLATED, cidr_mask=24),
]
RECORDED = {"none": "None", "single": "Single", "one-per-az": "OnePerAz"}


def network(strategy: str, **more: Any) -> Callable[[], None]:
    def program() -> None:
        arguments: dict[str, Any] = {
            "cidr_block": "10.0.0.0/16",
            "number_of_availability_zones": 2,
            "subnet_strategy": awsx.ec2.SubnetAllocationStrategy.AUTO,
            "subnet_specs": SPECS,
            "nat_gateways": awsx.ec2.NatGatewayConfigurationArgs(strategy=awsx.ec2.NatGatewayStrategy(strategy)),
        }
        vpc = awsx.ec2.Vpc("net", **{**arguments, **more})
        aws.ec2.DefaultSecurityGroup("default", vpc_id=vpc.vpc_id)
        pulumi.export("private", vpc.private_subnet_ids)
        pulumi.export("tables", vpc.route_tables.apply(lambda tables: [table.id for table in tables]))

    return program


def as_recorded(life: Life) -> list[str]:
    """The state's resources in the recordings' form: references by `<name>.id`, without what a provider adds."""
    resources = life.state()["resources"]
    names = {item["id"]: f"{item['urn'].rpartition('::')[2]}.id" for item in resources if item.get("id")}

    def line(item: dict[str, Any]) -> str:
        inputs = {
            key: names.get(value, value) if isinstance(value, str) else value
            for key, value in item.get("inputs", {}).items()
            if not key.startswith("__")
        }
        parent = item.get("parent", "")
        above = None if parent.split("::")[2] == "pulumi:pulumi:Stack" else parent.rpartition("::")[2]
        return json.dumps([item["type"], item["urn"].rpartition("::")[2], above, inputs], sort_keys=True)

    wanted = [item for item in resources if "$" in item["urn"] or item["type"].startswith("awsx:")]
    return sorted(line(item) for item in wanted)


@pytest.mark.parametrize("name", RECORDED)
def test_the_vpc_is_as_recorded(live: Callable[..., Life], recordings: Path, name: str) -> None:
    recorded = json.loads((recordings / f"awsx-vpc-{name}.json").read_text())["resources"]
    life = live(network(RECORDED[name]))
    life.up()
    expected = []
    for item in recorded:
        inputs = dict(item["inputs"])
        if item["type"].endswith(":NatGateway") and "allocationId" not in inputs:
            inputs["allocationId"] = "net-1.id" if item["name"] == "net-1" else "net-2.id"
        expected.append(json.dumps([item["type"], item["name"], item["parent"], inputs], sort_keys=True))
    assert as_recorded(life) == sorted(expected)

    outputs = life.stack.outputs()
    subnets = {thing.id: thing for thing in life.things() if thing.type.endswith(":Subnet")}
    assert [subnets[item].inputs["cidrBlock"] for item in outputs["private"].value] == ["10.0.16.0/20", "10.0.144.0/20"]
    assert len(outputs["tables"].value) == 6
    blocks = [ipaddress.ip_network(str(thing.inputs["cidrBlock"])) for thing in subnets.values()]
    assert not any(one.overlaps(other) for one in blocks for other in blocks if one != other)

    assert set(life.preview().counts) == {"same"}
    life.stack.destroy()
    assert life.things() == []


def test_children_take_the_provider_given_to_the_component(live: Callable[..., Life]) -> None:
    def program() -> None:
        provider = aws.Provider("ours", region="us-east-1", default_tags={"tags": {"project": "polyglot"}})
        awsx.ec2.Vpc(
            "net",
            cidr_block="10.0.0.0/16",
            number_of_availability_zones=2,
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            subnet_specs=SPECS,
            opts=pulumi.ResourceOptions(providers=[provider]),
        )

    planned = live(program, config={"pulumi:disable-default-providers": ["aws"]}).preview().resources
    vpc = next(item for item in planned if item.type == "aws:ec2/vpc:Vpc")
    assert vpc.props["tags"] == {"Name": "net", "project": "polyglot"}


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"vpc_endpoint_specs": [{"serviceName": "s3"}]}, "vpcEndpointSpecs is not covered by the stand-in"),
        ({"subnet_strategy": "Legacy"}, "only Auto is covered"),
        ({"cidr_block": "10.0.0.0/22"}, "do not fit into a zone's"),
    ],
)
def test_what_was_not_recorded_is_refused(live: Callable[..., Life], argument: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        live(network("Single", **argument)).preview()
