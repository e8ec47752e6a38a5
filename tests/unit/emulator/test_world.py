"""Delays: the same each time, or as a distant service has them."""

from random import Random
from statistics import median

import pytest
from pydantic import ValidationError

from emulator.world import LONGEST_MS, WORLDS, World


def test_without_jitter_a_delay_is_what_was_asked_for() -> None:
    assert {World(first_token_ms=300).drawn(300) for _ in range(5)} == {0.3}
    assert World(first_token_ms=8000).drawn(8000) == 8.0, "however long that is"
    assert WORLDS["zero"].drawn(0) == 0


def test_a_distant_service_s_delays_have_a_median_and_a_tail() -> None:
    world, random = WORLDS["distant"], Random(1)  # noqa: S311 - delays
    drawn = [world.drawn(world.first_token_ms, random) for _ in range(2000)]
    assert median(drawn) == pytest.approx(world.first_token_ms / 1000, rel=0.1)
    assert max(drawn) > 3 * median(drawn)
    assert max(drawn) <= LONGEST_MS / 1000


def test_words_come_before_and_after_the_answer_to_them() -> None:
    world, random = WORLDS["distant"], Random(2)  # noqa: S311 - delays
    late = [world.drawn(world.transcription_ms, random) > world.drawn(world.first_token_ms, random) for _ in range(500)]
    assert 0.2 < sum(late) / len(late) < 0.9


def test_a_senseless_spread_is_refused() -> None:
    with pytest.raises(ValidationError):
        World(jitter=-1)
