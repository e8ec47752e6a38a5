"""Conversations of several turns, in text, through the real agent: its prompt, tools, view and fact check.

The language model is the emulator's, over HTTP as a provider's is; the flights are the API's own search over sample data.
Graded: which tools are called, what is on the screen afterwards, and that every price and time that is spoken is on it.
A file for each language; a turn is what the traveller says and what must come of it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
import yaml
from aiohttp.test_utils import TestServer
from livekit.agents.utils import http_context
from pydantic import BaseModel, ConfigDict, Field
from spoken import assert_true_to
from text_call import recovery_of, text_call

from agent.call.agent_session import new_session
from agent.call.assistant import Assistant
from agent.call.pipelines import build
from agent.call.state import Call
from agent.providers.choice import choose_models
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.settings import AgentSettings
from agent.speaking.fact_guard import FactGuard
from api.flights.providers.chain import FareChain
from api.flights.providers.sample.source import SampleFares
from api.flights.schemas import JourneyParams
from api.flights.service import FlightService
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.flights import SearchResult
from contracts.languages import LANGUAGES
from emulator.app import build_app
from emulator.settings import EmulatorSettings

HERE: Final = Path(__file__).parent


class Turn(BaseModel):
    """What is said, and what must come of it."""

    model_config = ConfigDict(extra="forbid")

    say: str
    calls: list[str]
    """Tools, in order."""
    route: str | None = None
    """Of the search on the screen afterwards."""
    sorted_by: str | None = None
    max_stops: int | None = None
    selected: int | None = None
    searched: dict[str, Any] = Field(default_factory=dict)
    """Fields of the search on the screen, and of its filters."""


class Dialogue(BaseModel):
    """One conversation."""

    model_config = ConfigDict(extra="forbid")

    name: str
    turns: list[Turn]


def dialogues(code: str) -> list[Dialogue]:
    return [Dialogue.model_validate(one) for one in yaml.safe_load((HERE / f"{code}.yaml").read_text(encoding="utf-8"))]


ALL: Final = [(code, dialogue) for code in LANGUAGES for dialogue in dialogues(code)]


class Flights:
    """The API's search, without HTTP in between."""

    def __init__(self) -> None:
        self._service = FlightService(FareChain([SampleFares()], deadline=5, cache_seconds=0, clock=lambda: 0.0))

    async def search(self, journey: Mapping[str, Any], _part: Any) -> SearchResult:
        return await self._service.search(JourneyParams.model_validate(dict(journey)))

    async def screen(self, *_: Any) -> None:
        """Kept by nobody here."""


class Room:
    """Takes what is shown."""

    def __init__(self) -> None:
        self.cards: list[Any] = []

    async def results(self, message: Any) -> None:
        self.cards.append(message)

    async def notice(self, _message: Any) -> None:
        """Shown."""

    def ask_shown(self, *_: Any) -> None:
        """No page is there to answer."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def base_url() -> AsyncIterator[str]:
    async with TestServer(build_app(EmulatorSettings())) as running:
        yield str(running.make_url("/v1"))


def a_call(settings: AgentSettings, code: str, corrected: list[int]) -> tuple[Call, FactGuard]:
    metadata = DispatchMetadata(
        session_id="s" * 12, pipeline=Pipeline.TEXT, locale=LANGUAGES[code].tag, time_zone="Europe/Madrid"
    )
    room: Any = Room()
    backend: Any = Flights()
    call = text_call(metadata, settings, backend, room)
    return call, FactGuard(call, corrected.append)


@pytest.mark.parametrize(("code", "dialogue"), ALL, ids=[f"{code}: {one.name}" for code, one in ALL])
@pytest.mark.asyncio(loop_scope="module")
async def test_dialogue(base_url: str, code: str, dialogue: Dialogue) -> None:
    settings = AgentSettings.model_validate(
        {
            "LIVEKIT_URL": "ws://127.0.0.1",
            "LIVEKIT_API_KEY": "key",
            "LIVEKIT_API_SECRET": "s" * 32,
            "OPENAI_API_KEY": "emulator",
            "OPENAI_BASE_URL": base_url,
        }
    )
    corrected: list[int] = []
    call, guard = a_call(settings, code, corrected)
    recovery = recovery_of(call)
    clients = Clients(settings)
    async with http_context.open():
        models = build(
            Pipeline.TEXT, choose_models(call.metadata, settings), CallContext(settings, clients, code, pinned=False)
        )
        session = new_session(models, call)
        await session.start(Assistant(call, recovery, guard), record=False)
        try:
            for turn in dialogue.turns:
                call.language.heard(turn.say)
                async with asyncio.timeout(15):
                    result = await session.run(user_input=turn.say)
                check(turn, call, result.events, code)
        finally:
            await session.aclose()
            await clients.aclose()
    assert corrected == [], "a right sentence was taken for a wrong one"


def check(turn: Turn, call: Call, events: list[Any], code: str) -> None:
    """One turn against what must come of it."""
    called = [event.item.name for event in events if event.type == "function_call"]
    said = " ".join(
        event.item.text_content or "" for event in events if event.type == "message" and event.item.role == "assistant"
    )
    where = f"{turn.say!r}: {called}, {said!r}"
    assert called == turn.calls, where
    assert said, where
    assert call.language.code == code, where
    screen = call.screen
    if turn.route:
        assert screen.result is not None
        query = screen.result.query
        assert f"{query.origin.code}-{query.destination.code}" == turn.route, where
    if turn.searched:
        assert screen.result is not None
        told = screen.result.query.model_dump(mode="json")
        told |= told.pop("filters")
        assert {name: told[name] for name in turn.searched} == turn.searched, where
    if turn.sorted_by:
        assert screen.view.sort_by == turn.sorted_by, where
    if turn.max_stops is not None:
        assert all(leg.stops <= turn.max_stops for offer in screen.offers for leg in offer.slices), where
    if turn.selected is not None:
        assert screen.selected == turn.selected, where
    if turn.calls and screen.offers:
        assert_true_to(said, screen.offers, screen.result.query.filters if screen.result else None)
