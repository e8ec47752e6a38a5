"""Every text and number of every previewed stack, against what AWS itself publishes: resource schemas and API models."""

import json
from functools import cache

import pytest
from aws_schema import CLOUDFORMATION, OPERATIONS, judge
from infra_mocks import Recorded
from roles import bootstrapped
from whole import STACKS, stack


def made(name: str) -> Recorded:
    return bootstrapped() if name == "account" else stack(name)


@cache
def judged(kind: str, inputs: str, region: str) -> tuple[int, tuple[str, ...]]:
    """Most of a stack's resources are those of another one, word for word."""
    known, problems = judge(kind, json.loads(inputs), region)
    return known, tuple(problems)


@pytest.mark.parametrize("name", [*STACKS, "account"])
def test_aws_would_take_every_text_and_number(name: str) -> None:
    region = STACKS[name].aws.region if name in STACKS else "us-east-1"
    compared, wrong = 0, []
    for resource in made(name).resources:
        known, problems = judged(resource.kind, json.dumps(resource.inputs, sort_keys=True, default=str), region)
        compared += known
        wrong += [f"{resource.name}: {problem}" for problem in problems]
    assert wrong == []
    # The models say something of most arguments; a mapping that finds nothing would pass everything.
    assert compared > {"account": 100, "media": 200}.get(name, 500)


@pytest.mark.parametrize("name", [*STACKS, "account"])
def test_hardly_a_resource_is_left_unjudged(name: str) -> None:
    found = [r for r in made(name).resources if r.type.startswith("aws:")]
    judged = [r for r in found if r.kind in CLOUDFORMATION or r.kind in OPERATIONS]
    assert len(judged) / len(found) > (0.45 if name == "account" else 0.7)


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("aws.vpc.SecurityGroupEgressRule", {"description": "The API's tasks"}),
        ("aws.ec2.SecurityGroup", {"description": "müller"}),
        ("aws.cloudwatch.LogGroup", {"retentionInDays": 31, "name": "x"}),
        ("aws.cloudwatch.LogGroup", {"name": "no spaces please"}),
        ("aws.cloudwatch.MetricAlarm", {"name": "x" * 300}),
        ("aws.cloudwatch.MetricAlarm", {"treatMissingData": "sometimes"}),
        ("aws.cloudwatch.MetricAlarm", {"comparisonOperator": "MoreThan"}),
        ("aws.iam.Role", {"description": "tab\tor\u2028line", "maxSessionDuration": 60}),
        ("aws.iam.Role", {"maxSessionDuration": 99999}),
        ("aws.lambda.Function", {"runtime": "python3.1"}),
        ("aws.lb.TargetGroup", {"protocol": "GOPHER"}),
        ("aws.ecs.TaskDefinition", {"containerDefinitions": '[{"linuxParameters": {"capabilities": {"drop": ["ALL"]}}, "logConfiguration": {"logDriver": "paper"}}]'}),
        ("aws.appautoscaling.Target", {"scalableDimension": "ecs:service:Wish"}),
        ("aws.ecr.Repository", {"name": "UPPER"}),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_found(kind: str, inputs: dict[str, object]) -> None:
    assert judge(kind, inputs)[1] != []
