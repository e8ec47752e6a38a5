"""A stop is silence first, then everything of the turn is cancelled, and nothing of it is heard later."""

import asyncio

import pytest

from agent import budgets
from agent.turns import Stopped, Superseded, TurnPolicy


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


@pytest.mark.parametrize("words", ["its own transcript, late", "okay", "thank you", "a new question"])
async def test_words_do_not_end_the_work(words: str) -> None:
    turns = TurnPolicy()
    running = asyncio.create_task(turns.run(asyncio.sleep(0.01, result=words)))
    await asyncio.sleep(0)
    turns.user_started_speaking()
    turns.user_stopped_speaking()
    turns.user_turn()
    assert await running == words


async def test_newer_work_takes_the_place_of_older() -> None:
    turns = TurnPolicy()
    older = asyncio.create_task(turns.run(asyncio.sleep(60)))
    await asyncio.sleep(0)
    newer = asyncio.create_task(turns.run(asyncio.sleep(0.01, result="found")))
    with pytest.raises(Superseded):
        await older
    assert await newer == "found"
    assert not turns.working


async def test_work_that_is_asked_for_after_a_stop_is_not_begun() -> None:
    turns = TurnPolicy()
    turns.stop()
    begun: list[int] = []

    async def search() -> None:
        begun.append(1)

    with pytest.raises(Stopped):
        await turns.run(search())
    assert begun == []


async def test_a_result_that_comes_with_the_stop_is_not_used() -> None:
    turns = TurnPolicy()

    async def search() -> str:
        turns.stop()
        return "found"

    with pytest.raises(Stopped):
        await turns.run(search())


async def test_an_answer_is_due_when_work_begins_and_when_it_is_done() -> None:
    turns = TurnPolicy()
    told: list[bool] = []
    turns.on_work = lambda: told.append(turns.working)
    await turns.run(asyncio.sleep(0))
    assert told == [True, False]


def test_an_answer_is_to_what_was_heard_before_it() -> None:
    turns = TurnPolicy()
    turns.provider_heard("item_1")
    turns.provider_noticed()
    turns.spoken("item_2")
    turns.answer_heard()
    assert turns.spoken("item_1").answered
    assert not turns.spoken("item_2").answered, "its end was not heard yet"


def test_a_new_connection_has_missed_nothing() -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    turns.provider_noticed()
    clock[0] += 1
    turns.provider_lost_its_place()
    turns.user_started_speaking()
    clock[0] += 1
    turns.provider_noticed()
    clock[0] += 1
    turns.provider_heard()
    assert not turns.provider_missed_it


def test_turns_whose_words_never_come_are_forgotten() -> None:
    turns = TurnPolicy()
    for number in range(1000):
        turns.provider_heard(f"item_{number}")
    assert len(turns._items) <= 32


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


def test_words_that_are_understood_after_what_was_typed_later_are_overtaken() -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    assert not turns.overtaken(), "nothing was typed"
    turns.user_started_speaking()
    clock[0] += 0.5
    turns.user_wrote()
    clock[0] += 1.0
    assert turns.overtaken()
    turns.user_stopped_speaking()
    clock[0] += 5.0
    assert turns.overtaken(), "a transcription may take that long"
    clock[0] += 5.0
    assert not turns.overtaken(), "a transcription does not take that long: this must be something new"


def test_speech_that_goes_on_long_after_typed_words_is_not_overtaken() -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    turns.user_started_speaking()
    turns.user_wrote()
    clock[0] += 4.0
    assert not turns.overtaken(), "it is still being spoken"
    turns.user_stopped_speaking()
    clock[0] += 0.5
    assert not turns.overtaken()


@pytest.mark.parametrize(("after", "overtaken"), [(0.2, True), (0.6, False)])
def test_speech_that_is_noticed_just_after_typed_words_began_before_them(after: float, overtaken: bool) -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    turns.user_wrote()
    clock[0] += after
    turns.user_started_speaking()
    clock[0] += 0.5
    assert turns.overtaken() is overtaken


def test_the_provider_listens_until_it_has_heard_the_end_or_says_nothing() -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    assert not turns.provider_listens
    turns.user_started_speaking()
    assert turns.provider_listens
    clock[0] += 0.5
    turns.provider_heard()
    turns.provider_answers()
    assert not turns.provider_listens
    clock[0] += 0.5
    turns.user_started_speaking()
    clock[0] += 0.1
    assert turns.provider_listens
    clock[0] += 5.0
    assert not turns.provider_listens


@pytest.mark.parametrize("answers", [True, False])
def test_a_provider_that_has_heard_speech_is_waited_for_until_it_answers_or_does_not(*, answers: bool) -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    turns.user_started_speaking()
    clock[0] += 1.0
    turns.provider_heard()
    clock[0] += 0.05
    assert turns.provider_listens, "its answer is on its way, and would be in the way of another"
    if answers:
        turns.provider_answers()
    else:
        clock[0] += budgets.PROVIDER_ANSWERS
    assert not turns.provider_listens


def test_a_stop_that_only_the_provider_has_noticed_is_not_overtaken() -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    turns.user_wrote()
    clock[0] += 1.0
    turns.provider_noticed()
    clock[0] += 0.5
    assert not turns.overtaken()


@pytest.mark.parametrize(("noticed_after", "overtaken"), [(0.4, True), (1.5, False)])
def test_a_pressed_stop_takes_back_what_was_said_and_leaves_what_is_being_said(
    noticed_after: float, *, overtaken: bool
) -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    turns.user_started_speaking()
    clock[0] += 2
    turns.stop_pressed()
    turns.stop()
    clock[0] += noticed_after
    turns.user_stopped_speaking()
    assert turns.muted == overtaken, "an answer in realtime comes before the words are known"
    clock[0] += 1
    assert turns.overtaken() == overtaken


def test_speech_that_begins_as_stop_is_pressed_is_heard() -> None:
    clock = [100.0]
    turns = TurnPolicy(lambda: clock[0])
    turns.stop_pressed()
    turns.stop()
    clock[0] += 0.1
    turns.user_started_speaking()
    clock[0] += 0.5
    turns.user_stopped_speaking()
    assert not turns.muted
    assert not turns.overtaken()
