"""Examples in messages are commands: typed as they stand, the real CLI takes them and the settings take the value."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from infra.settings import of_file
from infra.settings.loading import _model_of, command
from infra.settings.model import Settings
from offline.workspace import Engine


def paths(model: type[BaseModel] = Settings, start: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, field in model.model_fields.items():
        inner = _model_of(field)
        found += paths(inner, (*start, name)) if inner else [(*start, name)]
    return found


def _ids(kind: str) -> list[str]:
    return [f"subnet-0{kind}1b2c3d4e5f607{zone}" for zone in ("a1", "b2")]


_VPC: dict[str, Any] = {
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "cidr": "10.0.0.0/16",
    "subnets": {"private": _ids("a"), "public": _ids("b"), "isolated": _ids("c")},
}
_CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
TOGETHER: dict[tuple[str, ...], dict[str, Any]] = {
    ("network", "vpc_id"): _VPC,
    ("network", "subnets"): _VPC,
    ("edge", "cloudfront_certificate_arn"): {
        "domain": "voice.example.com",
        "cloudfront": True,
        "certificate_arn": _CERTIFICATE,
    },
}
"""What goes together is set together: such a key is typed where the others of its section stand."""

EXAMPLES = {path: text for path in paths() if (text := command(path))}


@pytest.fixture(scope="module")
def folder(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("typed")
    (made / "Pulumi.yaml").write_text("name: polyglot\nruntime: python\n")
    (made / "state").mkdir()
    _type(engine, made, "pulumi stack init staging")
    return made


def _type(engine: Engine, folder: Path, line: str) -> None:
    program, *words = shlex.split(line)
    assert program == "pulumi"
    environment = {**engine.environment(), "PULUMI_BACKEND_URL": f"file://{folder}/state", "PULUMI_STACK": "staging"}
    done = subprocess.run(  # noqa: S603 - the engine's own command
        [str(engine.cli), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_every_example_works_when_typed(engine: Engine, folder: Path) -> None:
    """All at once into one stack, as each starts a process; then the file is read as the program reads it."""
    assert len(EXAMPLES) > 40
    file = folder / "Pulumi.staging.yaml"
    base: dict[str, Any] = {
        "polyglot:environment": "staging",
        "polyglot:aws": {"account": "111122223333"},
        "polyglot:livekit": {"url": "wss://acme.livekit.cloud"},
        "polyglot:edge": {"domain": "voice.example.com"},
    }
    media = {
        **base,
        "polyglot:environment": "media",
        "polyglot:network": {"nat": "none"},
        "polyglot:data": {"database": "none", "valkey": True},
        "polyglot:media": {"domain": "media.example.com", "image": f"livekit/livekit-server@sha256:{'0' * 64}"},
    }
    for path, line in EXAMPLES.items():
        if path == ("environment",):
            continue
        of_media = path[0] == "media"
        kept = yaml.safe_load(file.read_text()) if file.is_file() else {}
        others = TOGETHER.get(path[:2])
        config = media if of_media else {**base, f"polyglot:{path[0]}": others} if others else base
        file.write_text(yaml.safe_dump({**(kept or {}), "config": config}))
        for part in line.split(" && "):
            _type(engine, folder, part)
        typed = yaml.safe_load(file.read_text())["config"]
        of_file(typed, "media" if of_media else "staging")
