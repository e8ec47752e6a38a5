"""What becomes of a turn when the provider's connection, or the pipeline, is replaced under it."""

import pytest
from spoken_turns import Clock, spoken

from agent.turns.tracker import Turns


def test_a_session_recycled_in_mid_sentence_is_noticed_to_have_missed_it(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    turns.provider_began("item_1")
    clock.now += 1
    turns.provider_lost_its_place()
    clock.now += 1
    turns.speech_ended()
    assert turns.spoken is not None
    assert turns.missed(turns.spoken)


def test_what_the_new_connection_hears_of_the_sentence_is_the_same_turn(turns: Turns, clock: Clock) -> None:
    turns.speech_began()
    turns.provider_began("item_1")
    turns.provider_lost_its_place()
    turns.provider_began("item_9")
    clock.now += 1
    turns.provider_ended("item_9")
    turns.speech_ended()
    assert turns.spoken is not None
    assert not turns.missed(turns.spoken)
    turns.ask(turns.words("to Berlin", "item_9")[1])
    turns.answered()
    assert turns.open is None
    assert len(turns._turns) == 1


def test_an_unanswered_question_outlives_its_pipeline(turns: Turns, clock: Clock) -> None:
    spoken(turns, clock)
    assert turns.untold is not None
    assert turns.untold.words is None, "what to ask again for"
    turns.ask(turns.words("to Berlin", "item_1")[1])
    assert turns.untold is not None
    assert turns.untold.words == "to Berlin"
    turns.answered()
    assert turns.untold is not None, "its first sound was heard, and no more"
    turns.told()
    assert turns.untold is None


def test_the_rest_of_an_older_answer_does_not_tell_a_newer_question(turns: Turns) -> None:
    turns.typed("to Berlin")
    turns.answered()
    newer = turns.typed("to Rome")
    turns.told()
    assert turns.untold is newer


@pytest.mark.parametrize("settled", ["stopped", "overtaken"])
def test_what_was_taken_back_is_not_asked_again(turns: Turns, clock: Clock, settled: str) -> None:
    spoken(turns, clock)
    if settled == "stopped":
        turns.stop(turns.words("stop", "item_1")[1])
    else:
        turns.overtake(pressed=True)
        turns.stop()
    assert turns.untold is None
