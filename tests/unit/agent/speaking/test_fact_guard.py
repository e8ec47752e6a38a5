"""Wrong sentences are put right before they are heard; in realtime, right after."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import Agent, ConversationItemAddedEvent, FlushSentinel, ModelSettings, llm
from samples import offer, result

from agent.call.assistant import Assistant
from agent.call.screen import Screen
from agent.personas import persona
from agent.speaking.fact_guard import FactGuard, Part
from contracts.dispatch import Pipeline
from contracts.tools import (
    AlertBrief,
    AlertsReply,
    CalendarReply,
    CheckReply,
    DayPrice,
    PlaceBrief,
    StatusReply,
)

RIGHT = "I found 2 flights. The cheapest is Iberia at 7:15 AM for €89.90, non-stop. Shall I go on?"
WRONG = RIGHT.replace("89.90", "98.90")


class World:
    def __init__(self, pipeline: Pipeline = Pipeline.CASCADE) -> None:
        self.said: list[str] = []
        self.corrected: list[int] = []
        self.call: Any = SimpleNamespace(
            screen=Screen(),
            language=SimpleNamespace(code="en"),
            heard="",
            told=None,
            pipeline=pipeline,
            speaker=SimpleNamespace(words=self.said.append),
            screen_share=None,
            persona=persona("flights"),
        )
        self.call.screen.show(result(offer("89.90"), offer("120.00", carrier="LH", hour=9)))
        self.guard = FactGuard(self.call, self.corrected.append)

    async def answer(self, *parts: Part) -> list[Any]:
        async def stream() -> AsyncIterator[Part]:
            for part in parts:
                yield part

        return [part async for part in self.guard.answer(stream())]

    def heard(self, text: str, **fields: Any) -> None:
        item = llm.ChatMessage(role="assistant", content=[text], **fields)
        self.guard.on_item(ConversationItemAddedEvent(item=item))


def chunk(text: str | None = None, **fields: Any) -> llm.ChatChunk:
    delta = llm.ChoiceDelta(role="assistant", content=text, tool_calls=fields.pop("tool_calls", []))
    return llm.ChatChunk(id="c", delta=delta, **fields)


async def test_a_right_answer_is_given_on_word_for_word() -> None:
    world = World()
    parts = await world.answer(*(chunk(RIGHT[at : at + 7]) for at in range(0, len(RIGHT), 7)))
    assert "".join(parts) == RIGHT
    assert world.corrected == []


async def test_a_wrong_price_is_put_right_before_it_is_said() -> None:
    world = World()
    parts = await world.answer(*(chunk(WRONG[at : at + 7]) for at in range(0, len(WRONG), 7)))
    assert "".join(parts) == RIGHT.replace("89.90", "89.9")
    assert world.corrected == [1]


async def test_a_sentence_is_given_on_when_it_ends_and_not_when_the_answer_does() -> None:
    world = World()
    seen: list[str] = []

    async def stream() -> AsyncIterator[Part]:
        yield chunk("I found 2 flights. ")
        yield chunk("The")
        assert seen == ["I found 2 flights. "]
        yield chunk(" rest.")

    async for part in world.guard.answer(stream()):
        seen.append(str(part))  # noqa: PERF401 - the stream looks at what was seen
    assert seen == ["I found 2 flights. ", "The rest."]


async def test_what_cannot_be_put_right_gives_way_to_the_flight_itself() -> None:
    world = World()
    assert await world.answer(chunk("It leaves at 8:40 for 97 euros.")) == ["Iberia, 7:15\u202fAM, €89.90."]
    assert await world.answer(chunk("On Tuesday, December 1 there are 2 flights for €89.90.")) == [
        "Madrid – Berlin, Sunday, November 22, 2026."
    ]
    assert world.corrected == [2, 1]


async def test_the_flight_itself_is_that_of_the_airline_that_was_named() -> None:
    world = World()
    assert await world.answer("Lufthansa costs one hundred and one euros.") == ["Lufthansa, 9:15\u202fAM, €120.00."]
    assert world.corrected == [1]


async def test_words_before_a_tool_call_come_before_it_and_usage_is_kept() -> None:
    world = World()
    tool = chunk(tool_calls=[llm.FunctionToolCall(name="search_flights", arguments="{}", call_id="c")])
    used = chunk(usage=llm.CompletionUsage(completion_tokens=1, prompt_tokens=1, total_tokens=2))
    flush = FlushSentinel()
    assert await world.answer(chunk("One moment"), tool, used, flush) == ["One moment", tool, used, flush]


async def test_without_a_search_there_is_nothing_to_compare() -> None:
    world = World()
    world.call.screen = Screen()
    assert await world.answer(chunk("Fares start at 5 euros.")) == ["Fares start at 5 euros."]


def test_realtime_corrects_aloud_what_was_heard() -> None:
    world = World(Pipeline.REALTIME)
    world.heard(WRONG)
    assert world.said == ["Sorry, to correct that: The cheapest is Iberia at 7:15 AM for €89.9, non-stop."]
    assert world.corrected == [1]


@pytest.mark.parametrize(
    ("pipeline", "text", "interrupted"),
    [(Pipeline.REALTIME, RIGHT, False), (Pipeline.REALTIME, WRONG, True), (Pipeline.CASCADE, WRONG, False)],
)
def test_nothing_else_is_corrected_aloud(pipeline: Pipeline, text: str, interrupted: bool) -> None:
    world = World(pipeline)
    world.heard(text, interrupted=interrupted)
    assert world.said == []


async def test_the_agent_s_own_answers_go_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def model(*_: Any) -> AsyncIterator[Part]:
        yield chunk(WRONG)

    monkeypatch.setattr(Agent.default, "llm_node", model)
    world = World()
    recovery = SimpleNamespace(must_speak_in=lambda: 60.0, filled=lambda **_: None, gave_up=lambda: None)
    assistant: Any = SimpleNamespace(_guard=world.guard, _call=world.call, _recovery=recovery)
    parts = [part async for part in Assistant.llm_node(assistant, llm.ChatContext.empty(), [], ModelSettings())]
    assert "".join(map(str, parts)) == RIGHT.replace("89.90", "89.9")


CALENDAR = CalendarReply(
    sample=False,
    indicative=False,
    origin=PlaceBrief(code="MAD", name="Madrid"),
    destination=PlaceBrief(code="BER", name="Berlin"),
    currency="EUR",
    first_date="2026-12-01",
    last_date="2027-01-04",
    cheapest=(DayPrice(date="2026-12-11", price="45.00"), DayPrice(date="2026-12-15", price="52.50")),
)
STATUS = StatusReply(
    sample=False,
    flight="IB3270",
    state="scheduled",
    origin="Madrid",
    destination="Berlin",
    scheduled="2026-12-11T07:15",
    expected="2026-12-11T07:55",
    arrives="2026-12-11T10:30",
    delay_minutes=40,
)
ALERTS = AlertsReply(
    done="listed",
    alerts=(
        AlertBrief(
            number=1,
            route="Madrid – Berlin",
            date="2026-12-11",
            max_price="80",
            last_price="95.10",
            currency="EUR",
            state="active",
        ),
    ),
)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (CALENDAR, "The cheapest day is Friday, December 11, for €45.00."),
        (CALENDAR, "On December 15 it is 52 euros, and I looked as far as January 4."),
        (CALENDAR, "December 24 is dearer."),
        (STATUS, "IB3270 is 40 minutes late and leaves at 7:55 AM instead of 7:15 AM."),
        (STATUS, "It lands at 10:30 on December 11."),
        (ALERTS, "You watch Madrid to Berlin on December 11 below €80; it is €95.10 now."),
        # Of the cards, which may be spoken of again at any time.
        (CALENDAR, "The first flight is Iberia at 7:15 AM for €89.90."),
    ],
)
def test_what_a_tool_told_beside_the_cards_may_be_said(told: Any, sentence: str) -> None:
    world = World()
    world.call.told = told
    assert world.guard.right(sentence) == sentence
    assert world.corrected == []


@pytest.mark.parametrize(
    ("told", "sentence", "right"),
    [
        (CALENDAR, "The cheapest day is Friday, December 11, for €54.00.", "December 11, for €45"),
        (CALENDAR, "The cheapest day is Monday, December 11, for €45.00.", "Friday, December 11"),
        (CALENDAR, "December 11 costs €52.50.", "December 11 costs €45"),
        (CALENDAR, "The cheapest day is December 12, for €45.00.", "Friday, December 11, 2026: €45.00"),
        (CALENDAR, "It is 20 euros on some days.", "Friday, December 11, 2026: €45.00"),
        (STATUS, "IB3270 leaves at 8:55 AM.", "IB3270: 7:55"),
        (STATUS, "It leaves on December 12 at 7:55 AM.", "IB3270: 7:55"),
        (ALERTS, "Your alert for December 11 stands at €59.10.", "Madrid – Berlin, Friday, December 11, 2026"),
    ],
)
def test_what_disagrees_with_what_a_tool_told_is_put_right(told: Any, sentence: str, right: str) -> None:
    world = World()
    world.call.told = told
    assert right in world.guard.right(sentence)
    assert world.corrected


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("es", "El día más barato es el viernes 11 de diciembre, por 54 €."),
        ("de", "Am günstigsten ist Freitag, der 11. Dezember, für 54 €."),
        ("fr", "Le jour le moins cher est le vendredi 11 décembre, à 54 €."),
        ("it", "Il giorno più economico è venerdì 11 dicembre, a 54 €."),
        ("pt", "O dia mais barato é sexta-feira, 11 de dezembro, por 54 €."),
        ("ja", "最安は12月11日金曜日で54ユーロです。"),
        ("zh", "最便宜的是12月11日星期五，54欧元。"),
    ],
)
def test_a_wrong_price_of_a_day_is_put_right_in_each_language(code: str, sentence: str) -> None:
    world = World()
    world.call.told, world.call.language.code = CALENDAR, code
    right = sentence.replace("54", "45")
    assert world.guard.right(right) == right
    assert "45" in world.guard.right(sentence)
    assert "54" not in world.guard.right(sentence)


def test_the_user_s_own_numbers_may_be_repeated_and_no_alert_says_nothing() -> None:
    world = World()
    world.call.told, world.call.heard = CALENDAR, "is there anything below 40 euros on December 20"
    for sentence in ("There is nothing for 40 euros.", "On December 20 nothing is below 40 euros."):
        assert world.guard.right(sentence) == sentence
    world.call.told = AlertsReply(done="deleted", alerts=())
    sentence = "The alert below €80 is gone."
    world.call.screen = Screen()
    assert world.guard.right(sentence) == sentence


def test_a_price_that_has_changed_is_said_with_the_one_that_it_was() -> None:
    world = World()
    sentence = "The price has changed from €99.00 to €89.90."
    assert world.guard.right(sentence) != sentence
    world.call.told = CheckReply(
        outcome="changed", number=1, sample=False, before="99.00", now="89.90", currency="EUR", bookable=True
    )
    assert world.guard.right(sentence) == sentence
