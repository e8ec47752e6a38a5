"""The API of a stack with a cache is told where it is and may reach it; without one, neither."""

from typing import Any

import pytest
from infra_mocks import Recorded
from whole import stack

from api.settings import Settings as ApiSettings

VARIABLE = "POLYGLOT_VALKEY_URL"


def told(recorded: Recorded, service: str) -> dict[str, str | None]:
    """What each container of a service knows of the cache."""
    found = recorded.one("aws.ecs.TaskDefinition", service).json("containerDefinitions")
    return {
        container["name"]: {entry["name"]: entry["value"] for entry in container["environment"]}.get(VARIABLE)
        for container in found
    }


def ways_out(recorded: Recorded) -> dict[int, dict[str, Any]]:
    """The API's rules of egress by their first port."""
    api = recorded.one("aws.ec2.SecurityGroup", "api").id
    rules = [rule.inputs for rule in recorded.all("aws.vpc.SecurityGroupEgressRule")]
    return {rule["fromPort"]: rule for rule in rules if rule["securityGroupId"] == api}


@pytest.mark.parametrize("name", ["staging with data", "prod"])
def test_with_a_cache_the_api_knows_and_reaches_it(name: str) -> None:
    recorded = stack(name)
    address = recorded.one("aws.elasticache.ServerlessCache").outputs["endpoints"][0]["address"]
    assert told(recorded, "api") == {"api": (url := f"rediss://{address}:6379")}
    assert set(told(recorded, "agent").values()) == {None}
    way = ways_out(recorded)[6379]
    assert (way["toPort"], way["ipProtocol"], way["cidrIpv4"]) == (6379, "tcp", "10.0.0.0/16")
    livekit = {"LIVEKIT_URL": "ws://x", "LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "s" * 32}
    assert ApiSettings.model_validate({**livekit, VARIABLE: url}).valkey_url


def test_without_one_it_knows_of_none_and_has_no_way_to_its_ports() -> None:
    recorded = stack("staging")
    assert set(told(recorded, "api").values()) == {None}
    assert not {6379, 6380} & set(ways_out(recorded))
