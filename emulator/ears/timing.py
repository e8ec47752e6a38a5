"""When the words of a known sound are said, judged by its loudness: a pause within a sentence holds none of them."""

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emulator.ears.fingerprint import FRAMES_PER_SECOND, Fingerprint

_QUIET: Final = 0.1
"""Of the energy of a loud frame: below it nobody speaks."""
_PAUSE: Final = 0.2 * FRAMES_PER_SECOND
"""Frames that are no gap between two sounds of a word any more."""
_NEAR: Final = 5
"""Letters by which the place of a pause may be wrong where no spaces say where words end."""
_PUNCTUATION: Final = "、。，！？"


def spoken_at(sound: Fingerprint, text: str, start: int, end: int, *, spaced: bool) -> list[tuple[float, str]]:
    """Each word, or letter where words are not spaced, with the frame of its middle; all within two frames of the sound.

    Every letter takes as long as the others, and no time passes while nobody speaks. Where words are not spaced, a pause
    stands between two phrases.
    """
    words = text.split() if spaced else list(text)
    loud = np.diff(sound.energy[start : end + 1])
    voiced = loud > np.percentile(loud, 95) * _QUIET if loud.size else np.zeros(0, bool)
    if not words or not voiced.any():
        return [(start + (end - start) / 2, word) for word in words]
    clock = np.cumsum(voiced) / voiced.sum()
    ends = np.cumsum([len(word) for word in words]) / sum(map(len, words))
    middles = (ends + np.concatenate([[0.0], ends[:-1]])) / 2
    at = np.searchsorted(clock, middles).astype(float)
    if not spaced:
        for first, last in _pauses(voiced):
            _keep_phrases_whole(at, text, first, last)
    return [(start + frame, word) for frame, word in zip(at.tolist(), words, strict=True)]


def _pauses(voiced: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    at = 0
    for speaks, frames in itertools.groupby(voiced.tolist()):
        length = len(list(frames))
        if not speaks and length >= _PAUSE and at > 0 and at + length < voiced.size:
            yield at, at + length
        at += length


def _keep_phrases_whole(at: NDArray[np.float64], text: str, first: int, last: int) -> None:
    """Move the letters of a phrase that a pause would part to the side of it on which most of them are."""
    pause = int(np.searchsorted(at, first))
    ends = [place for place in range(1, len(text)) if abs(place - pause) <= _NEAR and _phrase_ends(text, place)]
    if ends:
        near = min(ends, key=lambda place: abs(place - pause))
        at[near:pause] = last
        at[pause:near] = first - 1


def _phrase_ends(text: str, place: int) -> bool:
    """A Japanese phrase ends with particles or endings in hiragana and the next begins with none; or at a mark."""
    before, after = text[place - 1], text[place]
    return before in _PUNCTUATION or (_hiragana(before) and not _hiragana(after) and after not in _PUNCTUATION)


def _hiragana(letter: str) -> bool:
    return "\u3041" <= letter <= "\u309f"
