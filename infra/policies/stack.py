"""What a stack as a whole must have."""

from collections.abc import Iterator
from typing import Final

from infra.policies.core import Problem, Resource, Stack, each, listed, whole

PROVIDER: Final = "pulumi:providers:aws"


@each("only-the-named-account", PROVIDER)
def account(resource: Resource, _: Stack) -> Iterator[str]:
    """A provider that takes whatever credentials it finds."""
    accounts = listed(resource.get("allowedAccountIds"))
    if len(accounts) != 1:
        yield "allowedAccountIds must name exactly one account"


@whole("no-default-provider")
def default_provider(stack: Stack) -> Iterator[Problem]:
    """A provider that the engine made by itself."""
    for provider in stack.of(PROVIDER):
        if provider.name.startswith("default"):
            yield Problem("is Pulumi's default provider; give the resource ours", provider.urn)


@each("alarms-tell-somebody", "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
def alarms(resource: Resource, _: Stack) -> Iterator[str]:
    """An alarm that rings in an empty room."""
    if not listed(resource.get("alarmActions")):
        yield "alarmActions is empty"
    if resource.get("actionsEnabled") is False:
        yield "actionsEnabled must be true"


@whole("prod-outlives-a-zone")
def zones(stack: Stack) -> Iterator[Problem]:
    """One way out."""
    if not (stack.prod and stack.serves):
        return
    gateways = list(stack.of("aws:ec2/natGateway:NatGateway"))
    regional = any(gateway.get("availabilityMode") == "regional" for gateway in gateways)
    ours = gateways or any(stack.of("aws:ec2/vpc:Vpc"))
    if ours and len(gateways) < 2 and not regional:  # noqa: PLR2004 - zones
        yield Problem(f"has {len(gateways)} NAT gateways; prod needs one in each of two zones")
    for service in stack.of("aws:ecs/service:Service"):
        if len(listed(service.get("networkConfiguration.subnets"))) < 2:  # noqa: PLR2004 - zones
            yield Problem("runs in fewer than two subnets", service.urn)


@whole("prod-has-two-of-each")
def two_tasks(stack: Stack) -> Iterator[Problem]:
    """One task."""
    if not stack.prod:
        return
    for target in stack.of("aws:appautoscaling/target:Target"):
        least = target.get("minCapacity")
        if target.get("serviceNamespace") == "ecs" and isinstance(least, (int, float)) and least < 2:  # noqa: PLR2004
            yield Problem(f"scales in to {least:g} task", target.urn)


@whole("prod-database-has-a-standby")
def standby(stack: Stack) -> Iterator[Problem]:
    """A single instance; the setting is `data.multi_az`."""
    for database in stack.of("aws:rds/instance:Instance") if stack.prod else ():
        cluster_member = "clusterIdentifier" in database.props
        if not cluster_member and database.get("multiAz") is not True:
            yield Problem("multiAz is false: set polyglot:data.multi_az (doubles the database's price)", database.urn)
