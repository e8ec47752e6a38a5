import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.languages import LANGUAGES
from emulator.audio import OUTPUT_RATE, from_wav, resample, to_wav
from emulator.voice.reading import to_kana
from emulator.voice.speaker import VOICES, sentences, synthesise


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_is_spoken(code: str) -> None:
    samples = synthesise(LANGUAGES[code].lines.greeting, "marin")
    assert 2 < samples.size / OUTPUT_RATE < 15
    assert np.abs(samples).max() > 3000


def colour(voice: str) -> NDArray[np.float64]:
    """The spectrum of a sentence, in bands of 20 Hz."""
    samples = synthesise("Good morning, where would you like to fly?", voice).astype(float)
    spectrum = np.abs(np.fft.rfft(samples, 10 * OUTPUT_RATE))[:40_000]
    return spectrum.reshape(-1, 200).mean(axis=1)


def test_voices_can_be_told_apart() -> None:
    colours = {voice: colour(voice) for voice in VOICES}
    likeness = {(a, b): np.corrcoef(colours[a], colours[b])[0, 1] for a, b in itertools.combinations(VOICES, 2)}
    # espeak's breath is random, and its voice keeps something of the one before.
    same = max(np.corrcoef(colours["nova"], colour("nova"))[0, 1] for _ in range(3))
    assert max(likeness.values()) < 0.97 < same, max(likeness, key=lambda pair: likeness[pair])


def test_speed_changes_the_length() -> None:
    slow, normal, fast = (synthesise("A flight from Madrid to Berlin", "alloy", speed=s).size for s in (0.7, 1, 1.5))
    assert slow > 1.2 * normal > 1.2 * fast


def test_the_language_of_the_text_decides_the_pronunciation() -> None:
    sizes = {code: synthesise("Paris", "alloy", fallback=code).size for code in ("en", "fr", "de", "pt")}
    assert len(set(sizes.values())) > 1
    german, french = "Ich möchte fliegen", "Je voudrais voler"
    assert synthesise(german, "alloy", fallback="fr").size == pytest.approx(synthesise(german, "alloy").size, rel=0.02)
    assert synthesise(french, "alloy", fallback="de").size == pytest.approx(synthesise(french, "alloy").size, rel=0.02)


def test_kanji_are_read() -> None:
    assert to_kana("東京から大阪まで") == "トーキョーカラオーサカマデ".replace("カラ", "から").replace("マデ", "まで")
    assert to_kana("Berlin まで") == "Berlin まで"


def test_sentences_join_to_the_text() -> None:
    assert list(sentences("One. Two? 三。四！")) == ["One.", "Two?", "三。", "四！"]


def test_wav_comes_back_as_it_was() -> None:
    samples = np.arange(-500, 500, dtype=np.int16)
    again, rate = from_wav(to_wav(samples, 8000))
    assert rate == 8000
    assert np.array_equal(again, samples)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"x" * 100])
def test_what_is_no_wav_is_named(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a readable WAV"):
        from_wav(data)


@pytest.mark.parametrize("to_rate", [8000, 16_000, 48_000])
def test_resampling_keeps_a_tone(to_rate: int) -> None:
    time = np.arange(OUTPUT_RATE) / OUTPUT_RATE
    tone = (10_000 * np.sin(2 * np.pi * 1000 * time)).astype(np.int16)
    spectrum = np.abs(np.fft.rfft(resample(tone, OUTPUT_RATE, to_rate).astype(float)))
    assert np.argmax(spectrum) == 1000


def test_resampling_removes_what_would_fold_over() -> None:
    time = np.arange(OUTPUT_RATE) / OUTPUT_RATE
    hiss = (10_000 * np.sin(2 * np.pi * 11_000 * time)).astype(np.int16)
    assert np.abs(resample(hiss, OUTPUT_RATE, 16_000)[100:-100]).max() < 500
