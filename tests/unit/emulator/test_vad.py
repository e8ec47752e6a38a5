import numpy as np
from numpy.typing import NDArray

from emulator.audio import OUTPUT_RATE
from emulator.realtime.vad import Edge, VoiceDetector

NOISE = np.random.default_rng(3)


def tone(seconds: float, level: float = 6000) -> NDArray[np.int16]:
    time = np.arange(int(OUTPUT_RATE * seconds)) / OUTPUT_RATE
    return (level * np.sin(2 * np.pi * 200 * time)).astype(np.int16)


def hiss(seconds: float, level: float = 20) -> NDArray[np.int16]:
    return NOISE.normal(0, level, int(OUTPUT_RATE * seconds)).astype(np.int16)


def feed(detector: VoiceDetector, *parts: NDArray[np.int16], size: int = 2400) -> list[Edge]:
    samples = np.concatenate(parts)
    return [edge for start in range(0, samples.size, size) for edge in detector.feed(samples[start : start + size])]


def test_speech_has_a_start_a_pause_and_an_end() -> None:
    edges = feed(VoiceDetector(0.5, 500), hiss(1), tone(1), hiss(1))
    assert [edge.kind for edge in edges] == ["started", "paused", "stopped"]
    start, pause, stop = (edge.at / OUTPUT_RATE for edge in edges)
    assert abs(start - 1.0) < 0.05
    assert 2.1 < pause < 2.3
    assert abs(stop - 2.5) < 0.05


def test_a_pause_within_speech_does_not_end_it() -> None:
    edges = feed(VoiceDetector(0.5, 500), tone(0.5), hiss(0.3), tone(0.5), hiss(0.6))
    assert [edge.kind for edge in edges] == ["started", "paused", "paused", "stopped"]


def test_the_length_of_the_silence_is_honoured() -> None:
    (_, stop) = (edge for edge in feed(VoiceDetector(0.5, 160), tone(0.5), hiss(1)) if edge.kind != "paused")
    assert abs(stop.at / OUTPUT_RATE - 0.66) < 0.05


def test_noise_and_clicks_are_no_speech() -> None:
    assert feed(VoiceDetector(0.5, 500), hiss(3), tone(0.03), hiss(1)) == []


def test_a_steady_loud_noise_becomes_the_floor() -> None:
    detector = VoiceDetector(0.5, 300)
    assert feed(detector, hiss(0.5, 200), hiss(3, 200)) == []


def test_a_higher_threshold_wants_louder_speech() -> None:
    quiet = tone(1, 400)
    assert feed(VoiceDetector(0.2, 300), hiss(0.5, 5), quiet) != []
    assert feed(VoiceDetector(1.0, 300), hiss(0.5, 5), quiet) == []


def test_the_size_of_the_pieces_does_not_matter() -> None:
    parts = (hiss(0.5), tone(1), hiss(1))
    assert feed(VoiceDetector(0.5, 400), *parts, size=111) == feed(VoiceDetector(0.5, 400), *parts, size=48_000)
