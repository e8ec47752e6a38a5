"""The pieces of a stack on one Docker engine: containers hardened as the tasks on AWS are, on this machine's loopback."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_docker as docker
import pulumi_docker_build as docker_build
from pulumi import Input, Output, Resource, ResourceOptions

from infra.components.images import ROOT, arguments, content
from infra.components.service.container import USER

SECRETS: Final = ROOT / ".polyglot" / "local-stack"


def local_secret(name: str) -> str:
    """A random secret, made once and kept in a file that only its owner can read.

    Raises OSError.
    """
    path = SECRETS / name
    if not path.exists():
        SECRETS.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(24), encoding="ascii")
    return path.read_text(encoding="ascii")


def local_image(service: str, plugins: str, parent: Resource) -> Output[str]:
    """A service's image, built into the local engine and for its processor; its tag is its content."""
    tag = f"polyglot-{service}:source-{content(service, plugins)}"
    built = docker_build.Image(
        f"{service}-image",
        context=docker_build.BuildContextArgs(location=str(ROOT)),
        dockerfile=docker_build.DockerfileArgs(location=str(ROOT / service / "Dockerfile")),
        build_args=arguments(service, plugins),
        tags=[tag],
        push=False,
        load=True,
        build_on_preview=False,
        opts=ResourceOptions(parent=parent),
    )
    return built.context_hash.apply(lambda _: tag)


@dataclass(frozen=True)
class LocalContainerArgs:
    """One container."""

    image: Input[str]
    plain: Mapping[str, Input[str]] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that are encrypted in the state and never shown."""
    command: Sequence[str] | None = None
    ports: Mapping[int, int] = field(default_factory=dict)
    """Container port to port on this machine's loopback; none: the machine's own network, for WebRTC."""
    volumes: Mapping[str, Input[str]] = field(default_factory=dict)
    """Path in the container to the name of a volume."""
    health: Sequence[str] | None = None
    ours: bool = True
    """One of our images: not root, read-only, no capabilities."""
    once: bool = False
    """Runs to its end before what depends on it starts."""
    after: Sequence[Resource] = ()
    """Containers that must run (or have ended) before; a component's own `depends_on` does not reach its children."""


class LocalContainer(pulumi.ComponentResource):
    """A container that comes back after a restart of the engine."""

    container: docker.Container

    def __init__(self, name: str, args: LocalContainerArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("polyglot:local:Container", name, None, opts)
        variables: list[Input[str]] = [Output.concat(key, "=", value) for key, value in sorted(args.plain.items())]
        variables += [Output.secret(f"{key}={value}") for key, value in sorted(args.secret.items())]
        self.container = docker.Container(
            name,
            name=f"polyglot-local-{name}",
            image=args.image,
            envs=variables,
            command=args.command,
            network_mode=None if args.ports else "host",
            ports=[
                docker.ContainerPortArgs(internal=inside, external=outside, ip="127.0.0.1")
                for inside, outside in args.ports.items()
            ],
            volumes=[
                docker.ContainerVolumeArgs(container_path=path, volume_name=volume)
                for path, volume in args.volumes.items()
            ],
            healthcheck=docker.ContainerHealthcheckArgs(
                tests=["CMD", *args.health], interval="5s", timeout="4s", retries=12, start_period="20s"
            )
            if args.health
            else None,
            wait=True if args.health else None,
            wait_timeout=120 if args.health else None,
            user=USER if args.ours else None,
            read_only=True if args.ours else None,
            # The writable folders that the images declare; on Fargate they are volumes of the task.
            tmpfs={"/tmp": "size=256m,mode=1777"} if args.ours else None,  # noqa: S108 - inside the container
            capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]) if args.ours else None,
            security_opts=["no-new-privileges:true"],
            restart="no" if args.once else "unless-stopped",
            must_run=not args.once,
            attach=True if args.once else None,
            stop_timeout=120 if args.ours else 20,
            destroy_grace_seconds=120 if args.ours else 20,
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=list(args.after)),
        )
        self.register_outputs({})
