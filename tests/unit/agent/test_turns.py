"""A stop is silence first, then everything of the turn is cancelled, and nothing of it is heard later."""

import asyncio

import pytest

from agent.turns import Stopped, TurnPolicy


async def test_stop_cancels_the_running_work_and_says_that_it_was_stopped() -> None:
    turns = TurnPolicy()
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def search() -> str:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return "found"

    running = asyncio.create_task(turns.run(search()))
    await started.wait()
    assert turns.working
    turns.stop()
    with pytest.raises(Stopped):
        await running
    assert cancelled.is_set()
    assert not turns.working


async def test_a_new_turn_cancels_the_work_of_the_one_before() -> None:
    turns = TurnPolicy()
    running = asyncio.create_task(turns.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    turns.user_turn()
    with pytest.raises(Stopped):
        await running


async def test_cancellation_from_outside_is_not_a_stop() -> None:
    turns = TurnPolicy()
    running = asyncio.create_task(turns.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_after_a_stop_nothing_may_be_heard_until_the_user_speaks_or_types() -> None:
    turns = TurnPolicy()
    turns.stop()
    assert turns.muted
    assert not await turns.may_be_heard()
    turns.user_turn()
    assert await turns.may_be_heard()


async def test_an_answer_waits_for_the_words_that_it_answers() -> None:
    turns = TurnPolicy()
    turns.user_started_speaking()
    waiting = asyncio.create_task(turns.may_be_heard())
    await asyncio.sleep(0)
    assert not waiting.done()
    turns.transcript_known()
    assert await waiting


async def test_the_answer_to_a_stop_is_never_heard() -> None:
    turns = TurnPolicy()
    turns.user_started_speaking()
    waiting = asyncio.create_task(turns.may_be_heard())
    await asyncio.sleep(0)
    turns.stop()
    assert not await waiting


async def test_a_missing_transcript_does_not_hold_the_answer_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.budgets.STOP_GATE", 0.0)
    turns = TurnPolicy()
    turns.user_started_speaking()
    assert await turns.may_be_heard()


async def test_the_result_of_finished_work_is_returned() -> None:
    async def work() -> int:
        return 42

    assert await TurnPolicy().run(work()) == 42
