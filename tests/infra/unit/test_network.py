"""What the network lets through, and what it costs to get out of it."""

import base64
import json
from typing import Any

import pytest
from infra_mocks import PROD, STAGING, Recorded, context, run, settings

from infra.components.network import Network


def network(nat: str, **changes: Any) -> tuple[Recorded, Network]:
    made: list[Network] = []

    def build() -> None:
        values = settings(STAGING, network={"nat": nat, **changes})
        made.append(Network("network", context(values)))

    return run(build), made[0]


@pytest.fixture(scope="module")
def shapes() -> dict[str, Recorded]:
    return {nat: network(nat)[0] for nat in ("none", "instance", "single", "per_az")}


@pytest.mark.parametrize(
    ("nat", "strategy"), [("none", "None"), ("instance", "None"), ("single", "Single"), ("per_az", "OnePerAz")]
)
def test_awsx_makes_the_gateways_that_were_asked_for(shapes: dict[str, Recorded], nat: str, strategy: str) -> None:
    vpc = shapes[nat].one("awsx.ec2.Vpc")
    assert vpc.inputs["natGateways"] == {"strategy": strategy}
    assert vpc.inputs["availabilityZoneNames"] == ["us-east-1a", "us-east-1b"]
    assert [spec["type"] for spec in vpc.inputs["subnetSpecs"]] == ["Public", "Private", "Isolated"]


@pytest.mark.parametrize("nat", ["none", "instance", "single", "per_az"])
def test_the_default_security_group_lets_nothing_in_or_out(shapes: dict[str, Recorded], nat: str) -> None:
    group = shapes[nat].one("aws.ec2.DefaultSecurityGroup")
    assert group.inputs["ingress"] == []
    assert group.inputs["egress"] == []


@pytest.mark.parametrize("nat", ["none", "instance", "single", "per_az"])
def test_flow_logs_are_kept_encrypted_for_a_time(shapes: dict[str, Recorded], nat: str) -> None:
    recorded = shapes[nat]
    flow, group = recorded.one("aws.ec2.FlowLog"), recorded.one("aws.cloudwatch.LogGroup")
    assert flow.inputs["trafficType"] == "ALL"
    assert flow.inputs["logDestination"] == group.outputs["arn"]
    assert group.inputs["retentionInDays"] == 30
    assert group.inputs["kmsKeyId"].startswith("arn:aws:kms:")


def test_image_layers_always_come_by_the_free_endpoint(shapes: dict[str, Recorded]) -> None:
    for recorded in shapes.values():
        gateway = recorded.one("aws.ec2.VpcEndpoint", "network-s3")
        tables = gateway.inputs["routeTableIds"]
        assert sorted(tables) == sorted(
            [f"rtb-{tier}-us-east-1{zone}" for tier in ("private", "public") for zone in ("a", "b")]
        )
        assert not any("isolated" in table for table in tables)


def test_nobody_pays_for_endpoints(shapes: dict[str, Recorded]) -> None:
    for recorded in shapes.values():
        assert [e.inputs["vpcEndpointType"] for e in recorded.all("aws.ec2.VpcEndpoint")] == ["Gateway"]


def test_tasks_get_public_addresses_only_without_nat() -> None:
    for nat, expected in (("none", True), ("instance", False), ("per_az", False)):
        assert network(nat)[1].tasks_have_public_addresses is expected


def test_every_private_subnet_goes_out_through_the_nat_instance(shapes: dict[str, Recorded]) -> None:
    recorded = shapes["instance"]
    interface = recorded.one("aws.ec2.NetworkInterface")
    assert interface.inputs["sourceDestCheck"] is False
    routes = recorded.all("aws.ec2.Route")
    assert {route.inputs["routeTableId"] for route in routes} == {"rtb-private-us-east-1a", "rtb-private-us-east-1b"}
    assert {route.inputs["networkInterfaceId"] for route in routes} == {interface.id}
    assert {route.inputs["destinationCidrBlock"] for route in routes} == {"0.0.0.0/0"}


def test_the_nat_instance_is_replaced_when_it_fails_and_reachable_from_inside_only(shapes: dict[str, Recorded]) -> None:
    recorded = shapes["instance"]
    group = recorded.one("aws.autoscaling.Group")
    assert (group.inputs["minSize"], group.inputs["maxSize"]) == (1, 1)
    (rule,) = [r for r in recorded.all("aws.vpc.SecurityGroupIngressRule") if r.name.startswith("network-nat")]
    assert rule.inputs["cidrIpv4"] == "10.0.0.0/16"
    template = recorded.one("aws.ec2.LaunchTemplate")
    assert template.inputs["metadataOptions"]["httpTokens"] == "required"
    assert template.inputs["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    assert "al2023-ami-kernel-default-arm64" in template.inputs["imageId"]
    script = base64.b64decode(template.inputs["userData"]).decode()
    interface = recorded.one("aws.ec2.NetworkInterface")
    assert f"--network-interface-id {interface.id}" in script
    assert "ip saddr 10.0.0.0/16 ip daddr != 10.0.0.0/16 masquerade" in script


def test_the_nat_instance_may_take_its_own_interface_and_nothing_else(shapes: dict[str, Recorded]) -> None:
    recorded = shapes["instance"]
    policy = json.loads(recorded.one("aws.iam.RolePolicy", "network-nat").inputs["policy"])
    (statement,) = policy["Statement"]
    assert statement["Action"] == ["ec2:AttachNetworkInterface"]
    assert "*" not in statement["Resource"]
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/polyglot:stack": "staging"}}


@pytest.mark.parametrize(
    ("instance_type", "architecture"), [("t4g.nano", "arm64"), ("t3.nano", "x86_64"), ("c7gn.medium", "arm64")]
)
def test_the_nat_image_fits_its_processor(instance_type: str, architecture: str) -> None:
    recorded, _ = network("instance", nat_instance_type=instance_type)
    assert recorded.one("aws.ec2.LaunchTemplate").inputs["imageId"].endswith(architecture)


@pytest.mark.parametrize(("cidr", "masks"), [("10.0.0.0/16", [24, 20, 24]), ("10.0.0.0/20", [28, 24, 28])])
def test_subnets_grow_with_the_network(cidr: str, masks: list[int]) -> None:
    recorded, _ = network("per_az", cidr=cidr)
    assert [spec["cidrMask"] for spec in recorded.one("awsx.ec2.Vpc").inputs["subnetSpecs"]] == masks


def test_prod_has_a_gateway_in_each_zone() -> None:
    made: list[Network] = []
    run(lambda: made.append(Network("network", context(settings(PROD)))))
    assert len(made[0].nat_gateway_ids) == 2
