"""A realtime connection is asked whether it lives."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from livekit.plugins import openai

from agent import budgets
from agent.providers.heartbeat import responds


class AProvider(openai.realtime.RealtimeSession):
    """Tells that it dropped the sound, unless it is dead."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.listeners: list[Callable[..., Any]] = []

    def __del__(self) -> None:
        """Nothing was opened."""

    def on(self, _event: Any, callback: Any = None) -> Any:
        self.listeners.append(callback)

    def off(self, _event: Any, callback: Any) -> None:
        self.listeners.remove(callback)

    def clear_audio(self) -> None:
        asyncio.get_running_loop().call_soon(self._respond)

    def _respond(self) -> None:
        for listener in self.listeners:
            listener({"type": self.kind})


@pytest.mark.parametrize(("event", "alive"), [("input_audio_buffer.cleared", True), ("rate_limits.updated", False)])
async def test_a_provider_lives_when_it_tells_of_what_it_was_asked(
    monkeypatch: pytest.MonkeyPatch, event: str, *, alive: bool
) -> None:
    monkeypatch.setattr(budgets, "PROVIDER_RESPONDS", 30.0 if alive else 0.0)
    provider = AProvider(event)
    assert await responds(provider) is alive
    assert provider.listeners == []


async def test_another_protocol_tells_nothing() -> None:
    other: Any = object()
    assert await responds(other) is None
