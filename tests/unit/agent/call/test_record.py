"""The facts of a call reach the API in batches, without a word of it; an API that takes none is no trouble."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import (
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    FunctionToolsExecutedEvent,
    SessionUsageUpdatedEvent,
    llm,
)
from livekit.agents.metrics import AgentSessionUsage, LLMModelUsage, STTModelUsage, TTSModelUsage

from agent.call.backend import BackendError
from agent.call.record import Record
from contracts.dispatch import Pipeline
from contracts.models import Stage, parse_models
from contracts.records import Allowance, CallEvents, EndReason

MODELS = "openai/gpt-6-luna, azure/our deployment, openai/gpt-6-luna"


class Session:
    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    def on(self, name: str, handler: Any) -> None:
        self.handlers[name] = handler

    def emit(self, name: str, event: Any) -> None:
        self.handlers[name](event)


class World:
    def __init__(self) -> None:
        self.sent: list[CallEvents] = []
        self.answer: Allowance | Exception | None = None
        self.allowances: list[Allowance] = []
        self.session = Session()
        call: Any = SimpleNamespace(
            backend=SimpleNamespace(add_events=self._add_events),
            metadata=SimpleNamespace(session_id="s" * 12),
            language=SimpleNamespace(code="es"),
            pipeline=Pipeline.CASCADE,
            settings=SimpleNamespace(every_model=parse_models(Stage.CHAT, MODELS), revision="3f2a9c01b7de"),
        )
        self.call = call
        self.record = Record(call, self.allowances.append)
        self.record.follow(self.session)  # type: ignore[arg-type]

    async def _add_events(self, _session_id: str, events: CallEvents) -> Allowance | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        self.sent.append(events)
        return self.answer

    @property
    def events(self) -> list[Any]:
        """Without the models that each call begins with."""
        return [event for batch in self.sent for event in batch.events if event.kind != "models"]


@pytest.fixture
async def world() -> World:
    return World()


def usage(**counts: int) -> SessionUsageUpdatedEvent:
    models: list[Any] = [
        LLMModelUsage(provider="api.openai.com", model="gpt-6-luna", **counts),
        TTSModelUsage(provider="Amazon Polly", model="neural", characters_count=counts["input_tokens"]),
        STTModelUsage(provider="openai", model="gpt-transcribe", audio_duration=1.5),
    ]
    return SessionUsageUpdatedEvent(usage=AgentSessionUsage(model_usage=models))


async def test_usage_is_what_was_used_since_the_event_before(world: World) -> None:
    world.session.emit("session_usage_updated", usage(input_tokens=100, output_tokens=10))
    world.session.emit("session_usage_updated", usage(input_tokens=100, output_tokens=10))
    world.session.emit("session_usage_updated", usage(input_tokens=150, output_tokens=12))
    await world.record.ended("user silent")
    chat = [event for event in world.events if event.kind == "usage" and event.stage == "llm"]
    assert [(one.input_tokens, one.output_tokens) for one in chat] == [(100, 10), (50, 2)]
    voice = [event for event in world.events if event.kind == "usage" and event.stage == "tts"]
    assert [(one.provider, one.characters) for one in voice] == [("Amazon-Polly", 100), ("Amazon-Polly", 50)]
    ears = [event for event in world.events if event.kind == "usage" and event.stage == "stt"]
    assert [one.audio_ms for one in ears] == [1500]


async def test_a_turn_has_the_times_of_its_stages(world: World) -> None:
    asked = llm.ChatMessage(role="user", content=["Canary to Berlin"], metrics={"transcription_delay": 0.3})
    told = llm.ChatMessage(
        role="assistant",
        content=["A canary for 89 euros"],
        metrics={"llm_node_ttft": 0.25, "tts_node_ttfb": 0.15, "e2e_latency": 0.9},
    )
    for item in (asked, told):
        world.session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))
    await world.record.ended("longest call")
    turn, end = world.events
    assert turn.times.model_dump(exclude_none=True) == {
        "words_ms": 300,
        "first_token_ms": 250,
        "first_audio_ms": 900,
        "provider_ms": 400,
    }
    assert (turn.turn_id, turn.language, end.reason) == (told.id, "es", EndReason.TIME_LIMIT)
    assert "anary" not in world.sent[0].model_dump_json()


async def test_tools_and_failures_are_told_without_their_content(world: World) -> None:
    call = llm.FunctionCall(call_id="c", name="search_flights", arguments='{"origin": "Canary"}', created_at=10.0)
    output = llm.FunctionCallOutput(
        call_id="c", name="search_flights", output="Canary", is_error=False, created_at=12.5
    )
    world.session.emit(
        "function_tools_executed",
        FunctionToolsExecutedEvent(function_calls=[call], function_call_outputs=[output]),
    )
    error = SimpleNamespace(type="llm_error", recoverable=True, error=TimeoutError("Canary"))
    world.session.emit("error", ErrorEvent.model_construct(error=error, source=None))
    await world.record.ended("nothing that is listed")
    tool, failure, end = world.events
    assert (tool.name, tool.ms, tool.outcome) == ("search_flights", 2500, "ok")
    assert (failure.stage, failure.reason, failure.recovered) == ("llm", "TimeoutError", True)
    assert end.reason is EndReason.UNKNOWN
    assert "Canary" not in world.sent[0].model_dump_json()


async def test_an_answer_that_is_cut_off_says_by_what_and_how_soon_it_was_silent(world: World) -> None:
    def cut_off() -> None:
        item = llm.ChatMessage(role="assistant", content=["One for"], interrupted=True)
        world.session.emit("conversation_item_added", ConversationItemAddedEvent(item=item))

    world.record.cut("button")
    world.session.emit("agent_state_changed", AgentStateChangedEvent(old_state="speaking", new_state="listening"))
    cut_off()
    cut_off()
    await world.record.ended("user silent")
    first, second = (event for event in world.events if event.kind == "interruption")
    assert (first.by, second.by) == ("button", "voice")
    assert first.silence_ms is not None
    assert first.silence_ms < 1000
    assert second.silence_ms is None


async def test_what_is_shown_and_said_is_one_notice(world: World) -> None:
    for name in ("goodbye", "goodbye", "are_you_there"):
        world.record.notice(name)
    await world.record.ended("user silent")
    assert [event.notice for event in world.events if event.kind == "notice"] == ["goodbye", "are_you_there"]


@pytest.mark.parametrize("error", [BackendError(None), RuntimeError("the client has been closed")])
async def test_an_api_that_takes_nothing_is_no_trouble(world: World, error: Exception) -> None:
    world.answer = error
    world.record.pipeline(Pipeline.CASCADE, "the connection was lost")
    async with asyncio.timeout(30):
        await world.record.ended("user silent")
    assert world.sent == []


async def test_what_the_api_allows_is_passed_on(world: World) -> None:
    world.answer = Allowance(seconds_left=90, reason=EndReason.BUDGET)
    world.record.pipeline(Pipeline.CASCADE, "the connection was lost")
    await world.record.ended("budget")
    assert world.allowances == [world.answer]
    assert world.events[-1].reason is EndReason.BUDGET


async def test_a_call_begins_with_the_models_that_it_may_ask_told_once(world: World) -> None:
    world.record.follow(Session())  # type: ignore[arg-type] - as after a change of pipeline
    await world.record.ended(None)
    told = [event for batch in world.sent for event in batch.events if event.kind == "models"]
    assert [event.revision for event in told] == ["3f2a9c01b7de"]
    assert [[(one.stage, one.provider, one.model) for one in event.models] for event in told] == [
        [("chat", "openai", "gpt-6-luna"), ("chat", "azure", "our-deployment")]
    ]
