"""The command line itself: help needs nothing loaded of what a command does."""

import subprocess
import sys
from typing import get_args

import pytest
from typer.testing import CliRunner

from cli.main import PipelineName, app
from contracts.dispatch import Pipeline

COMMANDS = ("run", "call", "doctor", "rooms", "bench", "cost", "config check", "keys create", "secrets set")


@pytest.mark.parametrize("words", ["", "config", "keys", "secrets", *COMMANDS])
def test_every_command_says_what_it_is_for(words: str) -> None:
    said = CliRunner().invoke(app, [*words.split(), "--help"])
    assert said.exit_code == 0
    assert "Usage:" in said.output


def test_help_loads_nothing_that_takes_seconds() -> None:
    heavy = ("livekit", "openai", "pulumi", "boto3", "fastapi", "httpx2", "agent", "api", "numpy")
    code = f"import sys, cli.main; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert done.stdout.strip() == "[]"


def test_a_call_names_the_pipelines_that_there_are() -> None:
    assert set(get_args(PipelineName)) == {pipeline.value for pipeline in Pipeline}


def test_a_call_without_words_is_refused() -> None:
    said = CliRunner().invoke(app, ["call", "http://127.0.0.1:1"])
    assert said.exit_code == 2
    assert "nothing to say" in said.output
