"""The tools around a search, through the agent's own client and the API with sample data."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from fare_search import DAY, GOOD
from in_room import KEY, SECRET
from media import FakeMedia

from agent.call.backend import Backend
from agent.call.screen import Screen
from agent.hearing.language import LanguageTracker
from agent.personas.flights.tools.alerts import price_alert
from agent.personas.flights.tools.days import flight_status, price_calendar
from agent.personas.flights.tools.search import search_flights
from agent.personas.flights.tools.trip import check_flight, compare_flights
from agent.settings import AgentSettings
from agent.turns.tracker import Turns
from api.app import create_app
from api.settings import Settings
from contracts.dispatch import DispatchMetadata, Pipeline


@dataclass
class Talk:
    """A call whose tools are called by hand."""

    call: Any
    published: list[Any] = field(default_factory=list)

    async def use(self, tool: Any, **arguments: Any) -> dict[str, Any]:
        @asynccontextmanager
        async def with_filler(*_: Any, **__: Any) -> AsyncIterator[None]:
            yield

        speech = SimpleNamespace(interrupted=False, allow_interruptions=True)
        told = await tool(
            SimpleNamespace(
                userdata=self.call,
                speech_handle=speech,
                with_filler=with_filler,
                session=SimpleNamespace(current_speech=None),
            ),
            **arguments,
        )
        answer: dict[str, Any] = json.loads(told)
        return answer


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    settings = Settings(
        livekit_url="wss://media.example.com",
        livekit_api_key=KEY,
        livekit_api_secret=SECRET,
        state_dir=tmp_path,
        fare_sources="sample",
    )
    app = create_app(settings, media=FakeMedia())
    transport = httpx2.ASGITransport(app)
    environment = {
        "LIVEKIT_URL": "ws://127.0.0.1",
        "LIVEKIT_API_KEY": KEY,
        "LIVEKIT_API_SECRET": SECRET,
        "OPENAI_API_KEY": "emulator",
    }
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://api") as http,
    ):
        session = (await http.post("/v1/sessions")).json()
        backend = Backend(AgentSettings.model_validate(environment), session["room_name"], transport=transport)
        metadata = DispatchMetadata(session_id=session["session_id"], time_zone="Europe/Madrid")
        made = Talk(SimpleNamespace())

        async def publish_screen() -> None:
            made.published.append(made.call.screen.offers)

        async def notice(*_: Any, **__: Any) -> None:
            """Nobody looks."""

        async def show_part(_part: Any) -> None:
            """The sample's answer comes in one."""

        made.call = SimpleNamespace(
            pipeline=Pipeline.CASCADE,
            metadata=metadata,
            backend=backend,
            turns=Turns(),
            language=LanguageTracker(metadata),
            speaker=SimpleNamespace(notice=notice, line=lambda _name: None),
            screen=Screen(),
            publish_screen=publish_screen,
            show_part=show_part,
            searches=0,
            told=None,
        )
        yield made
        await backend.aclose()


async def found(talk: Talk) -> dict[str, Any]:
    return await talk.use(search_flights, **GOOD)


async def test_a_card_is_checked_and_shows_what_it_costs_now(talk: Talk) -> None:
    cards = await found(talk)
    outcomes = {}
    for number in range(cards["total_offers"], 0, -1):
        before = talk.call.screen.offers[number - 1]
        told = await talk.use(check_flight, number=number)
        outcomes[told["outcome"]] = (told, before)
    told, before = outcomes["changed"]
    assert (told["before"], told["sample"], told["bookable"]) == (before.total.amount, True, False)
    assert told["now"] in [offer.total.amount for offer in talk.call.screen.offers]
    assert talk.call.told is not None
    assert talk.published


async def test_cards_are_compared_by_their_numbers(talk: Talk) -> None:
    await found(talk)
    told = await talk.use(compare_flights, numbers=[1, 3])
    assert told["numbers"] == [1, 3]
    price = next(fact for fact in told["facts"] if fact["fact"] == "price")
    assert price["best"] == [1]
    for numbers in ([1], [1, 1], [1, 99]):
        assert (await talk.use(compare_flights, numbers=numbers))["status"] == "error"


async def test_before_a_search_there_is_nothing_to_check(talk: Talk) -> None:
    for tool, arguments in ((check_flight, {"number": 1}), (compare_flights, {"numbers": [1, 2]})):
        assert (await talk.use(tool, **arguments))["problem"] == "nothing_to_refine"
    assert (await talk.use(price_alert, action="create"))["problem"] == "nothing_to_refine"


async def test_the_cheapest_days_come_first(talk: Talk) -> None:
    told = await talk.use(price_calendar, origin="Madrid", destination="Berlin", first_date=DAY.isoformat(), days=5)
    prices = [float(day["price"]) for day in told["cheapest"]]
    assert (len(prices), prices == sorted(prices), told["sample"]) == (5, True, True)
    wrong = await talk.use(price_calendar, origin="Madrid", destination="Berlin", first_date="in December")
    assert (wrong["problem"], wrong["field"]) == ("invalid_input", "first_date")
    nowhere = await talk.use(price_calendar, origin="Nowhere at all", destination="Berlin", first_date=DAY.isoformat())
    assert nowhere["problem"] == "unknown_place"


async def test_a_flight_of_the_cards_has_a_state(talk: Talk) -> None:
    cards = await found(talk)
    flight = cards["offers"][0]
    told = await talk.use(flight_status, flight=flight["flight"], date=flight["departs"][:10])
    assert (told["flight"], told["scheduled"], told["sample"]) == (flight["flight"], flight["departs"], True)
    nobody = await talk.use(flight_status, flight="ZZ1", date=DAY.isoformat())
    assert nobody["status"] == "error"


async def test_alerts_are_made_listed_paused_and_deleted_by_voice(talk: Talk) -> None:
    await found(talk)
    made = await talk.use(price_alert, action="create", max_price=99.5)
    assert (made["done"], made["confirm"], made["alerts"][0]["max_price"]) == ("created", False, "99.5")
    assert (await talk.use(price_alert, action="pause"))["alerts"][0]["state"] == "paused"
    assert (await talk.use(price_alert, action="resume", alert=1))["alerts"][0]["state"] == "active"
    assert (await talk.use(price_alert, action="delete", alert=2))["field"] == "alert"
    assert (await talk.use(price_alert, action="delete"))["alerts"] == []
    assert (await talk.use(price_alert, action="list")) == {
        "status": "ok",
        "done": "listed",
        "confirm": False,
        "alerts": [],
    }
    refused = await talk.use(price_alert, action="create", email="someone@example.com")
    assert (refused["status"], refused["field"]) == ("error", "email")
