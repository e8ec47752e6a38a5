"""The two images, run as production runs them, take a spoken call from question to answer.

Not part of `make test`, because a Docker engine cannot be had everywhere: `make test-images` builds them and runs this.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from spoken import assert_true_to
from stacks import ANY_PORTS, CLEAN, keep_logs

from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from cli.traveller.clips import known_speech
from contracts.dispatch import Pipeline
from contracts.sessions import SessionRequest

DOCKER = shutil.which(os.environ.get("DOCKER", "docker")) or "docker"
IMAGES = {
    "api": os.environ.get("API_IMAGE", "polyglot-api:local"),
    "agent": os.environ.get("AGENT_IMAGE", "polyglot-agent:local"),
}
HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=host")
"""What the task definition asks of Fargate; the writable folders are volumes that the images declare."""


def docker(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - the test's own commands
        [DOCKER, *arguments], check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


@dataclass
class ContainerStack(LocalStack):
    """The local stack with its two services as containers."""

    async def _start(self, name: str, command: list[str], env: Mapping[str, str], ready_url: str) -> None:
        if name in IMAGES:
            given = {key: value for key, value in {**env, **self.overrides}.items() if key != "POLYGLOT_STATE_DIR"}
            variables = [f"--env={key}" for key in given]
            command = [DOCKER, "run", "--rm", *HARDENED, *variables, IMAGES[name]]
            env = {**given, "DOCKER_HOST": os.environ.get("DOCKER_HOST", "")}
        await super()._start(name, command, env, ready_url)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("pipeline", [Pipeline.REALTIME, Pipeline.CASCADE])
async def test_a_call_goes_through_the_containers(tmp_path: Path, pipeline: Pipeline) -> None:
    async with ContainerStack(
        state_dir=tmp_path,
        ports=ANY_PORTS,
        environ=CLEAN | {"EMULATOR_EARS": "clips", "EMULATOR_VOICE": "espeak-ng"},
        faults=True,
    ) as stack:
        text = "Find me a flight from Madrid to Berlin tomorrow"
        samples = await known_speech(stack.emulator_url, text)
        async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
            await caller.ready()
            await caller.sound(0.0)
            await caller.quiet()
            ended = await caller.say(samples)
            cards = await caller.cards(ended - 1)
            answer = await caller.answer(ended)
            sound = await caller.sound(ended)
        assert (cards.result.query.origin.code, cards.result.query.destination.code) == ("MAD", "BER")
        assert_true_to(answer.text, cards.result.offers)
        assert sound > ended
        keep_logs(stack, f"images-{pipeline}")


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_runs_as_nobody_special_and_holds_no_tools(name: str) -> None:
    user = docker("image", "inspect", "--format", "{{.Config.User}}", IMAGES[name])
    assert user == "10001:10001"
    others = {"api": ["agent", "emulator", "cli", "infra"], "agent": ["api", "emulator", "cli", "infra"]}
    listed = docker("run", "--rm", IMAGES[name], "ls", "/app").split()
    assert not set(others[name]) & set(listed)
    code = "import importlib.util as u, sys; sys.exit(any(u.find_spec(n) for n in ('pip', 'setuptools', 'pytest')))"
    docker("run", "--rm", IMAGES[name], "python", "-c", code)


@pytest.mark.parametrize("name", IMAGES)
def test_a_container_without_settings_says_which_are_missing(name: str) -> None:
    done = subprocess.run(  # noqa: S603 - the test's own command
        [DOCKER, "run", "--rm", *HARDENED, IMAGES[name]], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "LIVEKIT_API_SECRET" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
