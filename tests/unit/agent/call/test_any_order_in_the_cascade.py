"""Whatever a traveller, ears, mind and voice of a cascade do in whatever order: each question is answered once, nothing is
silent for long, and a stop is a stop. Drawn at random, each by its own seed, and played through the library's own session.
"""

import random
from typing import Final

import pytest
from live_call import Models
from orders import Act, draw_acts, faults, played

from contracts.dispatch import Pipeline

ORDERS: Final = (*range(27), *range(28, 33), *range(38, 80), 80, 103, 106, 108, 128, 151, 155, 174, 184, 191, 195, 199)
"""Beside the first ones, those that found something."""


def draw(seed: int) -> tuple[list[Act], Models]:
    chance = random.Random(seed)  # noqa: S311 - an order of events
    acts = draw_acts(chance)
    minds = chance.choices(("ok", "late", "failed", "mute", "cut"), (70, 10, 8, 6, 6), k=chance.randint(0, 6))
    voices = chance.choices(
        ("ok", "late", "failed", "cut", "stuck", "mute"), (80, 5, 4, 4, 4, 3), k=chance.randint(0, 8)
    )
    return acts, Models(minds=minds, voices=voices)


@pytest.mark.parametrize("seed", ORDERS)
def test_no_order_of_events_loses_a_question_or_breaks_a_stop(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    acts, models = draw(seed)
    wrong = faults(played(acts, models, monkeypatch, Pipeline.CASCADE))
    assert not wrong, (wrong, acts, models)
