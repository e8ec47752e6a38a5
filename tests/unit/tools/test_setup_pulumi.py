"""When setup builds the Pulumi CLI, and how."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("polyglot_setup", ROOT / "tools" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "CACHE", tmp_path)
    monkeypatch.setattr(module, "go_path", lambda: "/go/bin")
    monkeypatch.delenv("PULUMI_BIN", raising=False)
    return module


@pytest.fixture
def runs(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []

    def run(_step: str, _what: str, command: list[str], **options: Any) -> None:
        made.append({"command": command, **options})
        Path(command[command.index("-o") + 1]).write_text("built")

    monkeypatch.setattr(setup, "run", run)
    return made


def on_path(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, *version: int) -> None:
    monkeypatch.setattr(setup, "version_of", lambda _command: version)


def test_the_very_version_on_path_is_taken(
    setup: ModuleType, runs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(setup, monkeypatch, *setup.PULUMI_PARTS)
    setup.pulumi()
    assert runs == []


@pytest.mark.parametrize("version", [(), (3, 181, 0), (3, 999, 0)])
def test_a_missing_one_or_another_is_built_once(
    setup: ModuleType,
    runs: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    version: tuple[int, ...],
) -> None:
    on_path(setup, monkeypatch, *version)
    setup.pulumi()
    setup.pulumi()
    assert len(runs) == 1
    command = runs[0]["command"]
    assert "-mod=readonly" in command  # go.sum verifies, and is not written
    assert f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={setup.PULUMI}" in command
    assert runs[0]["cwd"] == ROOT / "offline" / "pulumi_cli"
    assert [path.name for path in (tmp_path / "bin").iterdir()] == [f"pulumi-{setup.PULUMI}"]


def test_a_cli_that_is_named_is_taken(
    setup: ModuleType, runs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(setup, monkeypatch)
    monkeypatch.setenv("PULUMI_BIN", "/somewhere/pulumi")
    setup.pulumi()
    assert runs == []


def test_what_is_built_is_what_the_module_asks_for(setup: ModuleType) -> None:
    module = (ROOT / "offline" / "pulumi_cli" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 {setup.PULUMI}" in module
    asked = next(line for line in module.splitlines() if line.startswith("go "))
    assert tuple(int(part) for part in asked.removeprefix("go ").split(".")) <= setup.GO_MINIMUM
