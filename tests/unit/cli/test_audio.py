"""The traveller's ear measures sound and silence; its recordings are decoded whatever their rate."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from cli.traveller.audio import FRAME_SAMPLES, RATE, Ear, WavError, read_wav, trim, write_wav


def tone(seconds: float, rate: int = RATE) -> np.ndarray:
    return (np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate) * 12_000).astype(np.int16)


def wav_bytes(samples: np.ndarray, rate: int, channels: int = 1, width: int = 2) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(width)
        wav.setframerate(rate)
        wav.writeframes(samples.tobytes())
    return buffer.getvalue()


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_any_rate_becomes_ours_with_the_same_length(rate: int) -> None:
    decoded = read_wav(wav_bytes(tone(0.5, rate), rate))
    assert len(decoded) == pytest.approx(0.5 * RATE, rel=0.01)
    assert np.abs(decoded).max() > 10_000


def test_stereo_becomes_mono() -> None:
    both = np.repeat(tone(0.2), 2)
    assert len(read_wav(wav_bytes(both, RATE, channels=2))) == pytest.approx(0.2 * RATE, rel=0.01)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not a wav file at all"])
def test_what_is_no_wav_is_refused(data: bytes) -> None:
    with pytest.raises(WavError, match="not a WAV"):
        read_wav(data)


def test_eight_bits_are_refused() -> None:
    with pytest.raises(WavError, match="16 are needed"):
        read_wav(wav_bytes(np.zeros(100, dtype=np.int8), RATE, width=1))


def test_a_recording_is_read_back(tmp_path: Path) -> None:
    write_wav(tmp_path / "x.wav", tone(0.1))
    assert np.array_equal(read_wav((tmp_path / "x.wav").read_bytes()), tone(0.1))


def test_trimming_takes_the_silence_at_both_ends() -> None:
    quiet = np.zeros(RATE // 2, dtype=np.int16)
    assert len(trim(np.concatenate([quiet, tone(0.3), quiet]))) == pytest.approx(0.3 * RATE, abs=FRAME_SAMPLES)


def test_the_ear_knows_when_sound_came_and_ended() -> None:
    ear = Ear()
    loud, silent = tone(0.01), np.zeros(FRAME_SAMPLES, dtype=np.int16)
    for index in range(100):
        ear.hear(index * 0.01, loud if 30 <= index < 50 else silent)
    assert ear.first_sound(0.0) == pytest.approx(0.30)
    assert ear.last_sound() == pytest.approx(0.49)
    assert ear.first_sound(0.5) is None
    assert ear.last_sound(0.5) is None
    assert ear.seconds_of_sound(0.0) == pytest.approx(0.20)
    assert ear.seconds_of_sound(0.0, before=0.40) == pytest.approx(0.10)
    assert len(ear.recording()) == 100 * FRAME_SAMPLES


def test_of_what_arrives_together_each_hundredth_of_a_second_has_its_own_moment() -> None:
    ear = Ear()
    silent = np.zeros(FRAME_SAMPLES, dtype=np.int16)
    ear.hear(0.02, np.concatenate([silent, silent]))
    ear.hear(0.04, np.concatenate([silent, tone(0.01)]))
    ear.hear(0.06, np.concatenate([tone(0.01), silent]))
    assert ear.first_sound(0.0) == pytest.approx(0.04)
    assert ear.last_sound() == pytest.approx(0.05)
    assert ear.seconds_of_sound(0.0) == pytest.approx(0.02)
    assert len(ear.recording()) == 6 * FRAME_SAMPLES
