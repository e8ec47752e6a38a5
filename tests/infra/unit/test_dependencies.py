"""What needs something waits for it: no name is written down as text where the thing itself would be waited for."""

from collections.abc import Iterator
from typing import Any

import pytest
from infra_mocks import Registered
from roles import bootstrapped
from whole import stack

NAMED = {
    "aws.s3.Bucket": ("bucket",),
    "aws.cloudwatch.LogGroup": ("name",),
    "aws.cloudwatch.MetricAlarm": ("name",),
    "aws.sns.Topic": ("arn",),
    "aws.ecr.Repository": ("name",),
}
"""What other resources refer to, and by which of its properties: those of which a recording knows each one's own."""


WHOLE = ("built here", "prod", "everything", "media", "account")


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def reached(resource: Registered, by_urn: dict[str, Registered]) -> set[str]:
    """Everything that a resource waits for, however far."""
    seen: set[str] = set()
    pending = list(resource.depends_on)
    while pending:
        urn = pending.pop()
        if urn not in seen:
            seen.add(urn)
            pending += by_urn[urn].depends_on if urn in by_urn else ()
    return seen


@pytest.mark.parametrize("name", WHOLE)
def test_nothing_names_another_resource_without_waiting_for_it(name: str) -> None:
    recorded = bootstrapped() if name == "account" else stack(name)
    by_urn = {resource.urn: resource for resource in recorded.resources}
    owners = {
        str(resource.inputs.get(key) or resource.outputs.get(key)): resource
        for resource in recorded.resources
        for key in NAMED.get(resource.kind, ())
    }
    unwaited = []
    for resource in recorded.resources:
        for text in texts(resource.inputs):
            owner = owners.get(text)
            # One of the same kind does not use it: two may be called after the same thing.
            if owner is None or resource.kind == owner.kind:
                continue
            if owner.urn not in reached(resource, by_urn):
                unwaited.append(f"{resource.kind} {resource.name} names {owner.kind} {owner.name}")
    assert unwaited == []


@pytest.mark.parametrize("name", WHOLE[:3])
def test_services_wait_for_their_way_out_capacity_rules_and_policies(name: str) -> None:
    recorded = stack(name)
    by_urn = {resource.urn: resource for resource in recorded.resources}
    for service in recorded.all("aws.ecs.Service"):
        waits = reached(service, by_urn)
        needed = [
            *recorded.all("aws.ecs.ClusterCapacityProviders"),
            *recorded.all("aws.ec2.Route"),
            *recorded.all("awsx.ec2.Vpc"),
            *[r for r in recorded.all("aws.iam.RolePolicy") if r.name.startswith(f"{service.name}-")],
            *[r for r in recorded.all("aws.vpc.SecurityGroupEgressRule") if r.name.startswith(f"{service.name}-out")],
        ]
        assert [r.name for r in needed if r.urn not in waits] == []
