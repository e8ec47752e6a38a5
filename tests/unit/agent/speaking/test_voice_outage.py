"""Speech synthesis that fails is said aloud first; only then do answers come in writing."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import llm

from agent import budgets
from agent.speaking.voice_outage import VoiceOutage
from agent.turns.tracker import Turns


class Session:
    """As much of a session as a voice uses; notes what is done to it."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.current_speech: asyncio.Future[None] | None = None
        self.history = llm.ChatContext.empty()
        self.output = SimpleNamespace(set_audio_enabled=lambda on: self.did.append(f"audio {on}"))

    def generate_reply(self) -> None:
        self.did.append("reply")


class Speaker:
    def __init__(self) -> None:
        self.apology: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()

    async def apologise(self, *_: object, **__: object) -> asyncio.Future[None] | None:
        return self.apology


class World:
    def __init__(self) -> None:
        self.session, self.speaker, self.turns = Session(), Speaker(), Turns()
        call: Any = SimpleNamespace(speaker=self.speaker, turns=self.turns)
        session: Any = self.session
        self.voice = VoiceOutage(call, lambda: session)

    async def lose(self) -> "asyncio.Task[None]":
        losing = asyncio.create_task(self.voice.lose())
        await asyncio.sleep(0.01)
        return losing


async def test_the_apology_is_heard_whole_before_the_sound_is_switched_off() -> None:
    world = World()
    world.session.history.add_message(role="user", content="Madrid to Berlin")
    # What failed is over, and still the current one.
    world.session.current_speech = asyncio.get_running_loop().create_future()
    world.session.current_speech.set_result(None)
    losing = await world.lose()
    assert world.session.did == []
    assert world.speaker.apology is not None
    world.speaker.apology.set_result(None)
    await losing
    assert world.session.did == ["audio False", "reply"]


async def test_without_an_apology_what_is_being_said_is_waited_for() -> None:
    world = World()
    world.speaker.apology = None
    world.session.current_speech = asyncio.get_running_loop().create_future()
    losing = await world.lose()
    assert world.session.did == []
    world.session.current_speech.set_result(None)
    await losing
    assert world.session.did == ["audio False"]


async def test_nothing_is_answered_that_was_stopped_meanwhile() -> None:
    world = World()
    world.session.history.add_message(role="user", content="Madrid to Berlin")
    losing = await world.lose()
    world.turns.stop()
    assert world.speaker.apology is not None
    world.speaker.apology.set_result(None)
    await losing
    assert world.session.did == ["audio False"]


async def test_the_voice_is_tried_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.speaker.apology = None
    await world.voice.lose()
    world.voice.restore()
    assert world.session.did == ["audio False"]
    monkeypatch.setattr(budgets, "VOICE_RETRY_AFTER", 0.0)
    world.voice.restore()
    assert world.session.did == ["audio False", "audio True"]


async def test_a_voice_that_fails_twice_is_lost_once_and_may_be_lost_again_when_it_was_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.speaker.apology = None
    for _ in range(2):
        await world.voice.lose()
    assert world.session.did == ["audio False"]
    monkeypatch.setattr(budgets, "VOICE_RETRY_AFTER", 0.0)
    for _ in range(2):
        world.voice.restore()
    assert world.session.did == ["audio False", "audio True"]
    await world.voice.lose()
    assert world.session.did == ["audio False", "audio True", "audio False"]


async def test_a_voice_that_was_not_lost_is_not_brought_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "VOICE_RETRY_AFTER", 0.0)
    world = World()
    world.voice.restore()
    assert world.session.did == []


async def test_between_two_pipelines_there_is_no_voice_to_lose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "VOICE_RETRY_AFTER", 0.0)
    world = World()
    world.speaker.apology = None
    present: list[Any] = []
    world.voice._session = lambda: present[0] if present else None
    await world.voice.lose()
    world.voice.restore()
    present.append(world.session)
    world.voice.restore()
    assert world.session.did == [], "the next one has its own"
    await world.voice.lose()
    present.clear()
    world.voice.restore()
    assert world.session.did == ["audio False"]


async def test_who_has_an_answer_already_is_not_given_another() -> None:
    world = World()
    world.speaker.apology = None
    world.session.history.add_message(role="user", content="Madrid to Berlin")
    world.session.history.add_message(role="assistant", content="Fourteen flights")
    await world.voice.lose()
    assert world.session.did == ["audio False"]
