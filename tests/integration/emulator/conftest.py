"""An emulator on loopback, in this process, for the real plugins to talk to."""

import gc
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from livekit.agents.utils import http_context

from emulator.app import build_app
from emulator.audio import OUTPUT_RATE
from emulator.ears.clips import ClipEars
from emulator.runtime import RUNTIME
from emulator.settings import EmulatorSettings
from emulator.voice.speaker import synthesise

SPOKEN = ("Find me a flight from Madrid to Berlin tomorrow", "to Berlin", "stop", "Good morning.")
"""What these tests say, in the voice `alloy`."""


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    app = build_app(EmulatorSettings(faults=True, ears="clips"))
    async with TestServer(app) as running:
        ears = app[RUNTIME].ears
        assert isinstance(ears, ClipEars)
        for text in SPOKEN:
            ears.register(text, "en", synthesise(text, "alloy"), OUTPUT_RATE)
        yield running


@pytest.fixture
def base_url(server: TestServer) -> str:
    return str(server.make_url("/v1"))


@pytest.fixture
async def client(server: TestServer) -> AsyncIterator[aiohttp.ClientSession]:
    """A client with a key."""
    timeout = aiohttp.ClientTimeout(total=20)
    headers = {"Authorization": "Bearer sk-test"}
    async with aiohttp.ClientSession(server.make_url("/"), headers=headers, timeout=timeout) as session:
        yield session


@pytest.fixture
async def http() -> AsyncIterator[None]:
    """The plugins' shared HTTP session, as a job process has it."""
    http_context._new_session_ctx()
    yield
    await http_context._close_http_ctx()


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """What the plugins leave to the garbage collector is collected within the test that left it."""
    yield
    gc.collect()
