"""Turns of a cascade at the speed of life, with travellers' clips: a slice of `make barge-in`."""

import pytest

from cli.traveller.library import Clip, clips
from contracts.languages import LANGUAGES
from tools.turns.measure import ends, overlaps

CALLS = 4
"""Clips of each kind, of different languages; all of them are in the measurement."""


def some(kind: str, number: int) -> list[Clip]:
    """One of each language, the same everywhere."""
    wanted = f"{kind}-{number:02}"
    return [clip for code in list(LANGUAGES)[::2] for clip in clips(kind, languages=(code,)) if wanted in clip.file]


@pytest.mark.timeout(60)
async def test_a_stop_ends_the_answer_and_a_listener_s_noise_does_not() -> None:
    stops, noises = some("stop", 2), some("backchannel", 1)
    assert len(stops) == len(noises) == CALLS
    over = await overlaps([*stops, *noises])
    assert [each.clip.file for each in over if each.ended] == [clip.file for clip in stops]
    assert all(each.pause > 0 for each in over[CALLS:]), "it is silent while somebody makes a noise"


@pytest.mark.timeout(60)
async def test_who_searches_for_a_word_is_waited_for() -> None:
    hesitant = some("hesitation", 2)
    assert len(hesitant) == CALLS
    found = await ends(hesitant)
    assert [each.clip.file for each in found if each.cut or each.wait is None] == []
    old = await ends(hesitant[:2], by_silence=True)
    assert all(each.cut for each in old), "by silence alone they are cut off"
