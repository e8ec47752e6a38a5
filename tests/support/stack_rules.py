"""The rules over everything that `up` made: nothing is unknown any more, so every rule must have its answer."""

from collections.abc import Mapping
from typing import Any

from infra.bootstrap import permissions
from infra.bootstrap.settings import parse
from infra.policies.compute import TASK, containers
from infra.policies.core import Resource
from offline.verdict import verdict


def assert_obeys_the_rules(deployment: Mapping[str, Any], environment: str) -> None:
    """No rule is broken or left open, and the pipeline's role may make all of it."""
    resources = [
        Resource(
            item["urn"],
            item["type"],
            item["urn"].rsplit("::", 1)[-1],
            item.get("inputs", {}),
            item.get("protect", False),
        )
        for item in deployment["resources"]
        if item["custom"]
    ]
    found = verdict(resources, environment)
    assert [str(violation) for violation in found.violations] == []
    assert found.undecided == ()
    assert len(resources) > 60
    named = {str(part["name"]) for item in resources if item.type == TASK for part in containers(item)}
    assert {"api", "agent"} <= named  # the rules have looked into what runs
    assert {_service(item.type) for item in resources if item.type.startswith("aws:")} <= _deployable()


def _service(token: str) -> str:
    """The service of IAM that a type of resource belongs to."""
    module, name = token.split(":")[1].split("/")
    if module == "cloudwatch" and name.startswith("log"):
        return "logs"
    names = {"appautoscaling": "application-autoscaling", "lb": "elasticloadbalancing", "vpc": "ec2"}
    return names.get(module, module)


def _deployable() -> set[str]:
    """The services in which the deploy role may create something."""
    statements = permissions.writing(
        parse({"account": "111122223333", "repository": "acme/polyglot"}), "prod", "k", "b"
    )
    return {action.split(":")[0] for statement in statements for action in statement["Action"]}
