"""Finished turns are reported whatever clocks say."""

from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import llm

from agent.call.transcript import TurnLog
from contracts.turns import Turn


@pytest.mark.parametrize(("measured", "kept"), [(0.85, 850), (-0.5, 0)])
async def test_a_turn_is_kept_where_a_clock_was_set_back_meanwhile(measured: float, kept: int) -> None:
    stored: list[Turn] = []

    async def store(_session_id: str, turn: Turn) -> None:
        stored.append(turn)

    call: Any = SimpleNamespace(
        language=SimpleNamespace(code="en"),
        metadata=SimpleNamespace(session_id="s" * 12),
        backend=SimpleNamespace(add_turn=store),
    )
    log = TurnLog(call)
    log.message(llm.ChatMessage(role="assistant", content=["Hello"], metrics={"e2e_latency": measured}))
    await log.flush()
    assert [(turn.text, turn.latency_ms) for turn in stored] == [("Hello", kept)]
