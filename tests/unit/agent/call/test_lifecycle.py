"""Nobody is left in silence, and no call outlives its user. Time is a number here."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent import budgets
from agent.call.lifecycle import Lifecycle
from agent.call.state import Call
from agent.turns.tracker import Turns
from contracts.dispatch import Pipeline
from contracts.records import Allowance, EndReason


@dataclass
class FakeSpeaker:
    said: list[str] = field(default_factory=list)
    speech: asyncio.Future[None] | None = None

    async def apologise(self, kind: str, **_: Any) -> None:
        self.said.append(f"sorry {kind}")

    async def notice(self, kind: str, **_: Any) -> None:
        self.said.append(f"notice {kind}")

    def line(self, line: str) -> asyncio.Future[None] | None:
        self.said.append(f"line {line}")
        return self.speech


@dataclass
class World:
    now: float = 50.0
    ended: list[str] = field(default_factory=list)
    speaker: FakeSpeaker = field(default_factory=FakeSpeaker)

    def __post_init__(self) -> None:
        self.turns = Turns(lambda: self.now)
        self.limits = SimpleNamespace(seconds=None)
        call = SimpleNamespace(
            speaker=self.speaker,
            turns=self.turns,
            pipeline=Pipeline.CASCADE,
            metadata=SimpleNamespace(limits=self.limits),
        )
        self.clocks = Lifecycle(
            cast("Call", call),
            finish=self._finish,
            stalled=self._stalled,
            reassure=lambda: self.speaker.said.append("reassured") is None,
            clock=lambda: self.now,
        )

    async def _finish(self, reason: str) -> None:
        self.ended.append(reason)

    async def _stalled(self) -> None:
        self.speaker.said.append("stalled")

    async def after(self, seconds: float) -> None:
        self.now += seconds
        await self.clocks.look()


@pytest.fixture
def world() -> World:
    return World()


async def test_a_question_without_a_sound_is_a_stall_once(world: World) -> None:
    world.turns.typed("to Berlin")
    await world.after(budgets.ANSWER_WATCHDOG - 0.1)
    assert world.speaker.said == ["reassured"]
    await world.after(0.2)
    await world.after(1)
    assert world.speaker.said == ["reassured", "stalled"]


async def test_an_answer_in_time_needs_no_apology(world: World) -> None:
    world.turns.typed("to Berlin")
    await world.after(2)
    world.turns.answered()
    await world.after(budgets.ANSWER_WATCHDOG)
    assert world.speaker.said == []


async def test_a_silent_user_is_asked_once_and_then_the_call_ends(world: World) -> None:
    await world.after(budgets.USER_AWAY + 1)
    await world.after(1)
    assert world.speaker.said == ["line are_you_there"]
    await world.after(budgets.USER_GONE)
    assert world.ended == ["user silent"]
    assert world.speaker.said[-2:] == ["notice goodbye", "line goodbye"]


async def test_a_user_who_speaks_again_keeps_the_call(world: World) -> None:
    await world.after(budgets.USER_AWAY + 1)
    world.clocks.user_active()
    await world.after(budgets.USER_AWAY - 1)
    assert world.ended == []
    assert world.speaker.said == ["line are_you_there"]


async def test_the_longest_call_ends(world: World) -> None:
    for _ in range(int(budgets.CALL_MAX // 50) + 2):
        world.clocks.user_active()
        await world.after(50)
        if world.ended:
            break
    assert world.ended == ["longest call"]


def speak(world: World, seconds: float) -> None:
    """The user begins to speak, and is not noticed to have ended."""
    world.turns.speech_began()
    world.now += seconds


async def test_speech_that_nothing_comes_of_is_a_stall(world: World) -> None:
    speak(world, budgets.SPEECH_MIN)
    world.turns.speech_ended()
    await world.after(budgets.ANSWER_WATCHDOG + 0.1)
    assert world.speaker.said == ["stalled"]


async def test_a_cough_needs_no_answer(world: World) -> None:
    speak(world, budgets.SPEECH_MIN / 2)
    world.turns.speech_ended()
    await world.after(budgets.ANSWER_WATCHDOG + 0.1)
    assert world.speaker.said == []


async def test_a_stop_that_is_understood_before_its_end_is_noticed_wants_no_sound(world: World) -> None:
    speak(world, budgets.SPEECH_MIN)
    world.turns.stop(world.turns.spoken)
    world.turns.speech_ended()
    await world.after(budgets.ANSWER_WATCHDOG + 0.1)
    assert world.speaker.said == []
    # What is typed after it is timed from itself.
    world.turns.typed("to Berlin")
    world.now += 0.4
    assert world.turns.answered() == pytest.approx(0.4)


async def test_speech_without_words_needs_no_answer_whichever_is_noticed_first(world: World) -> None:
    speak(world, budgets.SPEECH_MIN)
    world.turns.words("")
    world.turns.speech_ended()
    await world.after(budgets.ANSWER_WATCHDOG + 0.1)
    assert world.speaker.said == []


async def test_an_answer_that_is_heard_before_the_end_of_speech_is_noticed_is_the_answer(world: World) -> None:
    speak(world, budgets.SPEECH_MIN)
    world.turns.ask(world.turns.words("to Berlin")[1])
    world.now += 0.2
    assert world.turns.answered() is not None
    world.turns.speech_ended(heard=True)
    await world.after(budgets.ANSWER_WATCHDOG + 0.1)
    assert world.speaker.said == []


async def test_who_presses_stop_while_speaking_is_owed_an_answer(world: World) -> None:
    speak(world, budgets.SPEECH_MIN)
    world.turns.overtake(pressed=True)
    world.turns.stop()
    world.now += 2
    world.turns.speech_ended()
    await world.after(budgets.ANSWER_WATCHDOG + 0.1)
    assert world.speaker.said == ["stalled"]


async def test_a_filler_leaves_the_question_open(world: World) -> None:
    world.turns.typed("to Berlin")
    await world.after(1)
    world.turns.filled()
    await world.after(budgets.ANSWER_WATCHDOG)
    assert world.speaker.said[-1] == "stalled"


async def test_what_a_model_says_before_it_works_is_no_answer(world: World) -> None:
    world.turns.typed("to Berlin")
    await world.after(1)
    world.turns.answered()
    world.turns.due_again()
    await world.after(budgets.ANSWER_WATCHDOG + 0.1)
    assert world.speaker.said == ["stalled"]


async def test_nothing_is_silent_for_longer_than_four_seconds(world: World) -> None:
    world.turns.typed("to Berlin")
    quiet = 0.0
    while "stalled" not in world.speaker.said:
        before = len(world.speaker.said)
        await world.after(0.5)
        quiet = 0.0 if len(world.speaker.said) > before else quiet + 0.5
        assert quiet <= 4.0
    assert world.speaker.said.count("reassured") >= 2


async def test_after_a_stop_nothing_is_due(world: World) -> None:
    world.turns.stop()
    world.turns.due_again()
    await world.after(budgets.ANSWER_WATCHDOG + 1)
    assert world.speaker.said == []


async def test_a_call_s_own_limit_is_told_a_minute_before_and_ends_softly(world: World) -> None:
    world.clocks.allow(Allowance(seconds_left=100, reason=EndReason.BUDGET))
    await world.after(39)
    assert world.speaker.said == []
    await world.after(2)
    await world.after(1)
    assert world.speaker.said == ["line ending_soon"]
    world.clocks.user_active()
    await world.after(60)
    assert world.ended == ["budget"]
    assert world.speaker.said[-2:] == ["notice goodbye", "line goodbye"]


async def test_an_allowance_is_never_longer_than_the_one_before(world: World) -> None:
    world.clocks.allow(Allowance(seconds_left=0, reason=EndReason.TIME_LIMIT))
    world.clocks.allow(Allowance(seconds_left=1000))
    await world.after(0)
    assert world.ended == ["longest call"]


async def test_who_was_asked_and_came_back_is_asked_again(world: World) -> None:
    await world.after(budgets.USER_AWAY + 1)
    world.clocks.user_active()
    await world.after(budgets.USER_AWAY + 1)
    assert world.speaker.said == ["line are_you_there"] * 2


async def test_a_question_is_reassured_no_more_often_than_it_must_be(world: World) -> None:
    world.turns.typed("to Berlin")
    for _ in range(10):
        await world.after(1)
    assert world.speaker.said == ["reassured"] * 2


async def test_while_a_search_runs_its_own_lines_are_said_and_nothing_is_given_up(world: World) -> None:
    world.turns.typed("to Berlin")
    search = asyncio.create_task(world.turns.work.run(asyncio.Event().wait()))
    await asyncio.sleep(0)
    await world.after(budgets.QUIET_MAX - 0.1)
    world.turns.filled()
    await world.after(budgets.QUIET_MAX - 0.1)
    assert world.speaker.said == []
    await world.after(budgets.ANSWER_WATCHDOG + 1)
    assert world.speaker.said == ["reassured"], "its own line was cut off"
    search.cancel()
    await asyncio.wait([search])


async def test_the_call_ends_when_goodbye_is_said(world: World) -> None:
    world.speaker.speech = asyncio.get_running_loop().create_future()
    ending = asyncio.create_task(world.after(budgets.USER_GONE + 1))
    await asyncio.sleep(0)
    assert world.ended == []
    world.speaker.speech.set_result(None)
    await ending
    assert world.ended == ["user silent"]


async def test_a_goodbye_that_is_never_heard_does_not_keep_the_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "SPOKEN_DEADLINE", 0.0)
    world.speaker.speech = asyncio.get_running_loop().create_future()
    await world.after(budgets.USER_GONE + 1)
    assert world.ended == ["user silent"]


@pytest.mark.parametrize(("limit", "most"), [(None, budgets.CALL_MAX), (600, 600), (10**6, budgets.CALL_MAX)])
async def test_a_call_is_counted_from_its_start_to_its_own_limit_or_the_longest(
    world: World, limit: int | None, most: float
) -> None:
    world.limits.seconds = limit
    world.now += 10_000
    world.clocks.start()
    await world.after(0)
    assert world.speaker.said == [], "nobody has been silent yet"
    for _ in range(int(most // 50) - 2):
        world.clocks.user_active()
        await world.after(50)
    assert world.ended == []
    world.clocks.user_active()
    await world.after(101)
    assert world.ended == ["longest call"]
    await world.clocks.aclose()


async def test_the_clocks_are_looked_at_by_themselves_until_they_are_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []

    async def look() -> None:
        looks.append(world.now)

    monkeypatch.setattr("agent.call.lifecycle.TICK", 0.0)
    monkeypatch.setattr(world.clocks, "look", look)
    world.clocks.start()
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(looks) > 1
    await world.clocks.aclose()
    seen = len(looks)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(looks) == seen
    await world.clocks.aclose()


async def test_between_two_looks_there_is_a_pause(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    async def look() -> None:
        looks.append(world.now)

    monkeypatch.setattr("agent.call.lifecycle.TICK", 3600.0)
    monkeypatch.setattr(world.clocks, "look", look)
    world.clocks.start()
    await asyncio.sleep(0.01)
    assert looks == []
    await world.clocks.aclose()


async def test_the_clocks_may_be_stopped_from_within(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = asyncio.Event()

    async def look() -> None:
        await world.clocks.aclose()
        ended.set()
        await asyncio.sleep(3600)

    monkeypatch.setattr("agent.call.lifecycle.TICK", 0.0)
    monkeypatch.setattr(world.clocks, "look", look)
    world.clocks.start()
    task = world.clocks._task
    assert task is not None
    async with asyncio.timeout(30):
        await ended.wait()
    assert not task.cancelling()
    task.cancel()
    await asyncio.wait([task])


async def test_after_a_stall_the_question_is_not_reassured(world: World) -> None:
    world.turns.typed("to Berlin")
    await world.after(budgets.ANSWER_WATCHDOG + 0.1)
    assert world.speaker.said == ["stalled"]
    await world.after(budgets.QUIET_MAX + 1)
    assert world.speaker.said == ["stalled"]
