"""The stack `local`, as the program declares it, on a real Docker engine: it takes a call, and nothing of it stays behind.

It takes the stack's own ports and container names, so no local stack may run beside it. `make test-images` runs it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from docker_engine import Engine
from infra.stacks.api import PORT
from infra_mocks import Recorded, Registered, run, settings
from spoken import assert_true_to

from cli.traveller.caller import Traveller
from cli.traveller.clips import known_speech
from contracts.sessions import SessionRequest
from infra.components import local as pieces
from infra.program import declare

DOCKER = shutil.which(os.environ.get("DOCKER", "docker")) or "docker"
BUILT = {
    "api": os.environ.get("API_IMAGE", "polyglot-api:local"),
    "agent": os.environ.get("AGENT_IMAGE", "polyglot-agent:local"),
}
PULL_SECONDS = 600.0


@pytest.fixture
def emulator() -> Iterator[str]:
    """An emulator of the model provider; its URL."""
    command = [sys.executable, "-m", "emulator", "--port", "0", "--faults", "--ears", "clips"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        try:
            assert process.stdout
            yield f"{process.stdout.readline().split()[-1]}/v1"
        finally:
            process.terminate()


@pytest.fixture
def declared(emulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """What the program declares, with keys of its own."""
    monkeypatch.setattr(pieces, "SECRETS", tmp_path / "secrets")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    chosen = {
        "environment": "local",
        "api": {"fare_sources": ["sample"]},
        "models": {"base_url": emulator},
        "data": {"valkey": True},
    }
    return run(lambda: declare(settings(chosen)), stack="local")


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


def image(name: str) -> str:
    """The image that `make images` built, else the declared one, pulled where it is missing."""
    service = name.partition(":")[0].removeprefix("polyglot-")
    if service in BUILT:
        return BUILT[service]
    if subprocess.run([DOCKER, "image", "inspect", name], capture_output=True, check=False).returncode:  # noqa: S603
        subprocess.run([DOCKER, "pull", name], check=True, timeout=PULL_SECONDS)  # noqa: S603 - the test's own command
    return name


def up(engine: Engine, declared: Recorded) -> dict[str, dict[str, Any]]:
    """Make all of it, each after what it waits for; what the engine tells of each container."""
    for volume in declared.all("docker.index.Volume"):
        engine.volume(volume.outputs["name"])
    waiting = {container.urn: container for container in declared.all("docker.index.Container")}
    made = {}
    while waiting:
        container = next(item for item in waiting.values() if not waiting.keys() & set(item.depends_on))
        made[container.name] = engine.container(container.inputs, image(container.inputs["image"]))
        del waiting[container.urn]
    return made


def assert_as_declared(container: Registered, told: Mapping[str, Any]) -> None:
    """The engine keeps to what was declared; where it told something else, every `pulumi up` would replace it."""
    host, inputs = told["HostConfig"], container.inputs
    assert host["NetworkMode"] == inputs.get("networkMode", "bridge")
    assert host["RestartPolicy"]["Name"] == inputs["restart"]
    assert host["SecurityOpt"] == inputs["securityOpts"]
    assert host["ReadonlyRootfs"] == inputs.get("readOnly", False)
    assert (host["CapDrop"] or []) == inputs.get("capabilities", {}).get("drops", [])
    assert (host.get("Tmpfs") or {}) == inputs.get("tmpfs", {})
    assert told["Config"]["User"] == inputs.get("user", told["Config"]["User"])
    assert told["Config"]["StopTimeout"] == inputs["stopTimeout"]


@pytest.mark.timeout(900)
async def test_the_local_stack_takes_a_call_and_leaves_nothing(
    engine: Engine, declared: Recorded, emulator: str
) -> None:
    made = up(engine, declared)
    for container in declared.all("docker.index.Container"):
        assert_as_declared(container, made[container.name])
    assert made["migrate"]["State"]["ExitCode"] == 0

    samples = await known_speech(emulator.removesuffix("/v1"), "Find me a flight from Madrid to Berlin tomorrow")
    async with Traveller.call(f"http://127.0.0.1:{PORT}", SessionRequest()) as caller:
        await caller.ready()
        await caller.sound(0.0)
        await caller.quiet()
        ended = await caller.say(samples)
        cards = await caller.cards(ended - 1)
        answer = await caller.answer(ended)
        assert await caller.sound(ended) > ended
    assert (cards.result.query.origin.code, cards.result.query.destination.code) == ("MAD", "BER")
    assert_true_to(answer.text, cards.result.offers)

    before = {mount["Name"] for told in made.values() for mount in told["Mounts"] if mount["Type"] == "volume"}
    assert before, "the database is in a volume"
    engine.clear()
    left = {volume["Name"] for volume in engine.call("GET", "/volumes")["Volumes"] or []}
    assert not before & left
    names = {name for item in engine.call("GET", "/containers/json?all=1") for name in item["Names"]}
    assert not names & {told["Name"] for told in made.values()}
