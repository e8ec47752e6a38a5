"""Wrong sentences are put right before they are heard; in realtime, right after."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import Agent, ConversationItemAddedEvent, FlushSentinel, ModelSettings, llm
from samples import offer, result

from agent.assistant import Assistant
from agent.guard import Guard, Part
from agent.personas import persona
from agent.screen import Screen
from contracts.dispatch import Pipeline

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
            off_screen=False,
            pipeline=pipeline,
            speaker=SimpleNamespace(words=self.said.append),
            persona=persona("flights"),
        )
        self.call.screen.show(result(offer("89.90"), offer("120.00", carrier="LH", hour=9)))
        self.guard = Guard(self.call, self.corrected.append)

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
    assistant: Any = SimpleNamespace(_guard=world.guard, _call=world.call)
    parts = [part async for part in Assistant.llm_node(assistant, llm.ChatContext.empty(), [], ModelSettings())]
    assert "".join(map(str, parts)) == RIGHT.replace("89.90", "89.9")


def test_what_a_calendar_or_an_alert_told_is_not_held_against_the_cards() -> None:
    world = World()
    sentence = "The cheapest day is Friday, December 11, for €45.00."
    assert world.guard.right(sentence) != sentence
    world.call.off_screen = True
    assert world.guard.right(sentence) == sentence
