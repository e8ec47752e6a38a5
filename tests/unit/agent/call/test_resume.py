"""An agent that takes another one's place has the conversation, its language, the cards and the open question."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from livekit.agents import llm
from samples import NOW, offer, result

from agent.call.backend import Backend
from agent.call.resume import inherit
from agent.call.screen import Screen
from agent.hearing.language import LanguageTracker
from agent.personas import persona
from agent.settings import AgentSettings
from contracts.dispatch import DispatchMetadata
from contracts.room import View
from contracts.screen import Screen as Shown
from contracts.tools import OfferReply
from contracts.turns import Turn


def turn(number: int, role: Any, text: str, language: str = "es") -> Turn:
    at = NOW - timedelta(seconds=60) + timedelta(seconds=30 * number)
    return Turn(id=f"turn-{number}", role=role, text=text, language=language, modality="voice", started_at=at)


SETTINGS = AgentSettings.model_validate(
    {
        "LIVEKIT_URL": "ws://127.0.0.1:7880",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "s" * 32,
        "OPENAI_API_KEY": "emulator",
    }
)
SPOKEN = [turn(0, "user", "De Madrid a Berlín, mañana"), turn(3, "assistant", "Encontré dos vuelos.")]
FOUND = result(offer("89.90"), offer("120.00", carrier="LH", hour=9))


def a_call(
    turns: list[Turn],
    *,
    resumed: bool = True,
    language: str = "auto",
    searches: httpx2.Response | None = None,
    shown: Shown | None = None,
) -> Any:
    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/turns"):
            return httpx2.Response(200, json={"turns": [one.model_dump(mode="json") for one in turns]})
        if request.url.path.endswith("/screen"):
            return httpx2.Response(200, json=shown.model_dump(mode="json")) if shown else httpx2.Response(503)
        assert request.url.path == "/v1/sessions/abcdefgh1234/searches"
        return searches or httpx2.Response(
            200, json={"session_id": "abcdefgh1234", "searches": [FOUND.model_dump(mode="json")]}
        )

    metadata = DispatchMetadata(session_id="abcdefgh1234", resumed=resumed, language=language)
    return SimpleNamespace(
        metadata=metadata,
        backend=Backend(SETTINGS, "room-1", httpx2.MockTransport(handle)),
        screen=Screen(),
        searches=0,
        language=LanguageTracker(metadata),
        persona=persona("flights"),
    )


async def test_the_second_one_is_the_second_card_of_the_agent_before() -> None:
    call = a_call(SPOKEN)
    await inherit(call)
    answer = call.screen.offer_reply(2)
    assert isinstance(answer, OfferReply)
    assert answer.offer.carrier == "Lufthansa"
    assert call.searches == 1, "what was searched before counts"


async def test_the_view_and_the_chosen_card_of_the_agent_before_are_there() -> None:
    shown = Shown(version=5, search=FOUND, view=View(sort_by="departure"), selected=FOUND.offers[1].id)
    call = a_call(SPOKEN, shown=shown)
    await inherit(call)
    assert (call.screen.version, call.screen.view.sort_by) == (5, "departure")
    assert call.screen.offers[(call.screen.selected or 0) - 1].id == FOUND.offers[1].id


async def test_the_model_is_told_of_the_search_where_it_was_made() -> None:
    chat = (await inherit(a_call(SPOKEN))).chat
    assert [item.type for item in chat.items] == ["message", "function_call", "function_call_output", "message"]
    asked, got = chat.items[1], chat.items[2]
    assert isinstance(asked, llm.FunctionCall)
    assert isinstance(got, llm.FunctionCallOutput)
    assert json.loads(asked.arguments)["departure_date"] == "2026-11-22"
    assert [one["price"] for one in json.loads(got.output)["offers"]] == ["89.90", "120.00"]


async def test_a_result_from_before_the_call_is_not_put_before_its_first_words() -> None:
    began = datetime(2026, 11, 22, tzinfo=UTC)
    late = [SPOKEN[0].model_copy(update={"started_at": began})]
    assert next(item.type for item in (await inherit(a_call(late))).chat.items) == "message"


@pytest.mark.parametrize(
    "failure", [httpx2.Response(404), httpx2.Response(200, text="<html>"), httpx2.Response(200, json={"searches": [1]})]
)
async def test_cards_that_cannot_be_had_do_not_stop_the_call(failure: httpx2.Response) -> None:
    call = a_call(SPOKEN, searches=failure)
    inherited = await inherit(call)
    assert call.screen.result is None
    assert [item.type for item in inherited.chat.items] == ["message", "message"]


@pytest.mark.parametrize(
    ("last", "question"),
    [
        (turn(4, "user", "¿Y a Roma?"), "¿Y a Roma?"),
        (turn(4, "user", "Para."), None),
        (turn(4, "assistant", "Claro."), None),
    ],
)
async def test_a_question_that_nobody_answered_is_open(last: Turn, question: str | None) -> None:
    assert (await inherit(a_call([*SPOKEN, last]))).question == question


async def test_the_language_of_the_conversation_goes_on_unless_one_is_pinned() -> None:
    following, pinned = a_call(SPOKEN), a_call(SPOKEN, language="de")
    await inherit(following)
    await inherit(pinned)
    assert (following.language.code, pinned.language.code) == ("es", "de")


async def test_a_call_that_begins_asks_for_nothing() -> None:
    call = a_call(SPOKEN, resumed=False)
    inherited = await inherit(call)
    assert inherited.chat.items == []
    assert inherited.question is None
    assert call.screen.result is None
