"""Speech that the provider did not notice: asked again where it lives, gone on without it where it does not."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent import budgets
from agent.turns.tracker import Turns
from agent.turns.unheard import Hearing, hearing_of


class AProvider:
    """Tells that it dropped the sound, unless it is dead; before that, what it noticed without our knowing."""

    def __init__(self, *, dead: bool = False, late: Callable[[], None] = lambda: None) -> None:
        self.dead = dead
        self.late = late
        self.listeners: list[Callable[[dict[str, Any]], None]] = []

    def on(self, _event: str, listener: Callable[[dict[str, Any]], None]) -> None:
        self.listeners.append(listener)

    def off(self, _event: str, listener: Callable[[dict[str, Any]], None]) -> None:
        self.listeners.remove(listener)

    def clear_audio(self) -> None:
        asyncio.get_running_loop().call_soon(self._respond)

    def _respond(self) -> None:
        self.late()
        for kind in ["rate_limits.updated"] if self.dead else ["input_audio_buffer.cleared"]:
            for listener in self.listeners:
                listener({"type": kind})


def a_session(provider: AProvider, *, user: str = "listening", agent: str = "listening") -> Any:
    return SimpleNamespace(
        user_state=user, agent_state=agent, current_agent=SimpleNamespace(realtime_llm_session=provider)
    )


def spoken() -> Turns:
    turns = Turns()
    turns.speech_began()
    turns.speech_ended()
    return turns


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "UNHEARD_AFTER", 0.05)
    monkeypatch.setattr(budgets, "PROVIDER_RESPONDS", 0.05)


async def test_what_a_living_provider_did_not_notice_was_missed() -> None:
    provider = AProvider()
    assert await hearing_of(a_session(provider), spoken()) is Hearing.MISSED
    assert provider.listeners == []


async def test_a_provider_that_does_not_respond_is_dead() -> None:
    provider = AProvider(dead=True)
    assert await hearing_of(a_session(provider), spoken()) is Hearing.DEAD
    assert provider.listeners == []


async def test_what_the_provider_began_is_not_asked_about() -> None:
    turns = spoken()
    turns.provider_began()
    assert await hearing_of(a_session(AProvider(dead=True)), turns) is Hearing.FINE


async def test_what_it_noticed_before_our_ears_and_heard_after_them_is_not_asked_about() -> None:
    turns = Turns()
    turns.provider_began()
    turns.speech_began()
    turns.speech_ended()
    turns.provider_ended()
    assert await hearing_of(a_session(AProvider(dead=True)), turns) is Hearing.FINE


async def test_what_it_heard_last_time_does_not_count() -> None:
    now = 0.0
    turns = Turns(lambda: now)
    turns.provider_began()
    turns.provider_ended()
    now = 5.0
    turns.speech_began()
    turns.speech_ended()
    assert await hearing_of(a_session(AProvider()), turns) is Hearing.MISSED


async def test_news_of_speech_that_is_on_its_way_counts() -> None:
    turns = spoken()
    assert await hearing_of(a_session(AProvider(late=turns.provider_began)), turns) is Hearing.FINE


@pytest.mark.parametrize("states", [{"user": "speaking"}, {"agent": "speaking"}, {"agent": "thinking"}])
async def test_who_speaks_on_and_who_is_answered_already_is_not_asked(states: dict[str, str]) -> None:
    assert await hearing_of(a_session(AProvider(dead=True), **states), spoken()) is Hearing.FINE


@pytest.mark.parametrize("went_on", [Turns.stop, lambda turns: turns.typed("to Berlin")])
async def test_who_stopped_or_typed_meanwhile_is_not_asked(went_on: Callable[[Turns], None]) -> None:
    turns = spoken()
    asking = asyncio.create_task(hearing_of(a_session(AProvider(dead=True)), turns))
    await asyncio.sleep(0)
    went_on(turns)
    assert await asking is Hearing.FINE


async def test_who_waits_for_a_search_is_not_asked() -> None:
    turns = spoken()
    search = asyncio.create_task(turns.work.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    assert await hearing_of(a_session(AProvider(dead=True)), turns) is Hearing.FINE
    turns.stop()
    await asyncio.wait([search])


async def test_who_has_hung_up_is_not_asked() -> None:
    class Ended:
        user_state = agent_state = "listening"

        @property
        def current_agent(self) -> Any:
            raise RuntimeError("isn't running")

    assert await hearing_of(cast("Any", Ended()), spoken()) is Hearing.FINE
