"""What is typed interrupts; what was spoken before it neither cuts it off nor takes its answer along."""

import asyncio
import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from agent import budgets
from agent.turns.tracker import Turns
from agent.turns.typed_input import drop_speech, shield
from agent.turns.uninterruptible import uninterruptible


def an_answer(*, interrupted: bool = False, allow_interruptions: bool = True) -> Any:
    return SimpleNamespace(interrupted=interrupted, allow_interruptions=allow_interruptions)


class ASession:
    def __init__(self, user_state: str = "listening") -> None:
        self.user_state = user_state
        self.dropped = 0
        self.words = ""
        self.on_its_way = ""

    def clear_user_turn(self) -> None:
        """As the library does it: the recogniser's present event still arrives."""
        self.dropped += 1
        self.words = ""
        straggler, self.on_its_way = self.on_its_way, ""
        if straggler:
            asyncio.get_running_loop().call_soon(setattr, self, "words", straggler)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "SOUND_LAG", 0.05)
    monkeypatch.setattr(budgets, "SPEECH_BEFORE_TEXT", 60.0)


def test_an_answer_is_held_until_the_last_one_lets_go() -> None:
    answer = an_answer()
    with uninterruptible(answer):
        with uninterruptible(answer):
            assert answer.allow_interruptions is False
        assert answer.allow_interruptions is False, "a quick search ended the protection of what was typed"
    assert answer.allow_interruptions is True


def test_what_is_interrupted_already_is_left_alone() -> None:
    answer = an_answer(interrupted=True)
    with uninterruptible(answer):
        assert answer.allow_interruptions is True


def test_an_error_lets_go() -> None:
    answer = an_answer()
    with pytest.raises(ValueError, match="search"), uninterruptible(answer):
        raise ValueError("search")
    assert answer.allow_interruptions is True


async def test_sound_from_before_is_dropped_and_the_answer_held_until_it_has_ended() -> None:
    session: Any = ASession()
    turns, answer = Turns(lambda: 0.0), an_answer(allow_interruptions=False)
    turns.typed("to Berlin")
    shielded = asyncio.create_task(shield(session, turns, answer))
    await asyncio.sleep(0.01)
    turns.speech_began()
    session.user_state = "speaking"
    await asyncio.sleep(0.1)
    assert (answer.allow_interruptions, session.dropped) == (False, 0)
    session.user_state = "listening"
    await shielded
    assert (answer.allow_interruptions, session.dropped > 0) == (True, True)


async def test_without_such_sound_nothing_is_dropped() -> None:
    session: Any = ASession()
    ticks = itertools.count()
    turns, answer = Turns(lambda: float(next(ticks))), an_answer(allow_interruptions=False)
    turns.speech_began()
    turns.typed("to Berlin")
    await shield(session, turns, answer)
    assert (answer.allow_interruptions, session.dropped) == (True, 0)


async def test_somebody_who_goes_on_speaking_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "SPEECH_BEFORE_TEXT", 0.05)
    session: Any = ASession("speaking")
    async with asyncio.timeout(30):
        await drop_speech(session, Turns(), realtime=False)
    assert session.dropped > 0


async def test_words_that_come_in_the_moment_of_dropping_are_dropped_too() -> None:
    session: Any = ASession()
    session.on_its_way = "the cheapest"
    await drop_speech(session, Turns(), realtime=False)
    await asyncio.sleep(0.05)
    assert (session.words, session.on_its_way) == ("", "")


@pytest.mark.parametrize("realtime", [True, False])
async def test_only_in_realtime_the_providers_ears_are_waited_for(*, realtime: bool) -> None:
    session: Any = ASession()
    turns = Turns(lambda: 0.0)
    turns.provider_began("item_1")
    dropping = asyncio.create_task(drop_speech(session, turns, realtime=realtime))
    await asyncio.sleep(0.1)
    assert (session.dropped == 0) == realtime
    turns.provider_ended("item_1")
    async with asyncio.timeout(30):
        await dropping
    assert session.dropped > 0
