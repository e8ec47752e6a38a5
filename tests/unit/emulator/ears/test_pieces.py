"""A sentence that is heard in the pieces which its pauses leave is heard whole, no word parted, lost or said twice."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from cli.traveller.library import RATE, clips
from emulator.audio import to_samples
from emulator.ears.clips import ClipEars
from emulator.ears.fingerprint import Fingerprint
from emulator.ears.timing import spoken_at

Samples = NDArray[np.int16]
KINDS = ("question", "hesitation")
LANGUAGES = ("ja", "en")
PAUSE = 0.3


@pytest.fixture(scope="module")
def ears() -> ClipEars:
    knowing = ClipEars()
    for clip in clips(*KINDS, languages=LANGUAGES):
        knowing.register(clip.text, clip.language, clip.samples, RATE)
    return knowing


def pieces(samples: Samples) -> Iterator[Samples]:
    """What is between the pauses of a sound, by its loudness alone."""
    ten = RATE // 100
    loud = np.abs(samples[: samples.size // ten * ten].reshape(-1, ten).astype(float)).mean(axis=1)
    speaks = np.flatnonzero(loud > loud.max() * 0.03)
    middles = [(one + other) // 2 * ten for one, other in itertools.pairwise(speaks) if other - one > PAUSE * 100]
    yield from np.split(samples, middles)


@pytest.mark.parametrize(("language", "decibels"), [("ja", None), ("en", 10.0)])
def test_its_pieces_are_the_sentence(ears: ClipEars, language: str, decibels: float | None) -> None:
    random = np.random.default_rng(2)

    def through_noise(piece: Samples) -> Samples:
        if decibels is None:
            return piece
        level = np.sqrt(np.mean(np.square(piece.astype(float)))) / 10 ** (decibels / 20)
        return to_samples(piece + random.normal(0, level, piece.size))

    parted = {
        clip: found for clip in clips(*KINDS, languages=(language,)) if len(found := list(pieces(clip.samples))) > 1
    }
    assert len(parted) > 10
    gap = "" if language == "ja" else " "
    heard = {
        clip.text: gap.join(filter(None, (ears.recognise(through_noise(piece), RATE).text for piece in found)))
        for clip, found in parted.items()
    }
    assert {said: words for said, words in heard.items() if words != said} == {}


def sound(*stretches: tuple[float, bool]) -> Fingerprint:
    """Seconds of a tone, or of nothing."""
    parts = [np.sin(np.arange(round(s * RATE)) * 0.1) * (8000 if on else 0) for s, on in stretches]
    return Fingerprint.of(to_samples(np.concatenate(parts)), RATE)


def test_no_word_is_said_in_a_pause() -> None:
    spoken = sound((1.0, True), (2.0, False), (1.0, True))
    at = {word: frame for frame, word in spoken_at(spoken, "one two six ten", 0, spoken.frames, spaced=True)}
    quarter = spoken.frames / 4
    assert at["one"] < at["two"] <= quarter + 2
    assert 3 * quarter - 2 <= at["six"] < at["ten"]


def test_a_pause_parts_phrases_and_no_name() -> None:
    text = "東京から大阪まで"
    spoken = sound((1.0, True), (1.0, False), (1.4, True))
    timed = spoken_at(spoken, text, 0, spoken.frames, spaced=False)
    pause = spoken.frames * 1.5 / 3.4
    assert "".join(letter for frame, letter in timed if frame < pause) == "東京から"
    assert [letter for _, letter in timed] == list(text)


def test_of_silence_every_word_has_a_place() -> None:
    nothing = sound((1.0, False))
    assert len(spoken_at(nothing, "a b", 0, nothing.frames, spaced=True)) == 2
