"""Figures of the bench: what is met, what is missed, and what no program could meet."""

import pytest

from agent.hearing.turn_end_detector import SURE_SECONDS
from cli.bench.figures import Figure, percentile, table
from cli.bench.floor import floor, search_floor
from contracts.dispatch import Pipeline
from emulator.world import World

P50 = World(transcription_ms=250, first_token_ms=300, first_audio_ms=190)


def figure(*values: float, target: float | None = 1.0, **more: object) -> Figure:
    return Figure("answer", values, "s", "starter", (1.0,), target, **more)  # type: ignore[arg-type]


def test_each_target_must_be_met() -> None:
    waits = [0.8] * 18 + [1.5, 1.5]
    assert figure(*waits).met
    assert figure(*waits, target_p95=1.2).met is False
    assert figure(*waits, target=None).met is None


@pytest.mark.parametrize(
    ("least", "verdict"), [((), "MISSED"), ((0.9,), "MISSED"), ((1.1,), "MISSED, below the floor")]
)
def test_a_target_that_is_below_what_is_possible_is_said_to_be(least: tuple[float, ...], verdict: str) -> None:
    row = table([figure(1.3, floor=least)]).splitlines()[1]
    assert row.endswith(f"p50 <= 1  {verdict}")


def test_a_table_has_the_floor_and_both_targets() -> None:
    row = table([figure(0.9, target_p95=1.2, floor=(0.8,))]).splitlines()[1]
    assert "0.80/0.80" in row
    assert row.endswith("p50 <= 1, p95 <= 1.2  met")


def test_realtime_waits_for_the_silence_and_the_model_and_not_for_the_words() -> None:
    assert floor(Pipeline.REALTIME, P50)[:3] == pytest.approx([0.4 + 0.3 + 0.19] * 3)


def test_in_the_cascade_words_model_and_voice_run_within_the_silence_as_far_as_it_goes() -> None:
    assert floor(Pipeline.CASCADE, P50)[:3] == pytest.approx([0.06 + 0.25 + 0.3 + 0.19] * 3)
    assert set(floor(Pipeline.CASCADE, World())) == {SURE_SECONDS}, "nothing is heard before the silence has lasted"


def test_delays_that_vary_raise_the_tail_more_than_the_median() -> None:
    steady, varying = floor(Pipeline.CASCADE, P50), floor(Pipeline.CASCADE, P50.model_copy(update={"jitter": 0.5}))
    assert percentile(varying, 50) < percentile(steady, 50) + 0.15
    assert percentile(varying, 95) > percentile(steady, 95) + 0.4
    assert varying == floor(Pipeline.CASCADE, P50.model_copy(update={"jitter": 0.5})), "the same at each run"


def test_a_search_is_decided_on_before_a_voice_is_needed_and_told_by_model_and_voice_after_its_source() -> None:
    decided, offered = search_floor(Pipeline.REALTIME, P50, 3.0)
    assert decided[:3] == pytest.approx([0.4 + 0.3] * 3)
    assert offered[:3] == pytest.approx([0.4 + 0.3 + 3.0 + 0.3 + 0.19] * 3)
    decided, offered = search_floor(Pipeline.CASCADE, P50, 3.0)
    assert decided[:3] == pytest.approx([0.06 + 0.25 + 0.3] * 3)
    assert offered[0] - decided[0] == pytest.approx(3.0 + 0.3 + 0.19)
    assert set(search_floor(Pipeline.CASCADE, World(), 3.0)[0]) == {SURE_SECONDS}
