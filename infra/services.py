"""The table of services: everything that differs between them stands in `services.toml`.

Imports the standard library alone, so that the pipeline can ask which services there are before anything is installed:
`python3 infra/services.py` prints their images as JSON.
"""

import json
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("services.toml")
USES: Final = frozenset({"database", "cache", "mail"})


class TableError(ValueError):
    """The table is wrong; the message names the service and what is wrong with it."""


@dataclass(frozen=True)
class Health:
    """Where a container says that it is well."""

    port: int
    path: str


@dataclass(frozen=True)
class Way:
    """What a service may call."""

    port: int
    to_port: int | None = None
    protocol: str = "tcp"
    vpc: bool = False
    """Only inside the VPC."""


@dataclass(frozen=True)
class Service:
    """One entry."""

    name: str
    image: str
    """The folder with the Dockerfile, and the repository's last part; several services may share one."""
    sources: tuple[str, ...]
    """What the image is made of, under the repository's root."""
    health: Health
    environment: Mapping[str, str]
    egress: Mapping[str, Way]
    secrets: tuple[str, ...] = ()
    """Names of the secrets' catalogue."""
    port: int | None = None
    """What it listens on; None: nothing reaches it."""
    public: bool = False
    """Behind the load balancer. One service is."""
    called_by: tuple[str, ...] = ()
    """Services that reach it over its private name."""
    after: tuple[str, ...] = ()
    """Services that move first."""
    uses: frozenset[str] = frozenset()
    state: str | None = None
    """A folder that it may write, beside /tmp."""
    command: tuple[str, ...] | None = None
    stop_timeout: int = 60
    live_calls: bool = False
    size: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of `polyglot:workers.<name>`, for services without a section of their own."""

    @property
    def writable(self) -> tuple[str, ...]:
        """Folders outside the read-only root."""
        return ("/tmp", self.state) if self.state else ("/tmp",)  # noqa: S108 - a mount of its own in a task of its own


def read(text: str) -> Mapping[str, Service]:
    """Services by name, in the order in which they move. Raises TableError."""
    found = {name: _service(name, entry) for name, entry in tomllib.loads(text).items()}
    for service in found.values():
        _check(service, found)
    if [service.name for service in found.values() if service.public] != ["api"]:
        raise TableError("api: is the one public service; the load balancer has one target group")
    return dict(_ordered(found))


def _service(name: str, entry: Mapping[str, Any]) -> Service:
    known = set(Service.__dataclass_fields__) - {"name"}
    unknown = sorted(set(entry) - known)
    missing = sorted({"image", "sources", "health"} - set(entry))
    if unknown or missing:
        raise TableError(f"{name}: " + ", ".join([*(f"unknown {u}" for u in unknown), *(f"no {m}" for m in missing)]))
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    shaped: dict[str, Any] = {
        "health": Health(**entry["health"]),
        "environment": dict(entry.get("environment", {})),
        "egress": {text: Way(**way) for text, way in entry.get("egress", {}).items()},
        "uses": frozenset(entry.get("uses", ())),
    }
    return Service(**{**entry, **lists, **shaped, "name": name})


def _check(service: Service, found: Mapping[str, Service]) -> None:
    strangers = {*service.called_by, *service.after} - set(found)
    if strangers:
        raise TableError(f"{service.name}: there is no service {', '.join(sorted(strangers))}")
    if service.uses - USES:
        raise TableError(
            f"{service.name}: uses {', '.join(sorted(service.uses - USES))}; there are {', '.join(sorted(USES))}"
        )
    if service.called_by and service.port is None:
        raise TableError(f"{service.name}: called_by needs a port")
    if service.stop_timeout > 120:  # noqa: PLR2004 - in the message
        raise TableError(f"{service.name}: stop_timeout {service.stop_timeout}: Fargate allows 120 seconds")


def _ordered(found: Mapping[str, Service]) -> list[tuple[str, Service]]:
    placed: dict[str, Service] = {}
    while len(placed) < len(found):
        ready = [s for s in found.values() if s.name not in placed and set(s.after) <= set(placed)]
        if not ready:
            raise TableError("after: services wait for each other")
        placed |= {service.name: service for service in ready}
    return list(placed.items())


SERVICES: Final = read(FILE.read_text(encoding="utf-8"))


def images() -> list[str]:
    """The images that are built, each once."""
    return list(dict.fromkeys(service.image for service in SERVICES.values()))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(images()) + "\n")
