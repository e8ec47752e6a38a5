"""Every tool of the flights persona in every language: words through the real agent to the API in this process.

The language model is the emulator's, over HTTP as a provider's is; so is the second, stronger one.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import pytest_asyncio
import yaml
from aiohttp.test_utils import TestServer
from in_room import KEY, SECRET
from livekit.agents.utils import http_context
from media import FakeMedia
from text_call import recovery_of, text_call

from agent.call.agent_session import new_session
from agent.call.assistant import Assistant
from agent.call.backend import Backend
from agent.call.expert import Expert
from agent.call.pipelines import build
from agent.personas import persona
from agent.providers.choice import choose_models
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.settings import AgentSettings
from agent.speaking.fact_guard import FactGuard
from api.app import create_app
from api.settings import Settings
from contracts import tools
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.languages import LANGUAGES
from emulator.app import build_app
from emulator.settings import EmulatorSettings

SAID: Final[dict[str, list[list[str]]]] = yaml.safe_load(
    (Path(__file__).parent / "trips.yaml").read_text(encoding="utf-8")
)
SCREEN_ONLY: Final = {tools.TOOL_REFINE}
"""In every language by `test_dialogues`."""
HANDED_OVER: Final = {"en", "es"}
"""Where another persona speaks the language."""


def test_every_tool_is_asked_for_in_every_language() -> None:
    every = {tool.info.name for tool in persona("flights").tools} - SCREEN_ONLY
    every |= {tools.TOOL_EXPERT, tools.TOOL_PERSON}
    assert set(SAID) == set(LANGUAGES)
    for code, turns in SAID.items():
        wanted = every | ({tools.TOOL_HAND_OVER} if code in HANDED_OVER else set())
        assert {tool for _, tool in turns} == wanted, code


class Room:
    """Shown to nobody."""

    async def results(self, _message: Any) -> None:
        pass

    async def notice(self, _message: Any) -> None:
        pass

    def ask_shown(self, *_: Any) -> None:
        pass


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def environment() -> AsyncIterator[dict[str, str]]:
    async with TestServer(build_app(EmulatorSettings(ears="clips"))) as running:
        yield {
            "LIVEKIT_URL": "ws://127.0.0.1",
            "LIVEKIT_API_KEY": KEY,
            "LIVEKIT_API_SECRET": SECRET,
            "OPENAI_API_KEY": "emulator",
            "OPENAI_BASE_URL": str(running.make_url("/v1")),
            "POLYGLOT_EXPERT_MODEL": "openai/gpt-6-sol",
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(
        livekit_url="wss://media.example.com",
        livekit_api_key=KEY,
        livekit_api_secret=SECRET,
        state_dir=tmp_path_factory.mktemp("api"),
        fare_sources="sample",
        personas="flights,intake",
    )
    app = create_app(settings, media=FakeMedia())
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://api") as http:
            yield http


@pytest.mark.parametrize("code", SAID)
@pytest.mark.asyncio(loop_scope="module")
async def test_each_tool_once(environment: dict[str, str], api: httpx2.AsyncClient, code: str) -> None:
    agent_settings = AgentSettings.model_validate(environment)
    opened = (await api.post("/v1/sessions", json={"locale": LANGUAGES[code].tag})).json()
    backend = Backend(agent_settings, opened["room_name"], transport=api._transport)  # the same process
    metadata = DispatchMetadata(
        session_id=opened["session_id"],
        pipeline=Pipeline.TEXT,
        language=code,
        time_zone="Europe/Madrid",
        handoffs=("intake",),
    )
    room: Any = Room()
    clients = Clients(agent_settings)
    call = text_call(metadata, agent_settings, backend, room)
    became: list[str] = []
    call.become = became.append
    recovery = recovery_of(call)
    context = CallContext(agent_settings, clients, code, pinned=True)
    call.expert = Expert(lambda: context)
    async with http_context.open():
        session = new_session(build(Pipeline.TEXT, choose_models(metadata, agent_settings), context), call)
        await session.start(Assistant(call, recovery, FactGuard(call, lambda _: None)), record=False)
        try:
            for say, tool in SAID[code]:
                flight = call.screen.offers[0].slices[0].segments[0].flight_number if call.screen.offers else ""
                async with asyncio.timeout(30):
                    result = await session.run(user_input=say.format(flight=flight))
                items = [event.item for event in result.events if event.type in {"function_call", "message"}]
                called = [item.name for item in items if item.type == "function_call"]
                assert called == [tool], say
                outputs = [event.item.output for event in result.events if event.type == "function_call_output"]
                assert all('"status":"error"' not in output for output in outputs), (say, outputs)
        finally:
            await session.aclose()
            await clients.aclose()
            await backend.aclose()
    assert became == (["intake"] if code in HANDED_OVER else [])
