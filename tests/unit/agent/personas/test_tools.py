"""The tools: their schemas fit both kinds of model, and what they return is what the user sees."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents.llm import ToolResult
from livekit.agents.llm.utils import build_legacy_openai_schema, build_strict_openai_schema
from samples import offer, result

from agent.call.backend import BackendError
from agent.call.screen import Screen
from agent.hearing.language import LanguageTracker
from agent.personas.flights.persona import PERSONA, calendar
from agent.personas.flights.tools.refine import refine_flights
from agent.personas.flights.tools.search import FurtherLeg, search_flights
from agent.personas.flights.tools.select import select_flight
from agent.turns.tracker import Turns
from contracts.dispatch import CallLimits, DispatchMetadata, Pipeline
from contracts.flights import SearchResult
from contracts.problems import AmbiguousPlace, BudgetSpent, Choice, FaresUnavailable, FieldProblem, UnknownPlace
from contracts.screen import Screen as Shown

DESCRIPTION_LIMIT = 1024
PARIS_OR_PARMA = (Choice(value="PAR", label="Paris"), Choice(value="PMF", label="Parma"))


@dataclass
class FakeBackend:
    answer: SearchResult | BackendError | None = None
    parts: tuple[SearchResult, ...] = ()
    asked: list[dict[str, Any]] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def search(self, journey: Any, part: Any) -> SearchResult:
        for one in self.parts:
            await part(one)
        self.asked.append(dict(journey))
        self.started.set()
        if self.answer is None:
            await asyncio.Event().wait()
        if isinstance(self.answer, BackendError):
            raise self.answer
        assert self.answer is not None
        return self.answer


class FakeSpeaker:
    def __init__(self) -> None:
        self.notices: list[str] = []

    async def notice(self, kind: str, **_: Any) -> None:
        self.notices.append(str(kind))


class FakeCall(SimpleNamespace):
    async def show_part(self, part: SearchResult) -> None:
        self.screen.more(part)
        self.parts.append(self.screen.offers)

    async def publish_screen(self) -> None:
        self.published.append(self.screen.offers)


def call_with(backend: FakeBackend) -> FakeCall:
    metadata = DispatchMetadata(session_id="session-1", time_zone="Europe/Madrid")
    return FakeCall(
        metadata=metadata,
        pipeline=Pipeline.CASCADE,
        backend=backend,
        turns=Turns(),
        language=LanguageTracker(metadata),
        speaker=FakeSpeaker(),
        screen=Screen(),
        published=[],
        parts=[],
        searches=0,
    )


def context(call: FakeCall) -> Any:
    @asynccontextmanager
    async def with_filler(*_: Any, **__: Any) -> AsyncIterator[None]:
        yield

    speech = SimpleNamespace(interrupted=False, allow_interruptions=True)
    return SimpleNamespace(
        userdata=call,
        speech_handle=speech,
        with_filler=with_filler,
        session=SimpleNamespace(current_speech=None),
        disallow_interruptions=lambda: setattr(speech, "allow_interruptions", False),
    )


async def ask(call: FakeCall, **changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "origin": "Madrid",
        "destination": "Berlin",
        "departure_date": "2026-11-22",
        "return_date": None,
        "adults": None,
        "cabin": None,
        "max_stops": None,
    }
    return await search_flights(context(call), **{**arguments, **changes})


@pytest.mark.parametrize("tool", PERSONA.tools, ids=lambda tool: tool.info.name)
def test_the_schema_fits_chat_and_realtime_models(tool: Any) -> None:
    strict = build_strict_openai_schema(tool)["function"]
    legacy = build_legacy_openai_schema(tool)
    parameters = strict["parameters"]
    assert set(parameters["required"]) == set(parameters["properties"])
    assert parameters["additionalProperties"] is False
    for schema in (strict, legacy.get("function", legacy)):
        assert len(schema["description"]) <= DESCRIPTION_LIMIT
        assert all(prop.get("description") for prop in schema["parameters"]["properties"].values())


async def test_a_search_shows_the_cards_that_the_model_is_told_about() -> None:
    call = call_with(FakeBackend(result(offer("89.90"), offer("120.00", hour=9))))
    answer = json.loads(await ask(call))
    assert [(brief["number"], brief["price"]) for brief in answer["offers"]] == [(1, "89.90"), (2, "120.00")]
    assert answer["sample"] is True
    assert [card.total.amount for card in call.published[0]] == ["89.90", "120.00"]


async def test_what_comes_first_is_shown_first_and_what_was_chosen_from_it_stays_chosen() -> None:
    first, both = result(offer("120.00", hour=9)), result(offer("89.90"), offer("120.00", hour=9))
    call = call_with(FakeBackend(both, parts=(first,)))
    show_part = call.show_part

    async def tapped(part: SearchResult) -> None:
        await show_part(part)
        call.screen.select(1)

    call.show_part = tapped
    answer = json.loads(await ask(call))
    assert [[card.total.amount for card in cards] for cards in call.parts] == [["120.00"]]
    assert [brief["price"] for brief in answer["offers"]] == ["89.90", "120.00"]
    assert call.screen.selected == 2  # the card that was tapped, where it is now
    assert len(call.published) == 1  # the API is told of the whole alone
    await ask(call)
    call.backend.parts = ()
    await ask(call)
    assert call.screen.selected is None  # the same question again begins anew


async def test_dates_go_to_the_search_as_they_are() -> None:
    call = call_with(FakeBackend(result(offer("89.90"))))
    await ask(call, departure_date="2026-12-24", return_date="2027-01-03")
    assert call.backend.asked[0]["departure_date"] == "2026-12-24"
    assert call.backend.asked[0]["return_date"] == "2027-01-03"


@pytest.mark.parametrize("words", ["whenever", "next Friday", "tomorrow", "12/03/2027", "20270312", "2027-02-30", ""])
async def test_anything_but_an_iso_date_is_refused_with_what_to_do(words: str) -> None:
    call = call_with(FakeBackend(result()))
    answer = json.loads(await ask(call, departure_date=words))
    assert (answer["status"], answer["problem"], answer["field"]) == ("error", "invalid_input", "departure_date")
    assert "YYYY-MM-DD" in answer["detail"]
    assert "calendar" in answer["detail"]
    assert call.backend.asked == []


def test_the_instructions_hold_a_calendar_of_the_weeks_to_come() -> None:
    lines = calendar(date(2026, 11, 27)).splitlines()
    assert lines[0] == "Fri 2026-11-27  Sat 2026-11-28  Sun 2026-11-29"
    assert lines[1].startswith("Mon 2026-11-30")
    assert len(lines) == 6
    assert all(date.fromisoformat(part[4:]).strftime("%a") == part[:3] for line in lines for part in line.split("  "))


async def test_a_stopped_search_returns_nothing_to_say_and_shows_nothing() -> None:
    call = call_with(FakeBackend(None))
    searching = asyncio.create_task(ask(call))
    await call.backend.started.wait()
    call.turns.stop()
    answer = await searching
    assert isinstance(answer, ToolResult)
    assert answer.reply_required is False
    assert call.published == []
    assert call.screen.result is None


async def test_after_a_search_the_answer_can_be_interrupted_again() -> None:
    call = call_with(FakeBackend(result(offer("89.90"))))
    ctx = context(call)
    await search_flights(ctx, "MAD", "BER", "2026-11-22")
    assert ctx.speech_handle.allow_interruptions is True


async def test_a_search_that_cannot_be_done_is_said_and_shown() -> None:
    call = call_with(FakeBackend(BackendError(FaresUnavailable("all failed").problem())))
    answer = json.loads(await ask(call))
    assert answer["problem"] == "unavailable"
    assert call.speaker.notices[-1] == "search_unavailable"
    assert "all failed" not in answer["detail"]


async def test_an_unknown_place_names_the_field_and_the_candidates() -> None:
    wrong = UnknownPlace(
        "no such place", errors=(FieldProblem(field="origin", problem="unknown", choices=PARIS_OR_PARMA),)
    )
    call = call_with(FakeBackend(BackendError(wrong.problem())))
    answer = json.loads(await ask(call, origin="Pari"))
    assert (answer["problem"], answer["field"], answer["candidates"]) == ("unknown_place", "origin", ["Paris", "Parma"])
    assert answer["choices"] == [{"value": "PAR", "label": "Paris"}, {"value": "PMF", "label": "Parma"}]
    assert call.speaker.notices == ["searching", "search_ended"], "the page must not go on saying that it searches"


async def test_a_place_that_may_be_several_is_a_question_with_choices() -> None:
    wrong = AmbiguousPlace("two", errors=(FieldProblem(field="destination", problem="two", choices=PARIS_OR_PARMA),))
    answer = json.loads(await ask(call_with(FakeBackend(BackendError(wrong.problem())))))
    assert (answer["problem"], answer["field"], answer["candidates"]) == (
        "ambiguous_place",
        "destination",
        ["Paris", "Parma"],
    )


async def test_a_journey_that_goes_on_elsewhere_is_no_return() -> None:
    call = call_with(FakeBackend(result(offer("89.90"))))
    legs = [FurtherLeg(origin="Athens", destination="Cairo", date="2026-11-25")]
    await ask(call, origin="Rome", destination="Athens", further_legs=legs)
    sent = call.backend.asked[-1]
    assert sent["further"] == [{"origin": "Athens", "destination": "Cairo", "date": "2026-11-25"}]
    assert "return_date" not in sent
    bad = [FurtherLeg(origin="Athens", destination="Cairo", date="Friday")]
    answer = json.loads(await ask(call, further_legs=bad))
    assert answer["field"] == "further_legs.0.date"


async def test_children_and_infants_are_never_adults_and_wishes_go_along() -> None:
    call = call_with(FakeBackend(result(offer("89.90"))))
    await ask(call, adults=2, children_ages=[5], infants=1, checked_bags=1, refundable=True, airlines=["ib"])
    sent = call.backend.asked[-1]
    assert (sent["adults"], sent["children"], sent["infants"]) == (2, [5], 1)
    assert (sent["checked_bags"], sent["refundable"], sent["airlines"]) == (1, True, ["IB"])
    assert not {"max_stops", "further", "without_airlines", "depart_from"} & set(sent), "what was not said is not sent"


async def test_what_decides_the_currency_goes_with_the_search_and_is_decided_by_nobody_here() -> None:
    backend = FakeBackend(result(offer("89.90")))
    call = call_with(backend)
    call.metadata = call.metadata.model_copy(update={"time_zone": "America/Chicago", "locale": "en-GB"})
    await ask(call)
    sent = backend.asked[-1]
    assert (sent["time_zone"], sent["locale"], sent["language"]) == ("America/Chicago", "en-GB", "en")
    assert not {"country", "currency"} & set(sent), "nothing was chosen"


async def test_what_the_traveller_chose_goes_with_the_search_and_what_is_on_the_screen_is_gone_on_with() -> None:
    backend = FakeBackend(result(offer("89.90")))
    call = call_with(backend)
    call.metadata = call.metadata.model_copy(update={"country": "CH", "currency": "GBP"})
    await ask(call)
    assert (backend.asked[-1]["country"], backend.asked[-1]["currency"]) == ("CH", "GBP")
    shown = result(offer("89.90"))
    call.screen.follow(Shown(version=3, search=shown, by="form", country="US"))
    await ask(call)
    assert (backend.asked[-1]["country"], backend.asked[-1]["currency"]) == ("US", shown.query.currency)
    call.screen.follow(Shown(version=4, search=shown, by="form", country="auto"))
    await ask(call)
    assert "country" not in backend.asked[-1], "the form was set back to what is usual for the traveller"


async def test_a_call_that_may_search_no_more_is_told_so_and_not_that_the_search_is_broken() -> None:
    call = call_with(FakeBackend(result(offer("80.00"))))
    call.metadata = call.metadata.model_copy(update={"limits": CallLimits(searches=2)})
    for _ in range(2):
        assert json.loads(await ask(call))["status"] == "ok"
    refused = json.loads(await ask(call))
    assert refused["problem"] == "limit_reached"
    assert len(call.backend.asked) == 2
    assert call.speaker.notices.count("search_unavailable") == 0
    assert len(call.screen.offers) == 1, "the cards stay"


async def test_a_budget_that_the_api_knows_better_is_a_limit_too() -> None:
    spent = BudgetSpent("This call has made its 60 searches.", retry_after=60, limit=60)
    call = call_with(FakeBackend(BackendError(spent.problem())))
    assert json.loads(await ask(call))["problem"] == "limit_reached"
    assert call.speaker.notices == ["searching", "search_ended"]


async def test_refining_sorts_filters_and_shows() -> None:
    call = call_with(FakeBackend(result(offer("80.00", stops=1, minutes=400), offer("220.00", carrier="LH"))))
    await ask(call)
    answer = json.loads(await refine_flights(context(call), "duration", 0, "Lufthansa", 500))
    assert [brief["price"] for brief in answer["offers"]] == ["220.00"]
    assert call.screen.view.carrier == "LH"
    assert len(call.published) == 2


async def test_refining_by_time_airport_and_bag_is_one_view_with_what_is_touched() -> None:
    call = call_with(FakeBackend(result(offer("80.00", hour=7), offer("220.00", hour=19))))
    await ask(call)
    evening = json.loads(
        await refine_flights(context(call), None, None, None, None, depart_from="18:00", airport="ber")
    )
    assert [brief["price"] for brief in evening["offers"]] == ["220.00"]
    assert (call.screen.view.depart_from, call.screen.view.airport) == ("18:00", "BER")
    wrong = json.loads(await refine_flights(context(call), None, None, None, None, depart_from="in the evening"))
    assert (wrong["problem"], wrong["field"]) == ("invalid_input", "depart_from")


async def test_an_airline_without_offers_names_those_that_have_some() -> None:
    call = call_with(FakeBackend(result(offer("80.00"), offer("220.00", carrier="LH"))))
    await ask(call)
    answer = json.loads(await refine_flights(context(call), None, None, "Qantas", None))
    assert answer["status"] == "error"
    assert answer["candidates"] == ["Iberia", "Lufthansa"]
    assert len(call.published) == 1


async def test_selecting_highlights_the_card() -> None:
    call = call_with(FakeBackend(result(offer("80.00"), offer("220.00", carrier="LH"))))
    await ask(call)
    answer = json.loads(await select_flight(context(call), 2))
    assert answer["offer"]["price"] == "220.00"
    assert call.screen.selected == 2
    missing = json.loads(await select_flight(context(call), 9))
    assert missing["problem"] == "no_such_number"
