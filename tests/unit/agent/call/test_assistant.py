"""The agent of a call and the realtime session that it is given, which another agent may have had before."""

from typing import Any

import pytest
from livekit import rtc
from livekit.agents import llm
from recovery import World

from agent import budgets
from agent.call.assistant import InCall


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "ANSWER_RETRY_WAIT", 0.0)


async def test_a_realtime_session_that_goes_on_with_another_agent_is_followed_once() -> None:
    world, provider = World(), rtc.EventEmitter[str]()

    class Following(InCall):
        @property
        def realtime_llm_session(self) -> Any:
            return provider

    guard: Any = None
    for _ in range(2):
        agent = Following(instructions="")
        agent.serve(world.call, world.repair, guard)
        await agent.on_enter()
    world.turns.typed("to Berlin")
    provider.emit("session_reconnected", llm.RealtimeSessionReconnectedEvent())
    await world.settled()
    assert (world.asked, world.said) == (1, []), "asked for again once, and not said to have failed"
    provider.emit("input_speech_started", llm.InputSpeechStartedEvent())
    provider.emit("input_speech_stopped", llm.InputSpeechStoppedEvent(user_transcription_enabled=True))
    assert world.turns.spoken is not None
    assert world.turns.spoken.heard
