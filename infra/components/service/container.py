"""A container definition: the part of a task that is JSON, with everything hardened that Fargate can harden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi import Input

from infra.components.secrets import Injected
from infra.context import Context

USER = "10001:10001"
"""The user that the images make; a number, so that the runtime can tell that it is not root."""


EXEC_FOLDERS: Final = ("/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm")
"""What the agent of ECS Exec writes to; without them a read-only root gives no shell.
Source: aws/containers-roadmap#1359."""


@dataclass(frozen=True)
class Container:
    """What differs between the containers that we run."""

    name: str
    image: Input[str]
    port: int | None
    environment: Mapping[str, Input[str]]
    """Nothing secret."""
    secrets: Sequence[Injected]
    json_secrets: Mapping[str, Input[str]] = field(default_factory=dict)
    """Variable to `valueFrom` of a Secrets Manager key, for example a database's generated password."""
    writable: Sequence[str] = ("/tmp",)  # noqa: S108 - a mount of its own in a task of its own
    """Folders outside the read-only root; the image declares them as volumes with the right owner."""
    command: Sequence[str] | None = None
    health: Sequence[str] | None = None
    stop_timeout: int = 120
    exec_enabled: bool = False
    """A shell can be opened in it, for which its agent needs folders to write to."""


def definition(container: Container, context: Context, log_group: Input[str]) -> dict[str, Any]:
    """The container as ECS takes it; values may be outputs. Source: ECS API reference, ContainerDefinition."""
    result: dict[str, Any] = {
        "name": container.name,
        "image": container.image,
        "essential": True,
        "user": USER,
        "readonlyRootFilesystem": True,
        "privileged": False,
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "environment": [{"name": name, "value": value} for name, value in sorted(container.environment.items())],
        "secrets": _secrets(container),
        # A new value has a new version; the label makes it a new revision of the task.
        "dockerLabels": {f"polyglot.secret.{secret.name}": str(secret.version) for secret in container.secrets},
        "mountPoints": [
            {"sourceVolume": volume(path), "containerPath": path, "readOnly": False} for path in folders(container)
        ],
        "stopTimeout": container.stop_timeout,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": context.region,
                "awslogs-stream-prefix": container.name,
                # A call must not wait for a log line; what does not fit is dropped.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }
    if container.port is not None:
        result["portMappings"] = [{"containerPort": container.port, "protocol": "tcp"}]
    if container.command is not None:
        result["command"] = list(container.command)
    if container.health is not None:
        result["healthCheck"] = {
            "command": ["CMD", *container.health],
            "interval": 15,
            # A busy task of a quarter of a CPU starts Python slowly; a missed answer must not end live calls.
            "timeout": 12,
            "retries": 3,
            "startPeriod": 60,
        }
    return result


def folders(container: Container) -> list[str]:
    """Every folder that may be written, each a volume of the task."""
    return sorted({*container.writable, *(EXEC_FOLDERS if container.exec_enabled else ())})


def volume(path: str) -> str:
    """Name of the task's volume for a writable folder."""
    return path.strip("/").replace("/", "-")


def _secrets(container: Container) -> list[dict[str, Input[str]]]:
    named: dict[str, Input[str]] = {secret.name: secret.arn for secret in container.secrets}
    return [{"name": name, "valueFrom": source} for name, source in sorted({**named, **container.json_secrets}.items())]


def probe(port: int, path: str) -> Sequence[str]:
    """A health check without curl, which slim images do not have."""
    code = f"sys.exit(r.urlopen('http://127.0.0.1:{port}{path}', timeout=8).status != 200)"
    return ("python", "-c", f"import sys, urllib.request as r; {code}")
