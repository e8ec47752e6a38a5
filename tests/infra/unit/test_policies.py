import dataclasses
import json

import policy_cases as c
import pytest

from infra.policies.core import TABLE, UNKNOWN, UNKNOWNS, Resource, Rule, Stack
from infra.policies.rules import ALL
from offline.verdict import verdict

RULES = {rule.name: rule for rule in ALL}


def _broken(rule: str, resources: list[Resource], environment: str = "prod", **more: bool) -> list[str]:
    return [v.message for v in verdict(resources, environment, **more).violations if v.rule == rule]


def test_every_rule_has_a_case_that_passes_and_one_that_fails() -> None:
    assert len(RULES) == len(ALL) >= 30
    assert set(c.CASES) == set(RULES) == set(TABLE)
    assert all(case.good and case.bad for case in c.CASES.values())


@pytest.mark.parametrize("name", RULES)
def test_what_is_right_passes(name: str) -> None:
    for resources in c.CASES[name].good:
        assert _broken(name, resources, c.CASES[name].environment) == []


@pytest.mark.parametrize("name", RULES)
def test_each_way_of_being_wrong_is_refused(name: str) -> None:
    for resources in c.CASES[name].bad:
        assert _broken(name, resources, c.CASES[name].environment), resources


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_a_rule_names_its_control_and_is_mandatory(rule: Rule) -> None:
    assert rule.control.startswith(("Security Hub ", "AWS Config ", "Polyglot: "))
    assert rule.description.endswith(".")
    assert (rule.one is None) != (rule.whole is None)


@pytest.mark.parametrize("name", RULES)
def test_unknown_values_neither_crash_nor_pass_silently(name: str) -> None:
    """What fails for a value fails or is counted when the value is not known yet."""
    for resources in c.CASES[name].bad:
        hidden = [dataclasses.replace(r, props=dict.fromkeys(r.props, UNKNOWN)) for r in resources]
        found = verdict(hidden, "prod")
        told = any(v.rule == name for v in found.violations) or any(rule == name for rule, _ in found.undecided)
        absent = all(not r.props for r in resources)
        assert told or absent


@pytest.mark.parametrize("mark", sorted(UNKNOWNS))
def test_each_kind_of_unknown_is_counted(mark: str) -> None:
    found = verdict([c.a("ecs/taskDefinition", "api", networkMode="awsvpc", containerDefinitions=mark)], "prod")
    assert ("images-by-digest", found.undecided[0][1]) in found.undecided
    assert not found.refused
    assert "not decidable in preview" in str(found)
    assert "Asked again by `up`, when the values are known: " in str(found)
    assert "images-by-digest (1)" in str(found)


def test_an_unknown_part_inside_json_text_is_counted() -> None:
    document = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": f"{UNKNOWN}/x"}]})
    found = verdict([c.a("iam/rolePolicy", policy=document)], "prod")
    assert {"no-star-actions", "no-star-resources"} <= {rule for rule, _ in found.undecided}


def test_an_undecidable_resource_does_not_hide_another_s_violation() -> None:
    unknown = c.a("ecs/taskDefinition", "api", networkMode="awsvpc", containerDefinitions=UNKNOWN)
    found = verdict([unknown, c.task("web", image="repo:latest")], "prod")
    assert [v.urn for v in found.violations if v.rule == "images-by-digest"] == [c.task("web").urn]


def test_a_secret_s_value_is_never_told() -> None:
    word = "sk-abcdefghijklmnopqrstuv"
    plain = [c.variable("PLAIN", word), c.task(command=[word])]
    told = [str(violation) for violation in verdict(plain, "prod").violations]
    assert any("PLAIN" in line for line in told)
    assert not any(word in line for line in told)


def test_values_wrapped_as_secrets_are_looked_into() -> None:
    wrapped = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": False}
    assert _broken("prod-database-has-a-standby", [c.database(multiAz=wrapped)])


def test_prod_s_strictness_is_prod_s_alone() -> None:
    loose = [c.balancer(protect=False, enableDeletionProtection=False), c.database(protect=False, multiAz=False)]
    names = {"prod-cannot-be-deleted", "databases-survive", "prod-database-has-a-standby"}
    assert {v.rule for v in verdict(loose, "prod").violations} >= names
    assert not {v.rule for v in verdict(loose, "staging").violations} & names


def test_an_operator_who_said_so_may_take_prod_down() -> None:
    loose = [c.balancer(protect=False, enableDeletionProtection=False)]
    assert _broken("prod-cannot-be-deleted", loose, destroyable=True) == []


def test_staging_without_nat_may_give_tasks_public_addresses() -> None:
    public = c.service(networkConfiguration={"assignPublicIp": True})
    assert _broken("tasks-have-no-public-address", [public], "staging") == []
    assert _broken("tasks-have-no-public-address", [public, *c.NAT], "staging")


def test_a_local_stack_needs_no_budget_and_no_zones() -> None:
    assert verdict([c.a("pulumi:providers:docker", "docker")], "local").violations == ()


def test_the_stack_view_tells_prod_from_the_rest() -> None:
    assert Stack((), "prod").keeps_data
    assert not Stack((), "prod", destroyable=True).keeps_data
    assert not Stack((), "staging").keeps_data
