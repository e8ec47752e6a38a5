"""A whole local stack for calls: real media server, real plugins, the emulator as the model provider."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from stacks import ARTEFACTS, Emulator, Speech, StackFactory, at_own_pace, emulator_of, keep_logs, new_stack

from cli.stack.local import LocalStack
from cli.traveller.audio import Samples, write_wav


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and asyncio.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """The stack that most calls share."""
    async with new_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running
        keep_logs(running, f"shared-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lonely(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A stack that nobody has started an agent of."""
    environ = {"POLYGLOT_WATCH_REDISPATCHES": "1", "POLYGLOT_WATCH_BACKOFF": "0.2"}
    async with new_stack(tmp_path_factory.mktemp("lonely"), with_agent=False, environ=environ) as running:
        yield running
        keep_logs(running, f"lonely-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")


@pytest.fixture
def own_stack(tmp_path: Path, request: pytest.FixtureRequest) -> StackFactory:
    """Starts a stack of the test's own, for tests that break it."""

    @asynccontextmanager
    async def start(**options: Any) -> AsyncIterator[LocalStack]:
        async with new_stack(tmp_path, **options) as running:
            yield running
            keep_logs(running, request.node.name)

    return start


@pytest_asyncio.fixture(loop_scope="session")
async def emulator(stack: LocalStack) -> AsyncIterator[Emulator]:
    """The shared stack's emulator, healed after the test."""
    async with emulator_of(stack) as control:
        yield control


@pytest.fixture(scope="session")
def speech(stack: LocalStack) -> Speech:
    """Speech of a text in a voice and speed, made once."""
    made: dict[tuple[str, str, float], Samples] = {}

    async def speak(text: str, voice: str = "echo", speed: float = 1.0) -> Samples:
        key = (text, voice, speed)
        if key not in made:
            made[key] = await at_own_pace(stack, text, voice, speed)
        return made[key]

    return speak


@pytest.fixture
def question_wav(speech: Speech, tmp_path: Path) -> Callable[[str], Awaitable[Path]]:
    """A spoken text as a 48 kHz mono WAV file, with two seconds of silence before it."""

    async def make(text: str) -> Path:
        path = tmp_path / "question.wav"
        silence = np.zeros(2 * 48_000, dtype=np.int16)
        write_wav(path, np.concatenate([silence, await speech(text), silence]))
        return path

    return make


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots and recordings are kept."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS
