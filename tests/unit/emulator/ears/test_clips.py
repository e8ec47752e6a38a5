"""Clips are known by their sound: worn, cut, in noise and one after another; anything else has no words."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emulator.audio import OUTPUT_RATE, resample, to_samples, to_wav
from emulator.ears.clips import ClipEars, Part, decode
from emulator.ears.heard import EarsError
from emulator.voice.speaker import synthesise

Samples = NDArray[np.int16]
SAID = {
    "Find me a flight from Madrid to Berlin tomorrow": ("en", "alloy"),
    "Find me a flight from Madrid to Rome tomorrow": ("en", "alloy"),
    "Stop": ("en", "onyx"),
    "The second one": ("en", "echo"),
    "Quiero volar de Sevilla a Lisboa el viernes": ("es", "coral"),
    "Je voudrais un vol pour Nice demain": ("fr", "nova"),
    "明日の東京から大阪への便": ("ja", "sage"),
    "我想明天飞到上海": ("zh", "verse"),
}
UNKNOWN = [
    "Photosynthesis converts light into chemical energy",
    "Yes",
    "Hello",
    "Rome",
    "Good evening",
    "Find me a doctor in Paris",
]


@cache
def said(text: str) -> Samples:
    language, voice = SAID.get(text, ("en", "alloy"))
    return synthesise(text, voice, fallback=language)


@pytest.fixture(scope="module")
def ears() -> ClipEars:
    knowing = ClipEars()
    for text, (language, _) in SAID.items():
        knowing.register(text, language, said(text), OUTPUT_RATE)
    return knowing


def worn(samples: Samples) -> Samples:
    """Half as loud, at another rate and back, with 20 ms lost and 20 ms said twice, as a network does it."""
    other = resample(resample(samples, OUTPUT_RATE, 16_000), 16_000, 48_000)
    third = other.size // 3
    jumped = np.concatenate([other[:third], other[third + 960 : 2 * third], other[2 * third - 960 :]])
    return to_samples(jumped / 2.0)


def noisy(samples: Samples, decibels: float = 10.0) -> Samples:
    power = np.sqrt(np.mean(np.square(samples[np.abs(samples) > 100].astype(float))))
    noise = np.random.default_rng(3).normal(0, power / 10 ** (decibels / 20), samples.size + OUTPUT_RATE)
    noise[OUTPUT_RATE // 2 :][: samples.size] += samples
    return to_samples(noise)


def cut(samples: Samples) -> Samples:
    return samples[OUTPUT_RATE // 12 : -OUTPUT_RATE // 12]


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize(("change", "rate"), [(worn, 48_000), (noisy, OUTPUT_RATE)])
def test_a_clip_is_known_however_worn(
    ears: ClipEars, text: str, change: Callable[[Samples], Samples], rate: int
) -> None:
    heard = ears.recognise(change(said(text)), rate)
    assert (heard.text, heard.language) == (text, SAID[text][0])


@pytest.mark.parametrize("text", [text for text in SAID if text != "Stop"])
def test_a_clip_is_known_without_its_ends(ears: ClipEars, text: str) -> None:
    assert ears.recognise(cut(said(text)), OUTPUT_RATE).text in text
    assert len(ears.recognise(cut(said(text)), OUTPUT_RATE).text) > 0.6 * len(text)


@pytest.mark.parametrize("text", [text for text in SAID if text != "Stop"])
def test_a_clip_is_known_that_a_busy_network_tore(ears: ClipEars, text: str) -> None:
    whole, gap = said(text), np.zeros(OUTPUT_RATE // 5, np.int16)
    third = whole.size // 3
    torn = np.concatenate([whole[:third], gap, whole[third : 2 * third], gap, whole[2 * third + OUTPUT_RATE // 20 :]])
    assert ears.recognise(torn, OUTPUT_RATE).text == text


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_was_not_registered_has_no_words(ears: ClipEars, text: str) -> None:
    assert ears.recognise(said(text), OUTPUT_RATE).text == ""


def test_nothing_noise_and_silence_have_no_words(ears: ClipEars) -> None:
    noise = to_samples(np.random.default_rng(1).normal(0, 3000, 2 * OUTPUT_RATE))
    for sound in (np.zeros(0, np.int16), np.zeros(OUTPUT_RATE, np.int16), noise):
        assert ears.recognise(sound, OUTPUT_RATE).text == ""


def test_of_half_a_clip_half_the_words_are_heard(ears: ClipEars) -> None:
    text = "Find me a flight from Madrid to Berlin tomorrow"
    half = said(text)[: int(0.66 * said(text).size)]
    words = ears.recognise(half, OUTPUT_RATE).text
    assert text.startswith(words)
    assert "Madrid" in words
    assert "tomorrow" not in words


def test_clips_in_a_row_are_heard_in_their_order(ears: ClipEars) -> None:
    pause = np.zeros(OUTPUT_RATE // 2, np.int16)
    row = np.concatenate(
        [said("Stop"), pause, said("The second one"), pause, said("Je voudrais un vol pour Nice demain")]
    )
    assert ears.recognise(row, OUTPUT_RATE).text == "Stop The second one Je voudrais un vol pour Nice demain"


def test_a_hesitation_that_is_cut_at_its_pause_gives_its_first_part() -> None:
    first, second = said("The second one"), said("Find me a flight from Madrid to Rome tomorrow")
    joined = np.concatenate([first, np.zeros(OUTPUT_RATE, np.int16), second])
    start = (first.size + OUTPUT_RATE) / OUTPUT_RATE
    parts = (
        Part(text="The second one", start=0, end=first.size / OUTPUT_RATE),
        Part(text="to Rome", start=start, end=joined.size / OUTPUT_RATE),
    )
    ears = ClipEars()
    ears.register("The second one to Rome", "en", joined, OUTPUT_RATE, parts)
    assert ears.recognise(joined, OUTPUT_RATE).text == "The second one to Rome"
    assert ears.recognise(joined[int(0.5 * OUTPUT_RATE + first.size) :], OUTPUT_RATE).text == "to Rome"


def test_silence_and_unknown_languages_cannot_be_registered() -> None:
    with pytest.raises(ValueError, match="silent"):
        ClipEars().register("Hello", "en", np.zeros(OUTPUT_RATE, np.int16), OUTPUT_RATE)
    with pytest.raises(ValueError, match="'tlh' is none of de, en"):
        ClipEars().register("nuqneH", "tlh", said("Stop"), OUTPUT_RATE)


def test_a_manifest_is_read_with_what_it_lists(tmp_path: Path) -> None:
    (tmp_path / "stop.wav").write_bytes(to_wav(said("Stop"), OUTPUT_RATE))
    manifest = tmp_path / "manifest.json"
    manifest.write_text('[{"file": "stop.wav", "text": "Halt", "language": "de", "voice": "x"}]')
    ears = ClipEars(manifest)
    ears.load()
    assert ears.count == 1
    assert ears.recognise(said("Stop"), OUTPUT_RATE).text == "Halt"


@pytest.mark.parametrize("content", ["", "{}", '[{"file": "gone.wav", "text": "x"}]'])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(content)
    with pytest.raises(EarsError, match=r"manifest\.json"):
        ClipEars(manifest).load()


def test_what_is_no_audio_cannot_be_decoded() -> None:
    with pytest.raises(ValueError, match="not a readable audio file"):
        decode(b"no audio")
