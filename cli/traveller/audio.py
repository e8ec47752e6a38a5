"""Sound of a synthetic traveller: speech to send, and a record of what was heard."""

import io
import wave
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Samples per second of everything sent and heard; mono, 16 bit."""
FRAME_SAMPLES = RATE // 100
AUDIBLE_RMS = 0.008
"""Root mean square, of full scale 1, above which a frame of 10 ms counts as sound."""
SPEECH_TIMEOUT = 20.0

Samples = NDArray[np.int16]


class WavError(Exception):
    """A recording that cannot be used; the message says why."""


def read_wav(data: bytes) -> Samples:
    """Decode 16-bit PCM WAV of any rate and channel count to `RATE` mono."""
    try:
        with wave.open(io.BytesIO(data)) as wav:
            if wav.getsampwidth() != 2:  # noqa: PLR2004 - bytes per sample
                raise WavError(f"the WAV has {8 * wav.getsampwidth()} bits per sample; 16 are needed")
            rate, channels = wav.getframerate(), wav.getnchannels()
            # A streamed WAV may declare more frames than it has.
            samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype=np.int16)
    except (wave.Error, EOFError) as error:
        raise WavError(f"not a WAV file: {error}") from error
    mono = samples[: len(samples) // channels * channels].reshape(-1, channels).mean(axis=1)
    positions = np.arange(0, len(mono), rate / RATE)
    resampled: Samples = np.interp(positions, np.arange(len(mono)), mono).astype(np.int16)
    return resampled


def write_wav(path: Path, samples: Samples) -> None:
    """Write `RATE` mono 16-bit PCM."""
    path.write_bytes(to_wav(samples))


def to_wav(samples: Samples) -> bytes:
    """`RATE` mono 16-bit PCM as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(samples.tobytes())
    return buffer.getvalue()


def trim(samples: Samples, threshold: float = AUDIBLE_RMS) -> Samples:
    """Without the silence at both ends, so that the end of the recording is the end of speech."""
    frames = len(samples) // FRAME_SAMPLES
    loud = [i for i in range(frames) if rms(samples[i * FRAME_SAMPLES : (i + 1) * FRAME_SAMPLES]) >= threshold]
    return samples[loud[0] * FRAME_SAMPLES : (loud[-1] + 1) * FRAME_SAMPLES] if loud else samples


def rms(samples: Samples) -> float:
    """Root mean square of full scale 1."""
    return float(np.sqrt(np.mean((samples.astype(np.float64) / 32768.0) ** 2))) if len(samples) else 0.0


async def synthesise(
    text: str, *, speech_url: str, voice: str = "alloy", speed: float = 1.0, model: str = "espeak-ng"
) -> Samples:
    """Speech by a service that speaks OpenAI's API; `speech_url` is its base, ending in /v1. The emulator by default."""
    async with httpx2.AsyncClient(timeout=SPEECH_TIMEOUT) as http:
        response = await http.post(
            f"{speech_url}/audio/speech",
            headers={"Authorization": "Bearer traveller"},
            json={
                "model": model,
                "input": text,
                "voice": voice,
                "speed": speed,
                "response_format": "wav",
            },
        )
        response.raise_for_status()
    return trim(read_wav(response.content))


@dataclass
class Ear:
    """What was heard: loudness by frame, with the time each frame arrived (monotonic seconds)."""

    times: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    _chunks: list[Samples] = field(default_factory=list)

    def hear(self, at: float, samples: Samples) -> None:
        """Take in what has been heard until that moment: one hundredth of a second or several."""
        frames = [samples[start : start + FRAME_SAMPLES] for start in range(0, len(samples), FRAME_SAMPLES)]
        for later, frame in zip(reversed(range(len(frames))), frames, strict=True):
            self.times.append(at - later * FRAME_SAMPLES / RATE)
            self.levels.append(rms(frame))
        self._chunks.append(samples)

    def first_sound(self, after: float) -> float | None:
        """When sound was first heard after a moment."""
        for index in range(bisect_left(self.times, after), len(self.times)):
            if self.levels[index] >= AUDIBLE_RMS:
                return self.times[index]
        return None

    def last_sound(self, after: float = 0.0) -> float | None:
        """When sound was last heard, if after the moment."""
        for index in range(len(self.times) - 1, -1, -1):
            if self.times[index] < after:
                return None
            if self.levels[index] >= AUDIBLE_RMS:
                return self.times[index]
        return None

    def seconds_of_sound(self, after: float, before: float = float("inf")) -> float:
        """How much sound was heard between two moments."""
        start = bisect_left(self.times, after)
        return sum(
            0.01
            for at, level in zip(self.times[start:], self.levels[start:], strict=True)
            if at < before and level >= AUDIBLE_RMS
        )

    def recording(self) -> Samples:
        """Everything heard, in one piece."""
        return np.concatenate(self._chunks) if self._chunks else np.zeros(0, dtype=np.int16)
