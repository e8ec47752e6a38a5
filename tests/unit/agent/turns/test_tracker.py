"""Each question is answered once, whatever comes in whichever order. Time is a number here."""

import asyncio
import itertools
from collections.abc import Callable

import pytest
from spoken_turns import Clock, spoken

from agent import budgets
from agent.turns.tracker import TURNS_KEPT, Turns
from agent.turns.turn import Meaning, State

# -- words that come late, twice, never, or for something else ----------------------------------------------------


def test_a_turn_is_bound_to_the_providers_item(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    meaning, turn = turns.words("to Berlin", "item_1")
    assert meaning is Meaning.QUESTION
    assert (turn.id, turn.words, turn.state) == ("item_1", "to Berlin", State.OPEN)
    assert len(turns._turns) == 1


ORDERS = [
    order
    for order in itertools.permutations(["ears began", "ears ended", "began", "ended", "words"])
    if order.index("ears began") < order.index("ears ended") and order.index("began") < order.index("ended")
    if order.index("began") < order.index("words")
]


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
def test_in_whichever_order_its_events_come_it_is_one_question(turns: Turns, clock: Clock, order: list[str]) -> None:
    happens: dict[str, Callable[[], object]] = {
        "ears began": turns.speech_began,
        "ears ended": turns.speech_ended,
        "began": lambda: turns.provider_began("item_1"),
        "ended": lambda: turns.provider_ended("item_1"),
        "words": lambda: turns.ask(turns.words("to Berlin", "item_1")[1]),
    }
    for event in order:
        clock.now += 0.7
        happens[event]()
    clock.now += 0.5
    assert turns.open is not None
    assert turns.answered() is not None
    assert turns.open is None, [turn.state for turn in turns._turns]
    assert turns.words("to Berlin", "item_1")[0] is Meaning.DOUBLED


def test_words_after_the_answer_open_no_question(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    clock.now += 0.8
    assert turns.answered() == pytest.approx(0.8)
    assert turns.words("to Berlin", "item_1")[0] is Meaning.LATE
    assert turns.open is None


def test_late_words_are_of_their_own_turn_and_not_of_a_newer_one(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, "item_1")
    turns.answered()
    clock.now += 1
    spoken(turns, clock, "item_2")
    assert turns.words("the first", "item_1")[0] is Meaning.LATE
    meaning, turn = turns.words("the second", "item_2")
    assert (meaning, turn.words) == (Meaning.QUESTION, "the second")


def test_doubled_words_are_one_question(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    turns.ask(turns.words("to Berlin", "item_1")[1])
    assert turns.words("to Berlin", "item_1")[0] is Meaning.DOUBLED
    assert turns.number == 1


def test_words_without_an_item_are_of_what_was_spoken_last(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, None)
    meaning, turn = turns.words("to Berlin")
    assert (meaning, turn) == (Meaning.QUESTION, turns.spoken)
    assert turns.words("tomorrow")[0] is Meaning.QUESTION, "a cascade names no items: this is no double"


def test_a_provider_without_items_for_speech_may_name_them_with_the_words(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    turns.provider_began()
    clock.now += 1
    turns.provider_ended()
    turns.speech_ended()
    assert turns.words("to Berlin", "x")[1] is turns.spoken
    assert turns.words("to Berlin", "x")[0] is Meaning.DOUBLED


def test_speech_without_words_is_no_question(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    assert turns.words("  ", "item_1")[0] is Meaning.NOTHING
    assert turns.open is None


def test_turns_whose_words_never_come_are_forgotten(turns: Turns) -> None:
    for number in range(10 * TURNS_KEPT):
        turns.provider_ended(f"item_{number}")
    assert len(turns._turns) == TURNS_KEPT


async def test_an_answer_waits_for_the_words_that_it_answers(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    waiting = asyncio.create_task(turns.may_be_heard())
    await asyncio.sleep(0)
    assert not waiting.done()
    turns.ask(turns.words("to Berlin", "item_1")[1])
    assert await waiting


@pytest.mark.parametrize("how", ["failed", "never"])
async def test_words_that_do_not_come_hold_no_answer(
    turns: Turns, clock: Clock, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    spoken(turns, clock)
    if how == "failed":
        turns.no_words(item_id="item_1")
    else:
        monkeypatch.setattr(budgets, "STOP_GATE", 0.0)
    assert await turns.may_be_heard()
    assert turns.open is not None, "it is still a question, which the provider answers by itself"


# -- stop ---------------------------------------------------------------------------------------------------------


async def test_after_a_stop_nothing_may_be_heard_until_the_user_speaks_or_types(turns: Turns) -> None:
    turns.typed("to Berlin")
    turns.stop()
    assert (turns.muted, turns.open) == (True, None)
    assert not await turns.may_be_heard()
    turns.typed("to Rome")
    assert await turns.may_be_heard()


async def test_the_answer_to_a_stop_is_never_heard(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    waiting = asyncio.create_task(turns.may_be_heard())
    await asyncio.sleep(0)
    _, turn = turns.words("stop", "item_1")
    turns.stop(turn)
    assert not await waiting
    assert turns.muted
    assert turns.open is None


def test_a_stop_that_is_known_before_its_end_is_noticed_stays_a_stop(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    turns.provider_began("item_1")
    clock.now += 1
    turns.stop(turns.words("stop", "item_1")[1])
    turns.provider_ended("item_1")
    assert not turns.speech_ended()
    assert turns.muted
    turns.due_again()
    assert turns.open is None


@pytest.mark.parametrize(("noticed_after", "taken_back"), [(0.4, True), (1.5, False)])
def test_a_pressed_stop_takes_back_what_was_said_and_leaves_what_is_being_said(
    turns: Turns, clock: Clock, noticed_after: float, *, taken_back: bool
) -> None:
    turns.speech_began()
    turns.provider_began("item_1")
    clock.now += 2
    turns.overtake(pressed=True)
    turns.stop()
    clock.now += noticed_after
    turns.provider_ended("item_1")
    turns.speech_ended()
    assert turns.muted == taken_back, "an answer in realtime comes before the words are known"
    clock.now += 1
    expected = Meaning.OVERTAKEN if taken_back else Meaning.QUESTION
    assert turns.words("to Berlin", "item_1")[0] is expected


def test_who_goes_on_after_a_pause_in_which_stop_was_pressed_is_heard(turns: Turns, clock: Clock) -> None:
    """Our ears end speech at 0.3 s of silence, the provider later: for it, it is one turn."""
    turns.speech_began()
    turns.provider_began("item_1")
    clock.now += 1
    turns.speech_ended()
    turns.overtake(pressed=True)
    turns.stop()
    clock.now += 0.2
    turns.speech_began()
    assert not turns.muted
    clock.now += 1.5
    turns.provider_ended("item_1")
    turns.speech_ended()
    assert turns.words("to Berlin", "item_1")[0] is Meaning.QUESTION


def test_speech_that_begins_as_stop_is_pressed_is_heard(turns: Turns, clock: Clock) -> None:
    turns.overtake(pressed=True)
    turns.stop()
    clock.now += 0.1
    spoken(turns, clock)
    assert not turns.muted
    assert turns.words("to Berlin", "item_1")[0] is Meaning.QUESTION


def test_noise_that_only_the_provider_notices_ends_no_stop(turns: Turns) -> None:
    turns.stop()
    turns.provider_began("item_1")
    turns.provider_ended("item_1")
    assert turns.muted
    turns.ask(turns.words("to Berlin", "item_1")[1])
    assert not turns.muted


# -- typed words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [0.1, 5.0, 60.0])
def test_what_was_spoken_before_typed_words_does_not_count_however_late_it_is_understood(
    turns: Turns, clock: Clock, late: float
) -> None:
    turns.speech_began()
    turns.provider_began("item_1")
    clock.now += 0.5
    typed = turns.typed("to Rome")
    clock.now += 0.2
    turns.provider_ended("item_1")
    turns.speech_ended()
    clock.now += late
    assert turns.words("stop", "item_1")[0] is Meaning.OVERTAKEN
    assert turns.open is typed
    assert not turns.muted


def test_the_providers_answer_to_what_was_overtaken_is_known_as_such(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    turns.typed("to Rome")
    turn = turns.answers("its answer")
    assert turn is not None
    assert turn.state is State.OVERTAKEN
    assert turns.answers("the answer to what was typed") is None, "each speech has one answer of the provider's own"


def test_what_is_said_after_typed_words_is_a_question_of_its_own(turns: Turns, clock: Clock) -> None:
    turns.typed("to Rome")
    clock.now += budgets.SOUND_LAG + 0.1
    spoken(turns, clock)
    assert turns.words("and to Berlin", "item_1")[0] is Meaning.QUESTION


def test_sound_takes_longer_than_text(turns: Turns, clock: Clock) -> None:
    turns.typed("to Rome")
    clock.now += budgets.SOUND_LAG / 2
    spoken(turns, clock)
    assert turns.words("stop", "item_1")[0] is Meaning.OVERTAKEN


def test_speech_that_goes_on_long_after_typed_words_counts(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    turns.provider_began("item_1")
    turns.typed("to Rome")
    clock.now += budgets.SPEECH_OVERTAKEN + 1
    turns.provider_ended("item_1")
    turns.speech_ended()
    assert turns.words("and to Berlin", "item_1")[0] is Meaning.QUESTION


def test_what_was_answered_already_is_not_overtaken(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    turns.answered()
    turns.typed("to Rome")
    assert turns.words("to Berlin", "item_1")[0] is Meaning.LATE


def test_the_provider_listens_until_it_tells_the_end_or_nothing_at_all(turns: Turns, clock: Clock) -> None:
    assert not turns.provider_listens
    turns.speech_began()
    assert turns.provider_listens
    turns.provider_began("item_1")
    clock.now += 60
    assert turns.provider_listens
    turns.provider_ended("item_1")
    assert not turns.provider_listens
    turns.speech_ended()
    clock.now += 1
    turns.speech_began()
    clock.now += budgets.SPEECH_SETTLES + 0.1
    assert not turns.provider_listens, "it noticed nothing"


# -- during a search ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sound", ["cough", "okay", "a new question", "its own transcript, late"])
async def test_sounds_and_words_do_not_end_the_work(turns: Turns, clock: Clock, sound: str) -> None:
    spoken(turns, clock)
    go = asyncio.Event()

    async def search() -> str:
        await go.wait()
        return "found"

    running = asyncio.create_task(turns.work.run(search()))
    await asyncio.sleep(0)
    if sound == "its own transcript, late":
        turns.ask(turns.words("to Berlin", "item_1")[1])
    else:
        spoken(turns, clock, "item_2", seconds=0.3)
        if sound != "cough":
            turns.ask(turns.words(sound, "item_2")[1])
    go.set()
    assert await running == "found"
    assert turns.open is not None, "the answer is still due"


async def test_work_makes_the_answer_due_again_whatever_was_said_before_it(turns: Turns, clock: Clock) -> None:
    turns.work.on_change = turns.due_again
    question = turns.typed("to Berlin")
    turns.answered()  # "let me look"
    assert turns.open is None
    clock.now += 1
    await turns.work.run(asyncio.sleep(0))
    assert turns.open is question
    assert question.due == clock.now


def test_a_pressed_stop_takes_back_words_that_were_not_expected_any_more(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    clock.now += 2
    turns.speech_ended()
    clock.now += budgets.NO_WORDS_AFTER
    turns.no_words(turns.spoken)
    turns.overtake(pressed=True)
    turns.stop()
    clock.now += 0.5
    assert turns.words("Find me a flight")[0] is Meaning.OVERTAKEN
    assert turns.muted


def test_a_line_from_before_a_question_that_goes_on_after_it_is_no_answer(turns: Turns, clock: Clock) -> None:
    made = clock.now
    clock.now += 1
    turns.speech_began()
    clock.now += 2
    turns.speech_ended()
    assert turns.answered(made) is None
    assert turns.open is turns.spoken
    assert turns.answered(clock.now) is not None
