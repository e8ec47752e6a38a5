import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import policy_cases as c
import pytest
import yaml
from pulumi.runtime import set_all_config
from pulumi_policy import (
    EnforcementLevel,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from infra.policies.core import UNKNOWN, Resource
from infra.policies.pack import policies, surroundings
from infra.policies.rules import ALL

PACK = {policy.name: policy for policy in policies()}
FOLDER = Path(__file__).parents[3] / "infra" / "policies"


@pytest.fixture(autouse=True)
def _no_config() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    set_all_config({})
    yield
    set_all_config({})
    asyncio.set_event_loop(None)
    loop.close()


def _options(resource: Resource) -> PolicyResourceOptions:
    return PolicyResourceOptions(
        protect=resource.protect,
        ignore_changes=[],
        delete_before_replace=None,
        aliases=[],
        custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
        additional_secret_outputs=[],
    )


def _props(resource: Resource) -> Any:
    return unknown_checking_proxy(dict(resource.props))


def _told(name: str, resources: list[Resource]) -> list[tuple[str, str | None]]:
    """What the engine would be told, by the library's own interface."""
    policy, told = PACK[name], []

    def report(message: str, urn: str | None = None) -> None:
        told.append((message, urn))

    if isinstance(policy, StackValidationPolicy):
        shown = [PolicyResource(r.type, _props(r), r.urn, r.name, _options(r), None, None, [], {}) for r in resources]
        policy.validate(StackValidationArgs(shown), report)
    else:
        assert isinstance(policy, ResourceValidationPolicy)
        for r in resources:
            policy.validate(ResourceValidationArgs(r.type, _props(r), r.urn, r.name, _options(r), None), report)
    return told


@pytest.mark.parametrize("name", PACK)
def test_the_engine_is_told_what_the_offline_check_tells(name: str) -> None:
    assert all(_told(name, resources) == [] for resources in c.CASES[name].good)
    assert all(_told(name, resources) for resources in c.CASES[name].bad)


def test_the_pack_holds_every_rule_and_none_is_only_advice() -> None:
    assert list(PACK) == [rule.name for rule in ALL]
    assert {policy.enforcement_level for policy in PACK.values()} == {EnforcementLevel.MANDATORY}
    assert all(rule.control in PACK[rule.name].description for rule in ALL)


def test_an_unknown_value_is_the_library_s_own_unknown() -> None:
    unknown = c.a("ecs/taskDefinition", containerDefinitions=UNKNOWN)
    with pytest.raises(UnknownValueError):
        _told("images-by-digest", [unknown])


def test_an_unknown_inside_a_list_is_seen_too() -> None:
    with pytest.raises(UnknownValueError):
        _told("images-by-digest", [c.a("ecs/taskDefinition", containerDefinitions=[{"name": "api", "image": UNKNOWN}])])


def test_what_is_not_known_hides_no_violation_beside_it() -> None:
    policy, told = PACK["images-by-digest"], []
    unknown = {"name": "agent", "image": UNKNOWN}
    bad = c.a("ecs/taskDefinition", containerDefinitions=[{"name": "api", "image": "repo:latest"}, unknown])
    assert isinstance(policy, ResourceValidationPolicy)
    arguments = ResourceValidationArgs(bad.type, _props(bad), bad.urn, bad.name, _options(bad), None)
    with pytest.raises(UnknownValueError):
        policy.validate(arguments, lambda *found: told.append(found[0]))
    assert told == ["container api: image 'repo:latest' is not by digest"]


@pytest.mark.parametrize(
    ("stack", "config", "expected"),
    [
        ("prod", {}, ("prod", False)),
        ("staging", {}, ("staging", False)),
        ("staging-2", {}, ("staging", False)),
        ("anything", {}, ("prod", False)),
        ("anything", {"polyglot:environment": "staging"}, ("staging", False)),
        ("prod", {"polyglot:guard": '{"allow_destroy": true}'}, ("prod", True)),
        ("prod", {"polyglot:guard": '{"allow_destroy": "true"}'}, ("prod", True)),
        ("prod", {"polyglot:guard": '{"allow_destroy": "false"}'}, ("prod", False)),
    ],
)
def test_a_stack_is_judged_by_its_own_settings_and_else_as_prod(
    stack: str, config: dict[str, str], expected: tuple[str, bool]
) -> None:
    set_all_config(config)
    assert surroundings(f"urn:pulumi:{stack}::polyglot::aws:ec2/vpc:Vpc::x") == expected


def test_the_pack_is_a_program_that_the_engine_can_start() -> None:
    about = yaml.safe_load((FOLDER / "PulumiPolicy.yaml").read_text())
    assert about["runtime"]["name"] == "python"
    assert (FOLDER / "__main__.py").exists()
