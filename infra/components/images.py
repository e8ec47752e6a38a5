"""Images by digest: given by the pipeline, else built here with the local Docker engine."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pulumi_aws as aws
import pulumi_docker_build as docker_build
from pulumi import InvokeOptions, Output, Resource, ResourceOptions

from infra.context import Context
from infra.services import SERVICES
from infra.settings.services import Architecture

ROOT: Final = Path(__file__).resolve().parents[2]
PLATFORMS: Final = {
    Architecture.ARM64: docker_build.Platform.LINUX_ARM64,
    Architecture.AMD64: docker_build.Platform.LINUX_AMD64,
}
SOURCES: Final = {service.image: service.sources for service in SERVICES.values()}
"""What each image is made of, under the repository's root."""
SKIPPED: Final = frozenset({"node_modules", "dist", "__pycache__", ".mypy_cache"})


def image(service: str, context: Context, parent: Resource) -> Output[str]:
    """`repository@sha256:…` of a service's image.

    The pipeline builds once and gives the digest as `api.image` and `agent.image`, so that staging and prod run the
    same bytes. Without a digest it is built and pushed here under a tag that is its content, unless a stack has pushed
    that already: ECR's tags are immutable, and no two builds have the same digest.
    """
    settings = context.settings.service(service)
    if settings.image is not None:
        return Output.from_input(settings.image)
    plugins = context.settings.models.plugins
    name, tag = f"{context.settings.aws.prefix}/{service}", f"source-{content(service, plugins)}"
    repository = f"{context.account}.dkr.ecr.{context.region}.amazonaws.com/{name}"
    pushed = aws.ecr.get_images(
        registry_id=context.account, repository_name=name, opts=InvokeOptions(provider=context.provider)
    )
    for found in pushed.image_ids:
        if found.image_tag == tag:
            return Output.from_input(f"{repository}@{found.image_digest}")
    token = aws.ecr.get_authorization_token_output(
        registry_id=context.account, opts=InvokeOptions(provider=context.provider)
    )
    built = docker_build.Image(
        f"{service}-image",
        context=docker_build.BuildContextArgs(location=str(ROOT)),
        dockerfile=docker_build.DockerfileArgs(location=str(ROOT / service / "Dockerfile")),
        build_args=arguments(service, plugins),
        platforms=[PLATFORMS[context.settings.architecture]],
        tags=[f"{repository}:{tag}"],
        push=True,
        # A preview must not need a Docker engine.
        build_on_preview=False,
        registries=[
            docker_build.RegistryArgs(
                address=token.proxy_endpoint, username=token.user_name, password=Output.secret(token.password)
            )
        ],
        # The image is what a rollback needs; the repository's lifecycle policy clears it away.
        opts=ResourceOptions(parent=parent, retain_on_delete=True, protect=False),
    )
    return built.digest.apply(lambda digest: f"{repository}@{digest}")


def arguments(service: str, plugins: str) -> dict[str, str]:
    """What a service's Dockerfile is told: the agent's, which plugins its models need."""
    return {"PROVIDERS": plugins} if service == "agent" else {}


def content(service: str, plugins: str) -> str:
    """A short hash of everything that goes into a service's image."""
    digest = hashlib.sha256(repr(arguments(service, plugins)).encode())
    for file in _files(service):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(service: str) -> Iterator[Path]:
    for source in SOURCES[service]:
        path = ROOT / source
        if path.is_file():
            yield path
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(set(folders) - SKIPPED)
            yield from (Path(folder) / name for name in sorted(files))
