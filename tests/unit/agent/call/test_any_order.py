"""Whatever a traveller and a realtime provider do in whatever order: each question is answered once, nothing is silent for
long, and a stop is a stop. The orders are drawn at random, each by its own seed, and played through the library's own session.
"""

import random
from typing import Final

import pytest
from live_call import Models
from orders import APOLOGIES, Act, break_them, draw_acts, faults, played
from realtime_provider import Plan

ORDERS: Final = (*range(150), 194, 195, 199, 202, 253, 265, 271, 311, 313, 346, 349, 354)
"""Beside the first ones, those that found something."""
SLOW_ORDERS: Final = (*range(50),)
BROKEN_ORDERS: Final = (*range(80), 151, 174, 195, 233, 346, 527, 577)
QUICK: Final = (0.2, 0.5, 1.5)
SLOW: Final = (3.5, 5.0, 8.0)
"""Seconds to the first sound of each response."""


def draw(seed: int, first_sounds: tuple[float, ...] = QUICK) -> tuple[list[Act], Models, random.Random]:
    chance = random.Random(seed)  # noqa: S311 - an order of events
    acts = draw_acts(chance)
    outcomes = chance.choices(
        ("ok", "failed", "limited", "incomplete", "cut", "mute"), (75, 6, 4, 5, 5, 5), k=chance.randint(0, 6)
    )
    return acts, Models(Plan(outcomes, first_sound=chance.choice(first_sounds))), chance


@pytest.mark.parametrize("seed", ORDERS)
def test_no_order_of_events_loses_a_question_or_breaks_a_stop(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    acts, models, _ = draw(seed)
    wrong = faults(played(acts, models, monkeypatch))
    assert not wrong, (wrong, acts, models)


@pytest.mark.parametrize("seed", SLOW_ORDERS)
def test_no_order_of_events_loses_a_question_to_a_slow_model(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    acts, models, _ = draw(seed, SLOW)
    wrong = faults(played(acts, models, monkeypatch))
    assert not wrong, (wrong, acts, models)


@pytest.mark.parametrize("seed", BROKEN_ORDERS)
def test_no_order_of_events_loses_a_question_to_a_connection_that_is_replaced_or_lost(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts, models, chance = draw(seed, (*QUICK, 3.5))
    break_them(acts, ("reconnects", "reconnects", "lost", "language"), chance)
    wrong = faults(played(acts, models, monkeypatch))
    assert not wrong, (wrong, acts, models)


@pytest.mark.parametrize("seconds", SLOW)
@pytest.mark.parametrize("kind", ["ask", "type"])
@pytest.mark.parametrize("search", [None, 1.0], ids=["at once", "with a search"])
def test_a_slow_model_answers_by_itself_and_a_line_is_heard_before(
    seconds: float, kind: str, search: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    did = played([Act(kind, 20.0, search=search)], Models(Plan(first_sound=seconds)), monkeypatch)
    assert faults(did) == []
    assert [kind for kind, _ in did.call.noticed if kind in APOLOGIES] == []
    asked_for = (kind == "type") + (search is not None)
    assert did.call.provider.asked_for == asked_for, "nothing is asked twice"
    heard = [one.text for one in did.call.heard]
    assert heard.count("q1") == 1
    line = did.call.call.speaker.text("one_moment")
    assert line not in heard[heard.index("q1") :]
    lines = heard.count(line)
    assert lines == sum(1 for name, _ in did.call.noticed if name == "one_moment") >= 1
