"""A response that failed, a refused one, a new connection: each question is answered once, or said to have failed."""

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import llm

from agent import budgets
from agent.call.response_recovery import ALREADY_ANSWERING, ResponseRecovery
from agent.turns.tracker import Turns
from contracts.dispatch import Pipeline


class Handle:
    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.interrupted = 0

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()

    def exception(self) -> Exception | None:
        return self._error

    def done(self) -> bool:
        return False

    def interrupt(self, **_: Any) -> None:
        self.interrupted += 1


class World:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.asked = 0
        self.refusals: list[Exception | None] = []
        self.current_speech: Any = None
        self.turns = Turns()
        self.tasks: list[asyncio.Task[None]] = []
        self.filler = Handle()
        speaker = SimpleNamespace(
            apologise=self._apologise, line=self._line, is_filler=lambda speech: speech is self.filler
        )
        self.call: Any = SimpleNamespace(turns=self.turns, speaker=speaker, pipeline=Pipeline.REALTIME)

        session: Any = self
        self.repair = ResponseRecovery(self.call, session=lambda: session, spawn=self._spawn)

    def generate_reply(self) -> Handle:
        self.asked += 1
        return Handle(self.refusals.pop(0) if self.refusals else None)

    async def settled(self) -> None:
        for task in self.tasks:
            await task

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def _apologise(self, kind: str, **_: Any) -> None:
        self.said.append(str(kind))

    def _line(self, line: str) -> Handle:
        self.said.append(line)
        return self.filler


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "ANSWER_RETRY_WAIT", 0.0)


@pytest.fixture
async def world() -> World:
    return World()


def done(status: str, **details: Any) -> dict[str, Any]:
    return {"type": "response.done", "response": {"status": status, "status_details": details or None}}


RATE_LIMITED = done("failed", error={"type": "requests", "code": "rate_limit_exceeded"})


async def test_a_failed_response_is_asked_for_once_more_and_then_said_to_have_failed(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert (world.asked, world.said) == (1, [])
    assert world.turns.open is not None
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert (world.asked, world.said) == (1, ["model_unavailable"])
    assert world.turns.open is None


async def test_a_response_that_fails_after_a_filler_is_no_silence(world: World) -> None:
    world.turns.typed("to Berlin")
    world.turns.filled()
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert world.asked == 1


async def test_each_question_has_a_retry_of_its_own(world: World) -> None:
    for _ in range(2):
        world.turns.typed("to Berlin")
        world.repair.server_event(RATE_LIMITED)
        await world.settled()
    assert (world.asked, world.said) == (2, [])


async def test_an_incomplete_response_before_any_sound_is_asked_for_again(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(done("incomplete", reason="content_filter"))
    await world.settled()
    assert world.asked == 1


async def test_an_incomplete_response_that_was_heard_stands(world: World) -> None:
    world.turns.typed("to Berlin")
    world.turns.answered()
    world.repair.server_event(done("incomplete", reason="max_output_tokens"))
    await world.settled()
    assert world.asked == 0


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_what_ended_as_it_should_is_left_alone(world: World, status: str) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(done(status))
    await world.settled()
    assert world.asked == 0


async def test_after_a_stop_nothing_is_asked_for_again(world: World) -> None:
    world.turns.typed("to Berlin")
    world.turns.stop()
    world.repair.server_event(RATE_LIMITED)
    world.repair.reconnected()
    await world.settled()
    assert world.asked == 0


async def test_a_stop_between_the_failure_and_the_retry_is_silence(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(RATE_LIMITED)
    world.turns.stop()
    await world.settled()
    assert world.asked == 0


async def test_words_that_could_not_be_made_out_do_not_hold_the_answer(world: World) -> None:
    world.turns.speech_began()
    world.repair.server_event({"type": "input_audio_buffer.speech_stopped", "item_id": "item_1"})
    world.repair.server_event({"type": "conversation.item.input_audio_transcription.failed", "item_id": "item_1"})
    async with asyncio.timeout(budgets.STOP_GATE / 2):
        assert await world.turns.may_be_heard()
    assert world.turns.spoken is not None
    assert (world.turns.spoken.id, world.turns.spoken.known) == ("item_1", True)


async def test_a_new_connection_answers_the_open_question(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.reconnected()
    await world.settled()
    assert world.asked == 1


async def test_a_new_connection_without_a_question_says_nothing(world: World) -> None:
    world.repair.reconnected()
    await world.settled()
    assert world.asked == 0


async def test_an_answer_that_is_refused_for_another_comes_after_it(world: World) -> None:
    world.turns.typed("to Berlin")
    refusal = llm.RealtimeError("busy", code=ALREADY_ANSWERING)
    world.refusals = [refusal, None]
    await world.repair.see_through(Handle(refusal))  # type: ignore[arg-type]
    assert world.asked == 2


async def test_a_reassurance_does_not_come_after_the_answer(world: World) -> None:
    world.repair.reassure()
    assert world.said == ["one_moment"]
    world.repair.answer_heard()
    assert world.filler.interrupted == 1
    world.current_speech = Handle()
    world.repair.reassure()
    assert world.said == ["one_moment"], "it would be heard after the answer that is on its way"


def test_what_fills_the_wait_is_told_from_an_answer() -> None:
    world = World()
    assert world.repair.fills(world.filler)  # type: ignore[arg-type]
    assert not world.repair.fills(Handle())  # type: ignore[arg-type]
    assert not world.repair.fills(None)


def limits(**fields: Any) -> dict[str, Any]:
    return {"type": "rate_limits.updated", "rate_limits": [{"name": "requests", "limit": 10, **fields}]}


async def test_an_account_that_may_soon_ask_again_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    world.turns.typed("to Berlin")
    world.repair.server_event(limits(remaining=0, reset_seconds=1.5))
    world.repair.server_event(RATE_LIMITED)
    monkeypatch.setattr("agent.call.response_recovery.asyncio.sleep", sleep)
    await world.settled()
    assert (world.asked, slept) == (1, [1.5])


async def test_an_account_that_is_used_up_for_long_is_said_to_be_at_once(world: World) -> None:
    world.turns.typed("to Berlin")
    world.repair.server_event(limits(remaining=0, reset_seconds=40.0))
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert (world.asked, world.said) == (0, ["model_unavailable"])
    world.repair.server_event(limits(remaining=9, reset_seconds=0.1))
    world.turns.typed("to Berlin")
    world.repair.server_event(RATE_LIMITED)
    await world.settled()
    assert world.asked == 1
