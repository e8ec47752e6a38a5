import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app

ROOT = Path(__file__).parents[3]
STACK = """config:
  polyglot:environment: staging
  polyglot:aws: {account: "111122223333"}
  polyglot:livekit: {url: wss://x.livekit.example}
  polyglot:network: {nat: instance}
  other:key: ignored
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.staging.yaml").write_text(STACK)
    return tmp_path


def _run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["cost", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_the_repository_s_stacks_have_a_price(stack: str) -> None:
    code, out, _ = _run(stack, "--folder", str(ROOT))
    assert code == 0
    assert out.startswith(f"{stack}: $")
    assert "Assumed: " in out


def test_the_local_stack_costs_nothing() -> None:
    code, out, _ = _run("local", "--folder", str(ROOT))
    assert code == 0
    assert "costs nothing" in out


def test_json_has_the_same_total_as_its_lines(folder: Path) -> None:
    code, out, _ = _run("staging", "--json", "--folder", str(folder))
    data = json.loads(out)
    assert code == 0
    assert data["total"] == pytest.approx(sum(line["usd"] or 0 for line in data["lines"]), abs=0.01)
    assert data["over"] == pytest.approx(max(0, data["total"] - data["target"]), abs=0.01)
    assert 0 < data["models_per_call_minute"]["cascade"] < data["models_per_call_minute"]["realtime"]


def test_minutes_and_their_price_can_be_given(folder: Path) -> None:
    _, out, _ = _run("staging", "--json", "--minutes", "1000", "--minute-price", "0.06", "--folder", str(folder))
    data = json.loads(out)
    assert data["usage"]["minutes"] == 1000
    assert data["models_and_livekit"] == 60


def test_an_unknown_stack_is_told_which_there_are(folder: Path) -> None:
    code, _, err = _run("qa", "--folder", str(folder))
    assert code == 2
    assert "Pulumi.qa.yaml" in err
    assert "staging" in err


def test_a_mistake_in_the_settings_is_told_with_its_key(folder: Path) -> None:
    (folder / "Pulumi.staging.yaml").write_text(STACK + "  polyglot:api: {cpu: 300}\n")
    code, _, err = _run("staging", "--folder", str(folder))
    assert code == 2
    assert "polyglot:api" in err


def test_a_broken_file_is_told(folder: Path) -> None:
    (folder / "Pulumi.staging.yaml").write_text("config: [")
    code, _, err = _run("staging", "--folder", str(folder))
    assert code == 2
    assert "not YAML" in err
