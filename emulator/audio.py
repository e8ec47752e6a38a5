"""Sample arithmetic on numpy: resampling and WAV. Mono 16-bit throughout."""

import io
import wave
from typing import Final

import numpy as np
from numpy.typing import NDArray

OUTPUT_RATE: Final = 24_000
"""Hz; what OpenAI's speech and realtime endpoints send and take."""

LISTENING_RATE: Final = 16_000
"""Hz; what the ears take."""


def resample(samples: NDArray[np.int16], rate: int, to_rate: int) -> NDArray[np.int16]:
    """Samples at another rate: a windowed-sinc low pass where the rate falls, then linear interpolation."""
    if rate == to_rate or samples.size == 0:
        return samples
    signal = samples.astype(np.float32)
    if to_rate < rate:
        signal = np.convolve(signal, _low_pass(to_rate / rate), mode="same")
    positions = np.arange(int(samples.size * to_rate / rate)) * (rate / to_rate)
    resampled = np.interp(positions, np.arange(signal.size), signal)
    return to_samples(resampled)


def to_samples(signal: NDArray[np.float64] | NDArray[np.float32]) -> NDArray[np.int16]:
    """A signal in the range of 16 bits as samples, clipped."""
    samples: NDArray[np.int16] = np.clip(np.rint(signal), -32768, 32767).astype(np.int16)
    return samples


def to_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Samples as a signal of full scale 1."""
    signal: NDArray[np.float32] = samples.astype(np.float32)
    signal /= 32768
    return signal


def _low_pass(ratio: float) -> NDArray[np.float32]:
    """Taps of a filter that passes up to `ratio` of the Nyquist frequency."""
    taps = np.arange(-32, 33)
    kernel = np.sinc(taps * ratio * 0.95) * np.hamming(taps.size)
    low_pass: NDArray[np.float32] = (kernel / kernel.sum()).astype(np.float32)
    return low_pass


def to_wav(samples: NDArray[np.int16], rate: int) -> bytes:
    """A WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def from_wav(data: bytes) -> tuple[NDArray[np.int16], int]:
    """Mono samples of a 16-bit WAV file and their rate.

    Raises ValueError that says what was wrong with the file.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"not a readable WAV file: {error}") from error
    if width != 2:  # noqa: PLR2004 - bytes of 16 bits
        raise ValueError(f"WAV samples must have 16 bits, these have {8 * width}")
    samples = np.frombuffer(raw[: len(raw) // (2 * channels) * 2 * channels], np.int16).reshape(-1, channels)
    return samples.mean(axis=1).astype(np.int16) if channels > 1 else samples[:, 0].copy(), rate
