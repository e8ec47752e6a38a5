"""The spoken conversations are enough, can be held, and are graded on what they say."""

import pytest
from samples import offer, result

from contracts.dispatch import Pipeline
from contracts.languages import LANGUAGES
from contracts.room import ResultsMessage
from contracts.tools import TOOL_REFINE, TOOL_SEARCH, TOOL_SELECT
from tools.dialogues.holding import Grade, _check, _facts
from tools.dialogues.script import Turn, dialogues

CARDS = ResultsMessage(
    language="en", summary="", total_offers=2, result=result(offer("89.00"), offer("120.50")), selected=2
)


def test_there_are_sixty_and_more_in_eight_languages_and_both_pipelines() -> None:
    every = dialogues()
    assert len(every) >= 60
    assert {one.language for one in every} == set(LANGUAGES)
    for pipeline in (Pipeline.CASCADE, Pipeline.REALTIME):
        assert len([one for one in every if one.pipeline is pipeline]) >= 30
    for one in every:
        for turn in one.script.turns:
            assert turn.spoken(one.language).text
            assert set(turn.tools) <= {TOOL_SEARCH, TOOL_REFINE, TOOL_SELECT}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("The cheapest is Iberia at 07:15 for €89, the other costs €120.50.", 0),
        ("The cheapest is Iberia at 07:15 for €98.", 1),
        ("It leaves at 08:15 and costs €89.", 1),
    ],
)
def test_a_fact_of_no_flight_on_the_screen_is_a_wrong_one(said: str, wrong: int) -> None:
    grade = Grade(dialogues()[0])
    _facts(grade, said, CARDS)
    assert len(grade.wrong_facts) == wrong
    assert grade.facts >= 2


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        ({"route": "MAD-BER", "selected": 2, "max_stops": 0, "weekday": 6}, 0),
        ({"route": "MAD-ROM"}, 1),
        ({"selected": 1, "weekday": 0}, 2),
        ({"sorted_by": "duration"}, 1),
        ({"day": "tomorrow"}, 1),
    ],
)
def test_a_screen_that_is_not_as_scripted_is_seen(expected: dict[str, object], wrong: int) -> None:
    grade = Grade(dialogues()[0])
    _check(grade, Turn.model_validate({"clip": "question 1", "tools": [], **expected}), CARDS)
    assert len(grade.wrong) == wrong
