"""Sound on the wire: decoding what a client sent, encoding what it gets. Needs numpy, so it is imported late."""

import base64
import binascii
import io
import wave
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.gateway.limits import RATE, WAV_CHANNELS, WAV_RATES
from contracts.problems import InvalidInput

Samples = NDArray[np.int16]

_SAMPLE_BYTES: Final = 2
_FIELD: Final = "audio"
_ALLOWED: Final = f"base64 of a 16-bit PCM WAV file, or of raw 16-bit PCM, mono, {RATE} Hz, little endian"
_CONTAINERS: Final = (
    (0, b"\x1aE\xdf\xa3", "WebM"),
    (0, b"OggS", "Ogg"),
    (0, b"fLaC", "FLAC"),
    (0, b"ID3", "MP3"),
    (4, b"ftyp", "MP4"),
)
"""What browsers record by default. Taken for raw samples it would be a loud noise in somebody's call."""


def decode(text: str, longest: float) -> Samples:
    """The samples of an `audio` field at `RATE`, mono, at most `longest` seconds; InvalidInput that says what is wrong.

    Takes some time for a long recording: call it in a thread.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput.of(_FIELD, "is not base64", _ALLOWED) from None
    for offset, magic, name in _CONTAINERS:
        if data[offset:].startswith(magic):
            raise InvalidInput.of(_FIELD, f"is {name}, which is not taken here", _ALLOWED)
    samples, rate = _wav(data, longest) if data.startswith(b"RIFF") else (_raw(data), RATE)
    if not len(samples):
        raise InvalidInput.of(_FIELD, "holds no sound", _ALLOWED)
    if len(samples) > longest * rate:
        raise InvalidInput.of(_FIELD, "is too long", f"at most {longest:g} seconds in one message")
    return resample(samples, rate)


def _raw(data: bytes) -> Samples:
    if len(data) % _SAMPLE_BYTES:
        raise InvalidInput.of(_FIELD, "has half a sample at its end", _ALLOWED)
    return np.frombuffer(data, dtype="<i2").astype(np.int16)


def _wav(data: bytes, longest: float) -> tuple[Samples, int]:
    try:
        with wave.open(io.BytesIO(data)) as wav:
            bits, rate, channels = 8 * wav.getsampwidth(), wav.getframerate(), wav.getnchannels()
            _check("bits per sample", bits, range(16, 17))
            _check("samples per second", rate, WAV_RATES)
            _check("channels", channels, WAV_CHANNELS)
            # One frame over the limit is enough to see that it is over. A streamed file may declare more than it has.
            content = wav.readframes(min(wav.getnframes(), int(longest * rate) + 1))
    except (wave.Error, EOFError) as error:
        raise InvalidInput.of(_FIELD, f"is not a WAV file that can be read ({error or 'cut off'})", _ALLOWED) from None
    whole = len(content) // (_SAMPLE_BYTES * channels) * channels
    interleaved = np.frombuffer(content, dtype="<i2", count=whole).reshape(-1, channels)
    return interleaved.mean(axis=1).astype(np.int16), rate


def _check(what: str, value: int, allowed: range) -> None:
    if value not in allowed:
        limits = f"{allowed[0]} to {allowed[-1]}" if len(allowed) > 1 else str(allowed[0])
        raise InvalidInput.of(_FIELD, f"has {value} {what}", limits)


def resample(samples: Samples, rate: int) -> Samples:
    """The same sound at `RATE`, by its spectrum: nothing above either rate's half is folded back."""
    if rate == RATE or not len(samples):
        return samples
    # Whole seconds have whole numbers of samples at both rates, and lengths that the transform is fast at.
    seconds = -(-len(samples) // rate)
    spectrum = np.fft.rfft(samples.astype(np.float64), n=seconds * rate)
    wave_form = np.fft.irfft(spectrum[: seconds * RATE // 2 + 1], n=seconds * RATE) * (RATE / rate)
    length = max(1, round(len(samples) * RATE / rate))
    return np.clip(np.rint(wave_form[:length]), -32768, 32767).astype(np.int16)


def loudness(samples: Samples) -> float:
    """Root mean square of full scale 1."""
    return float(np.sqrt(np.mean((samples.astype(np.float64) / 32768.0) ** 2))) if len(samples) else 0.0


def encode_raw(frames: Iterable[Samples]) -> str:
    """Base64 of raw samples."""
    return base64.b64encode(b"".join(frame.astype("<i2").tobytes() for frame in frames)).decode("ascii")


def encode_wav(frames: Iterable[Samples]) -> str:
    """Base64 of a WAV file; empty for no sound."""
    content = b"".join(frame.astype("<i2").tobytes() for frame in frames)
    if not content:
        return ""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(_SAMPLE_BYTES)
        wav.setframerate(RATE)
        wav.writeframes(content)
    return base64.b64encode(file.getvalue()).decode("ascii")
