"""How tasks run: images, containers, services."""

import re
from collections.abc import Iterator
from typing import Final

from infra.policies.core import (
    Problem,
    Props,
    Resource,
    Stack,
    each,
    known,
    listed,
    number,
    objects,
    value_at,
    whole,
)
from infra.services import SERVICES
from infra.settings.services import STOP_TIMEOUT_MAX, looks_secret

TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE: Final = "aws:ecs/service:Service"
DIGEST: Final = re.compile(r"@sha256:[0-9a-f]{64}$")
SECRET_SHAPES: Final = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|duffel_(live|test)_\w{10,}"
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}|://[^/\s:@]+:[^/\s:@]+@"
)
"""Keys of OpenAI, AWS and Duffel, private keys, signed tokens, and a password inside a URL."""
HARMLESS: Final = frozenset({"POLYGLOT_TOKEN_TTL", "POLYGLOT_TOKEN_MINUTES"})
"""Names that only sound secret."""


def containers(resource: Resource) -> list[Props]:
    """The containers of a task definition. Raises Undecidable."""
    return objects(resource.get("containerDefinitions"))


LONG_CALLS: Final = frozenset(service.name for service in SERVICES.values() if service.live_calls)
CALLED: Final = frozenset(service.name for service in SERVICES.values() if service.port is not None)
"""Services that something reaches."""


def is_closed(resource: Resource) -> bool:
    """Whether a task definition, a service, a security group or its rule is of a service that nothing reaches."""
    return any(resource.name == name or resource.name.startswith(f"{name}-") for name in SERVICES if name not in CALLED)


def _variables(container: Props) -> Iterator[tuple[str, str]]:
    for variable in listed(container.get("environment")):
        if isinstance(variable, dict):
            yield str(variable.get("name")), str(known(variable.get("value")))


@each("images-by-digest", TASK)
def digests(resource: Resource, _: Stack) -> Iterator[str]:
    """An image by tag."""
    for container in containers(resource):
        image = str(known(container.get("image")))
        if not DIGEST.search(image):
            yield f"container {container.get('name')}: image {image!r} is not by digest"


@each("no-secrets-in-environment", TASK)
def plain_secrets(resource: Resource, _: Stack) -> Iterator[str]:
    """A plain secret. The message names the variable and never its value."""
    for container in containers(resource):
        for name, value in _variables(container):
            if name not in HARMLESS and looks_secret(name) and value:
                yield f"{name} sounds secret and stands in plain text"
            elif SECRET_SHAPES.search(value):
                yield f"{name} holds something that looks like a secret"


@each("secrets-by-arn", TASK)
def secret_references(resource: Resource, _: Stack) -> Iterator[str]:
    """A secret by bare name, which is looked up wherever the task happens to run."""
    for container in containers(resource):
        for secret in listed(container.get("secrets")):
            source = str(value_at(secret, "valueFrom"))
            if not re.match(r"arn:aws[a-z-]*:(ssm|secretsmanager):", source):
                yield f"{value_at(secret, 'name')} comes from {source!r}, not from an ARN"


@each("agent-has-time-to-end-calls", TASK)
def stop_timeout(resource: Resource, stack: Stack) -> Iterator[str]:
    """Less time, so that calls are cut."""
    if not LONG_CALLS & {resource.name, *(str(container.get("name")) for container in containers(resource))}:
        return
    least = STOP_TIMEOUT_MAX if stack.prod else 30
    for container in containers(resource):
        if not least <= number(known(container.get("stopTimeout"))) <= STOP_TIMEOUT_MAX:
            yield f"container {container.get('name')}: stopTimeout must be {STOP_TIMEOUT_MAX}"


@whole("tasks-have-no-public-address")
def public_addresses(stack: Stack) -> Iterator[Problem]:
    """A public address although there is NAT, or in prod."""
    nat = any(stack.of("aws:ec2/natGateway:NatGateway")) or any(
        "nat" in group.name.split("-") for group in stack.of("aws:autoscaling/group:Group")
    )
    for service in stack.of(SERVICE):
        if service.get("networkConfiguration.assignPublicIp") is True and (nat or stack.prod):
            yield Problem("gives its tasks public addresses", service.urn)


@each("no-shell-in-prod", SERVICE)
def no_exec(resource: Resource, stack: Stack) -> Iterator[str]:
    """A shell."""
    if stack.prod and resource.set("enableExecuteCommand"):
        yield "enableExecuteCommand must be false in prod"


@each("no-spare-capacity-in-prod", SERVICE)
def spot(resource: Resource, stack: Stack) -> Iterator[str]:
    """Spot in prod."""
    for strategy in resource.items("capacityProviderStrategies"):
        if stack.prod and known(strategy.get("capacityProvider")) == "FARGATE_SPOT":
            yield "runs on FARGATE_SPOT in prod"


@whole("one-agent-name")
def agent_name(stack: Stack) -> Iterator[Problem]:
    """Two spellings, or a task that relies on its default."""
    names: dict[str, str] = {}
    for task in stack.of(TASK):
        mine = [value for c in containers(task) for name, value in _variables(c) if name.endswith("AGENT_NAME")]
        for value in mine:
            names.setdefault(value, task.urn)
        if not mine and any(name == "LIVEKIT_URL" for c in containers(task) for name, _ in _variables(c)):
            yield Problem("talks to LiveKit, and LIVEKIT_AGENT_NAME is not set", task.urn)
    if len(names) > 1:
        yield Problem(f"the agent has {len(names)} names: {', '.join(sorted(names))}", list(names.values())[-1])
