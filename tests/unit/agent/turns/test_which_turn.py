"""Which turn an event is of: our ears', a provider's that names items, one's that does not, words', hands'."""

import asyncio

import pytest
from spoken_turns import Clock, spoken

from agent import budgets
from agent.turns.tracker import Turns
from agent.turns.turn import Meaning, State, Turn


def turn_of(turns: Turns) -> Turn:
    assert turns.spoken is not None
    return turns.spoken


def count(turns: Turns) -> int:
    return len(turns._turns)


# -- a provider that names items ----------------------------------------------------------------------------------


def test_the_library_s_own_event_after_the_provider_s_is_of_the_same_speech(turns: Turns) -> None:
    turns.provider_began("item_1")
    turns.provider_began()
    turns.provider_began("item_1")
    assert (count(turns), turn_of(turns).id) == (1, "item_1")


def test_speech_that_only_the_provider_noticed_is_what_the_user_said_last(turns: Turns) -> None:
    turns.provider_began("item_1")
    turns.provider_ended("item_1")
    assert turns.current is turn_of(turns)
    assert (turn_of(turns).state, turn_of(turns).heard) == (State.HEARD, True)
    assert turn_of(turns).ended is not None


def test_the_next_item_is_another_turn_whatever_became_of_the_last(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, "item_1")
    turns.provider_began("item_2")
    assert (count(turns), turn_of(turns).id) == (2, "item_2")


@pytest.mark.parametrize("became", ["answered", "empty", "stopped", "known"])
def test_speech_that_the_provider_names_late_is_no_turn_that_is_over(turns: Turns, clock: Clock, became: str) -> None:
    spoken(turns, clock, None)
    first = turn_of(turns)
    if became == "answered":
        turns.answered()
    elif became == "empty":
        turns.settle(State.EMPTY)
    elif became == "stopped":
        turns.stop(first)
    else:
        turns.ask(turns.words("to Berlin")[1])
    turns.provider_began("item_2")
    assert turn_of(turns) is not first
    assert not first.noticed


def test_an_end_of_which_nobody_told_the_beginning_is_a_turn(turns: Turns) -> None:
    turns.provider_ended("item_1")
    turn = turn_of(turns)
    assert (turn.id, turn.noticed, turn.heard, turn.state) == ("item_1", True, True, State.HEARD)
    turns.provider_ended("item_1")
    assert count(turns) == 1


def test_an_end_is_of_the_item_that_it_names(turns: Turns) -> None:
    turns.provider_began("item_1")
    turns.provider_began("item_2")
    turns.provider_ended("item_1")
    assert [turn.heard for turn in turns._turns] == [True, False]


# -- a provider that does not -------------------------------------------------------------------------------------


def test_without_names_speech_is_one_turn_from_its_beginning_to_its_end(turns: Turns, clock: Clock) -> None:
    for _ in range(2):
        turns.speech_began()
        turns.provider_began()
        clock.now += 1
        turns.speech_ended()
        turns.provider_ended()
        assert turn_of(turns).heard
        turns.answered()
        clock.now += 1
    assert count(turns) == 2


def test_without_names_the_next_speech_is_another_turn(turns: Turns) -> None:
    for number in (1, 2):
        turns.provider_began()
        turns.provider_ended()
        assert count(turns) == number
    assert all(turn.heard for turn in turns._turns)


def test_without_names_an_end_is_of_what_was_noticed_and_not_of_what_was_typed_meanwhile(turns: Turns) -> None:
    turns.provider_began()
    typed = turns.typed("to Rome")
    turns.provider_ended()
    assert (turn_of(turns).heard, typed.heard) == (True, False)


def test_an_end_without_a_beginning_is_nothing(turns: Turns) -> None:
    turns.provider_ended()
    turns.speech_ended()
    assert count(turns) == 0


def test_to_our_ears_alone_speech_is_a_turn_until_it_ends(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    turns.speech_began()
    assert count(turns) == 1
    turns.speech_ended()
    clock.now += 1
    turns.speech_began()
    assert count(turns) == 2


# -- connections --------------------------------------------------------------------------------------------------


def test_a_new_connection_forgets_only_what_the_old_one_had_not_heard_to_the_end(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, "item_1")
    heard = turn_of(turns)
    turns.answered()
    turns.provider_began("item_2")
    turns.answered()
    turns.ask(turn_of(turns))
    turns.answered()
    answered = turn_of(turns)
    turns.provider_began("item_3")
    speaking = turn_of(turns)
    turns.provider_lost_its_place()
    assert (heard.id, heard.noticed) == ("item_1", True)
    assert (answered.id, answered.noticed) == ("item_2", True)
    assert (speaking.bound, speaking.noticed) == (False, False)


def test_a_question_that_was_heard_to_the_end_keeps_its_name_over_a_connection(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, "item_1")
    turns.provider_lost_its_place()
    assert (turn_of(turns).id, turn_of(turns).noticed) == ("item_1", True)
    assert not turns.missed(turn_of(turns))


def test_words_that_are_known_keep_their_name_over_a_connection(turns: Turns) -> None:
    turns.speech_began()
    turns.provider_began("item_1")
    turns.words("to Berlin", "item_1")
    turns.provider_lost_its_place()
    assert turn_of(turns).id == "item_1"
    assert turns.words("to Berlin", "item_1")[0] is Meaning.DOUBLED


# -- what the provider missed -------------------------------------------------------------------------------------


def test_speech_that_only_our_ears_noticed_was_missed(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    assert not turns.missed(turn_of(turns)), "it goes on"
    clock.now += 1
    turns.speech_ended()
    assert turns.missed(turn_of(turns))


@pytest.mark.parametrize("why", ["noticed", "known", "answered", "went on", "typed"])
def test_what_is_no_longer_waited_for_was_not_missed(turns: Turns, clock: Clock, why: str) -> None:
    spoken(turns, clock, None)
    turn = turn_of(turns)
    if why == "noticed":
        turns.provider_began("item_1")
    elif why == "known":
        turns.ask(turns.words("to Berlin")[1])
    elif why == "answered":
        turns.answered()
    elif why == "went on":
        clock.now += 1
        turns.speech_began()
    else:
        turns.typed("to Rome")
    assert not turns.missed(turn)
    if turns.open is not None and why == "typed":
        assert not turns.missed(turns.open), "nobody has to hear what is typed"


async def test_who_waits_for_a_search_was_not_missed(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, None)
    search = asyncio.create_task(turns.work.run(asyncio.Event().wait()))
    await asyncio.sleep(0)
    assert not turns.missed(turn_of(turns))
    turns.stop()
    await asyncio.wait([search])


@pytest.mark.parametrize("heard", [True, False])
def test_the_provider_is_not_waited_for_where_the_words_are_known_without_it(turns: Turns, *, heard: bool) -> None:
    turns.speech_began()
    assert turns.provider_listens
    if heard:
        turns.provider_ended("item_1")
    else:
        turns.ask(turns.words("to Berlin")[1])
    assert not turns.provider_listens


# -- words --------------------------------------------------------------------------------------------------------


def test_words_of_speech_that_nobody_noticed_are_a_turn(turns: Turns) -> None:
    meaning, turn = turns.words("to Berlin", "item_1")
    assert (meaning, turn.id, count(turns)) == (Meaning.QUESTION, "item_1", 1)
    assert turns.words("to Rome")[0] is Meaning.QUESTION


def test_words_may_be_the_first_to_name_what_was_spoken(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, None)
    assert turns.words("to Berlin", "item_1")[1].id == "item_1"
    assert count(turns) == 1


@pytest.mark.parametrize("last", ["bound", "known"])
def test_words_of_another_item_are_not_of_what_was_spoken_last(turns: Turns, clock: Clock, last: str) -> None:
    spoken(turns, clock, "item_1" if last == "bound" else None)
    first = turn_of(turns)
    if last == "known":
        turns.ask(turns.words("to Berlin")[1])
    _, turn = turns.words("to Rome", "item_2")
    assert turn is not first
    assert turn.id == "item_2"
    assert first.id != "item_2"


def test_words_without_a_name_leave_the_name_that_is_known(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, "item_1")
    assert turns.words("to Berlin")[1].id == "item_1"


def test_in_the_cascade_words_after_the_answer_are_a_question(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, None)
    turns.ask(turns.words("to Berlin")[1])
    turns.answered()
    assert turns.words("and back")[0] is Meaning.QUESTION


def test_nothing_after_words_takes_them_back(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, None)
    turns.ask(turns.words("to Berlin")[1])
    assert turns.words(" ")[0] is Meaning.NOTHING
    assert turns.open is not None
    assert turns.open.words == "to Berlin"


@pytest.mark.parametrize(("ended", "after"), [(True, 0.75), (False, 0.0)])
def test_how_late_words_are_is_counted_from_the_end_of_their_speech(
    turns: Turns, clock: Clock, after: float, *, ended: bool
) -> None:
    turns.speech_began()
    clock.now += 1
    if ended:
        turns.speech_ended()
    clock.now += 0.75
    assert turns.words("to Berlin")[1].known_after == pytest.approx(after)


# -- hands --------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_not_spoken(turns: Turns) -> None:
    typed = turns.typed("to Rome")
    assert turns.spoken is None
    assert not turns.noticed_late
    assert (typed.words, typed.known, turns.current) == ("to Rome", True, typed)


def test_what_an_agent_that_was_lost_was_asked_is_not_spoken(turns: Turns) -> None:
    turns.resumed("to Rome")
    assert turns.spoken is None
    assert turns.open is not None
    assert (turns.open.words, turns.open.known) == ("to Rome", True)
    assert turns.quiet_for() is None, "it is due when it is asked again"
    turns.due_again(turns.open)
    assert turns.quiet_for() == 0.0


def test_words_of_overtaken_speech_that_come_before_its_end_do_not_count(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    turns.provider_began("item_1")
    typed = turns.typed("to Rome")
    clock.now += 0.3
    assert turns.words("to Berlin", "item_1")[0] is Meaning.OVERTAKEN
    clock.now += 0.3
    turns.speech_ended()
    assert turn_of(turns).state is State.OVERTAKEN
    turns.answered()
    assert (turns.open, typed.state) == (None, State.ANSWERED)


def test_a_question_that_was_understood_before_something_was_typed_is_not_overtaken(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    turns.ask(turns.words("to Berlin", "item_1")[1])
    turns.typed("tomorrow")
    assert turn_of(turns).state is State.OPEN


def test_speech_right_after_typed_words_was_begun_before_and_later_speech_was_not(turns: Turns, clock: Clock) -> None:
    turns.typed("to Rome")
    clock.now += budgets.SOUND_LAG / 2
    turns.speech_began()
    assert turns.noticed_late
    clock.now += 1
    turns.speech_ended()
    turns.typed("to Rome")
    clock.now += budgets.SOUND_LAG
    turns.speech_began()
    assert not turns.noticed_late


def test_speech_that_goes_on_long_after_typed_words_was_not_begun_for_nothing(turns: Turns, clock: Clock) -> None:
    turns.typed("to Rome")
    clock.now += budgets.SOUND_LAG / 2
    turns.speech_began()
    clock.now += budgets.SPEECH_OVERTAKEN + 1
    turns.speech_ended()
    assert not turns.noticed_late
    assert turns.current is turn_of(turns)
    assert turn_of(turns).state is State.OPEN


def test_speech_that_was_over_when_something_was_typed_stays_overtaken_however_late_its_words(
    turns: Turns, clock: Clock
) -> None:
    spoken(turns, clock)
    turns.typed("to Rome")
    clock.now += 60
    assert turns.words("stop", "item_1")[0] is Meaning.OVERTAKEN


@pytest.mark.parametrize(("after", "counts"), [(budgets.SPEECH_OVERTAKEN, True), (budgets.SPEECH_OVERTAKEN - 1, False)])
def test_words_of_speech_that_still_goes_on_count_where_it_has_gone_on_for_long(
    turns: Turns, clock: Clock, after: float, *, counts: bool
) -> None:
    turns.speech_began()
    turns.typed("to Rome")
    clock.now += after
    assert (turns.words("to Berlin")[0] is Meaning.QUESTION) == counts


# -- a stop whose words come late ---------------------------------------------------------------------------------


def test_a_late_stop_takes_back_nothing_of_what_was_asked_since(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, "item_1")
    clock.now += 1
    spoken(turns, clock, "item_2")
    turns.ask(turns.words("to Rome", "item_2")[1])
    question = turns.open
    assert turns.stop(turns.words("stop", "item_1")[1]) is False
    assert (turns.muted, turns.open) == (False, question)
    assert turns.number == 2


def test_a_stop_is_silence_while_it_is_not_known_what_was_said_since(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, "item_1")
    clock.now += 1
    spoken(turns, clock, "item_2")
    assert turns.stop(turns.words("stop", "item_1")[1])
    assert (turns.muted, turns.open, turns.quiet_for()) == (True, None, None)
    meaning, turn = turns.words("to Rome", "item_2")
    assert meaning is Meaning.QUESTION
    turns.ask(turn)
    assert (turns.muted, turns.open) == (False, turn)


def test_a_stop_by_hand_is_of_everything(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    turns.ask(turns.words("to Rome", "item_1")[1])
    assert turns.stop()
    assert (turns.muted, turns.open) == (True, None)
    assert turns.current is not turn_of(turns)
    turns.due_again()
    assert turns.open is None


def test_a_stop_whose_words_come_while_the_user_speaks_again_leaves_them_speaking(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock, "item_1")
    clock.now += 1
    turns.speech_began()
    turns.provider_began("item_2")
    turns.stop(turns.words("stop", "item_1")[1])
    assert turn_of(turns).state is State.SPEAKING
