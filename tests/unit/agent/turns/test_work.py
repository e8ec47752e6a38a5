"""Work ends by a stop or by newer work alone, and nothing of what was stopped is used."""

import asyncio

import pytest

from agent.turns.tracker import Turns
from agent.turns.work import Stopped, Superseded


async def test_stop_cancels_the_running_work_and_says_that_it_was_stopped() -> None:
    turns = Turns()
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def search() -> str:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return "found"

    running = asyncio.create_task(turns.work.run(search()))
    await started.wait()
    assert turns.working
    turns.stop()
    with pytest.raises(Stopped):
        await running
    assert cancelled.is_set()
    assert not turns.working


async def test_newer_work_takes_the_place_of_older() -> None:
    turns = Turns()
    older = asyncio.create_task(turns.work.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    newer = asyncio.create_task(turns.work.run(asyncio.sleep(0.01, result="found")))
    with pytest.raises(Superseded):
        await older
    assert await newer == "found"
    assert not turns.working


async def test_work_that_is_asked_for_after_a_stop_is_not_begun() -> None:
    turns = Turns()
    turns.stop()
    begun: list[int] = []

    async def search() -> None:
        begun.append(1)

    with pytest.raises(Stopped):
        await turns.work.run(search())
    assert begun == []


async def test_a_result_that_comes_with_the_stop_is_not_used() -> None:
    turns = Turns()

    async def search() -> str:
        turns.stop()
        return "found"

    with pytest.raises(Stopped):
        await turns.work.run(search())


async def test_a_result_that_a_stop_overtakes_on_its_way_is_not_used() -> None:
    turns = Turns()

    async def search() -> str:
        asyncio.get_running_loop().call_soon(turns.stop)
        return "found"

    with pytest.raises(Stopped):
        await turns.work.run(search())


async def test_an_answer_is_due_when_work_begins_and_when_it_is_done() -> None:
    turns = Turns()
    told: list[bool] = []
    turns.work.on_change = lambda: told.append(turns.working)
    await turns.work.run(asyncio.sleep(0))
    assert told == [True, False]


async def test_cancellation_from_outside_is_not_a_stop() -> None:
    turns = Turns()
    running = asyncio.create_task(turns.work.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_the_result_of_finished_work_is_returned() -> None:
    async def work() -> int:
        return 42

    assert await Turns().work.run(work()) == 42


async def test_work_of_whoever_is_gone_is_cancelled_and_is_no_stop() -> None:
    turns = Turns()
    question = turns.typed("to Berlin")
    running = asyncio.create_task(turns.work.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    turns.work.abandon()
    assert not turns.working
    with pytest.raises(Superseded):
        await running
    assert turns.open is question, "it is asked for again"
