"""When a sound is due, when one may be heard, and what counts as told. Time is a number here."""

import asyncio
import math
from collections.abc import Callable

import pytest
from spoken_turns import Clock, spoken

from agent import budgets
from agent.turns.tracker import Turns
from agent.turns.turn import State


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that waits for words which do not come would wait until its test fails."""
    monkeypatch.setattr(budgets, "STOP_GATE", 3600.0)


# -- due ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "due"), [(budgets.SPEECH_MIN + 0.05, True), (budgets.SPEECH_MIN / 2, False)])
def test_a_sound_is_due_to_speech_of_some_length(turns: Turns, clock: Clock, seconds: float, *, due: bool) -> None:
    spoken(turns, clock, None, seconds)
    assert (turns.open is not None) == due


def test_a_sound_is_due_to_speech_that_is_just_long_enough(
    turns: Turns, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "SPEECH_MIN", 0.5)
    spoken(turns, clock, None, 0.5)
    assert turns.open is not None


def test_a_provider_that_says_nothing_is_waited_for_so_long_and_no_longer(
    turns: Turns, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "SPEECH_SETTLES", 2.0)
    turns.speech_began()
    clock.now += 2
    assert not turns.provider_listens


@pytest.mark.parametrize("heard", [True, False])
def test_an_answer_that_is_heard_before_our_ears_notice_the_end_is_the_answer(
    turns: Turns, clock: Clock, *, heard: bool
) -> None:
    turns.speech_began()
    clock.now += 1
    turns.speech_ended(heard=heard)
    assert (turns.open is None) == heard


def test_an_answer_to_nothing_answers_nothing(turns: Turns, clock: Clock) -> None:
    assert turns.answered() is None
    spoken(turns, clock, None, budgets.SPEECH_MIN / 2)
    assert turns.answered() is None, "nobody waited for a sound after a cough"
    assert turns.quiet_for() is None


def test_the_wait_is_counted_from_the_end_of_what_was_said(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    clock.now += 0.5
    turns.ask(turns.words("to Berlin", "item_1")[1])
    clock.now += 0.25
    assert turns.answered() == pytest.approx(0.75)


def test_where_words_are_known_before_the_end_the_wait_is_counted_from_them(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    turns.ask(turns.words("to Berlin")[1])
    clock.now += 0.5
    assert turns.answered() == 0.5


def test_a_question_of_an_agent_that_was_lost_is_waited_for_from_when_it_is_asked_again(
    turns: Turns, clock: Clock
) -> None:
    turns.resumed("to Rome")
    clock.now += 5
    assert turns.open is not None
    turns.due_again(turns.open)
    clock.now += 0.5
    assert turns.answered() == 0.5


def test_a_line_that_fills_the_wait_ends_the_quiet_and_answers_nothing(turns: Turns, clock: Clock) -> None:
    turns.filled()
    question = turns.typed("to Berlin")
    clock.now += 2
    assert turns.quiet_for() == 2
    turns.filled()
    clock.now += 0.5
    assert (turns.quiet_for(), turns.open, question.due) == (0.5, question, 100.0)


def test_a_line_that_is_heard_for_a_while_ends_the_quiet_at_its_end(turns: Turns, clock: Clock) -> None:
    turns.typed("to Berlin")
    turns.filled(1.5)
    clock.now += 2
    assert turns.quiet_for() == 0.5


def test_nothing_is_quiet_while_the_user_is_heard_nor_from_before_that(turns: Turns, clock: Clock) -> None:
    assert turns.unheard_for() == math.inf
    turns.speech_began()
    assert turns.unheard_for() is None
    clock.now += 1
    turns.speech_ended()
    clock.now += 2
    assert turns.unheard_for() == 2


def test_work_makes_the_question_due_again_that_it_is_for(turns: Turns, clock: Clock) -> None:
    question = turns.typed("to Berlin")
    clock.now += 1
    spoken(turns, clock, "item_1", budgets.SPEECH_MIN / 2)
    clock.now += 1
    turns.due_again()
    assert question.due == clock.now
    assert turns.spoken is not None
    assert turns.spoken.state is State.HEARD, "a cough meanwhile is no question"


def test_work_after_an_answer_and_a_sound_without_words_is_for_the_question(turns: Turns, clock: Clock) -> None:
    question = turns.typed("to Berlin")
    turns.answered()
    clock.now += 1
    spoken(turns, clock, "item_1")
    turns.words("", "item_1")
    turns.due_again()
    assert turns.open is question


def test_work_for_nothing_makes_nothing_due(turns: Turns) -> None:
    turns.due_again()
    turns.typed("to Berlin")
    turns.stop()
    turns.due_again()
    assert turns.open is None


def test_a_question_that_failed_is_asked_again_elsewhere(turns: Turns, clock: Clock) -> None:
    question = turns.typed("to Berlin")
    turns.settle(State.FAILED)
    clock.now += 1
    turns.due_again(question)
    assert (turns.open, question.due) == (question, clock.now)


def test_one_question_that_fails_leaves_the_others_open(turns: Turns, clock: Clock) -> None:
    first = turns.typed("to Berlin")
    second = turns.typed("to Rome")
    turns.settle(State.FAILED, second)
    assert (turns.open, first.due) == (first, clock.now)


# -- told ---------------------------------------------------------------------------------------------------------


def test_a_sound_without_words_hides_no_question(turns: Turns, clock: Clock) -> None:
    question = turns.typed("to Berlin")
    clock.now += 1
    spoken(turns, clock, "item_1")
    turns.words("", "item_1")
    assert turns.untold is question


def test_what_was_told_stays_told(turns: Turns) -> None:
    turns.typed("to Berlin")
    turns.answered()
    turns.told()
    turns.due_again()
    turns.told()
    assert turns.untold is None


def test_without_a_question_nothing_is_untold(turns: Turns) -> None:
    assert turns.untold is None


# -- may be heard -------------------------------------------------------------------------------------------------


async def heard_at_once(turns: Turns) -> bool:
    async with asyncio.timeout(30):
        return await turns.may_be_heard()


WAYS: dict[str, Callable[[Turns], object]] = {
    "a question": lambda turns: turns.ask(turns.words("to Berlin", "item_1")[1]),
    "no words": lambda turns: turns.words("", "item_1"),
    "words that fail": lambda turns: turns.no_words(item_id="item_1"),
    "words that are not waited for": lambda turns: turns.no_words(turns.spoken),
    "words that never come": lambda turns: turns.no_words(),
    "something typed": lambda turns: turns.typed("to Rome"),
}


@pytest.mark.parametrize("how", WAYS)
async def test_once_it_is_known_what_was_said_the_answer_is_heard(turns: Turns, clock: Clock, how: str) -> None:
    spoken(turns, clock)
    waiting = asyncio.create_task(turns.may_be_heard())
    await asyncio.sleep(0)
    assert not waiting.done()
    WAYS[how](turns)
    async with asyncio.timeout(30):
        assert await waiting


async def test_words_that_did_not_come_in_time_are_waited_for_once(
    turns: Turns, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken(turns, clock)
    monkeypatch.setattr(budgets, "STOP_GATE", 0.0)
    assert await turns.may_be_heard()
    monkeypatch.setattr(budgets, "STOP_GATE", 3600.0)
    assert await heard_at_once(turns)


async def test_before_anything_is_said_the_greeting_is_heard(turns: Turns) -> None:
    assert await heard_at_once(turns)


async def test_words_that_come_after_their_answer_hold_nothing(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    turns.answered()
    turns.words("to Berlin", "item_1")
    assert await heard_at_once(turns)


async def test_words_of_overtaken_speech_hold_nothing(turns: Turns, clock: Clock) -> None:
    turns.typed("to Rome")
    clock.now += budgets.SOUND_LAG / 2
    spoken(turns, clock)
    turns.words("stop", "item_1")
    assert await heard_at_once(turns)


async def test_after_a_stop_by_hand_nothing_waits_and_nothing_is_heard(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    turns.stop()
    assert not await heard_at_once(turns)


def test_words_that_will_not_come_are_known_to(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    turns.no_words(item_id="item_9")
    assert turns.spoken is not None
    assert not turns.spoken.known
    turns.no_words(item_id="item_1")
    assert turns.spoken.known
    turns.speech_began()
    turns.no_words(turns.spoken)
    assert turns.spoken.known
