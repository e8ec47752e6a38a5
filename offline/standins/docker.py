"""The stand-ins for Docker: containers and the like, and the building of images."""

import hashlib
import re
from collections.abc import Iterator
from fnmatch import translate
from pathlib import Path

from offline.standins.cloud import Birth, Cloud
from offline.standins.schema import Schema
from offline.standins.values import Plain, Properties, text
from offline.standins.world import World

IMAGE = "docker-build:index:Image"


class Docker(Cloud):
    """The local engine."""

    plugin = "docker"
    package = "pulumi_docker"

    def unique(self, type_: str) -> bool:
        """Docker lets a name be taken once."""
        return type_ != "docker:index/remoteImage:RemoteImage"


class DockerBuild(Cloud):
    """BuildKit: the digest of an image follows from the content of its context."""

    plugin = "docker-build"
    package = "pulumi_docker_build"

    def computed(self, type_: str, schema: Schema, inputs: Properties) -> set[str]:
        """An image's digest is known only when it is built."""
        return super().computed(type_, schema, inputs) | {"digest", "ref"}

    def content(self, type_: str, inputs: Properties) -> Properties:
        """A file that changes in the context is a change of the image."""
        return {"contextHash": context_hash(inputs)} if type_ == IMAGE else {}

    def create(self, birth: Birth, schema: Schema, world: World) -> tuple[str, Properties]:
        """Digest and reference of the image."""
        _, outputs = super().create(birth, schema, world)
        if birth.type_ != IMAGE:
            return birth.seed, outputs
        digest = f"sha256:{hashlib.sha256(text(outputs, 'contextHash').encode()).hexdigest()}"
        tags = birth.inputs.get("tags")
        first = str(tags[0]) if isinstance(tags, list) and tags else ""
        repository = re.sub(r":[^:/]+$", "", first)
        return digest, {**outputs, "digest": digest, "ref": f"{repository}@{digest}" if repository else digest}


def _patterns(folder: Path) -> list[tuple[re.Pattern[str], bool]]:
    """The lines of .dockerignore: a pattern, and whether it ignores; the last that matches decides."""
    file = folder / ".dockerignore"
    if not file.is_file():
        return []
    found: list[tuple[re.Pattern[str], bool]] = []
    for raw in file.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        pattern = line.lstrip("!").strip("/").removeprefix("./")
        found.append((_expression(pattern), not line.startswith("!")))
    return found


def _expression(pattern: str) -> re.Pattern[str]:
    """A path pattern of .dockerignore: `*` stays within a folder, `**` does not; folders include what is in them."""
    parts = [
        "(?:.*/)?" if part == "**" else re.sub(r"\.\*", "[^/]*", translate(part)[4:-3]) + "/"
        for part in pattern.split("/")
    ]
    return re.compile("".join(parts).removesuffix("/") + "(?:/.*)?")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    patterns = _patterns(folder)
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        ignored = False
        for expression, ignores in patterns:
            if expression.fullmatch(relative):
                ignored = ignores
        if not ignored and path.is_file():
            yield relative, path


def context_hash(inputs: Properties) -> str:
    """A hash over the files that a build can see, and its arguments, target and Dockerfile."""
    digest = hashlib.sha256()
    context, dockerfile = inputs.get("context"), inputs.get("dockerfile")
    location = text(context, "location") if isinstance(context, dict) else ""
    if location and "://" not in location and Path(location).is_dir():
        for name, path in _files(Path(location)):
            digest.update(name.encode() + b"\0" + path.read_bytes())
    digest.update(_dockerfile(dockerfile, location).encode())
    for key in ("buildArgs", "target", "platforms"):
        digest.update(repr(inputs.get(key)).encode())
    return digest.hexdigest()


def _dockerfile(value: Plain, location: str) -> str:
    inline = text(value, "inline") if isinstance(value, dict) else ""
    path = Path(text(value, "location") if isinstance(value, dict) else f"{location}/Dockerfile")
    return inline or (path.read_text(encoding="utf-8") if path.is_file() else "")
