"""Sounds that are nobody's question: four kinds of noise, and the assistant's own voice as a microphone hears it."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 24_000
QUIET: Final = 0.06
"""Of the loudest part of speech: less is a rest."""
Sound = NDArray[np.float32]


def noise(kind: str, seconds: float, seed: int) -> Sound:
    """A kind of `NOISES`; the same seed gives the same samples."""
    rng = np.random.default_rng(seed)
    sound = NOISES[kind](int(seconds * RATE), rng)
    return (0.25 * sound / max(float(np.abs(sound).max()), 1e-6)).astype(np.float32)


def coloured(size: int, rng: np.random.Generator, slope: float) -> NDArray[np.float64]:
    """Noise whose power falls by `slope` times 3 dB an octave."""
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    spectrum /= np.maximum(np.arange(spectrum.size), 1) ** (slope / 2)
    result: NDArray[np.float64] = np.fft.irfft(spectrum, size)
    return result / np.abs(result).max()


def _fan(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A ventilator: pink noise over the hum of its motor."""
    time = np.arange(size) / RATE
    hum = sum(np.sin(2 * np.pi * 50 * harmonic * time) / harmonic for harmonic in (1, 2, 3, 5))
    return coloured(size, rng, 1.0) + 0.15 * np.asarray(hum)


def _street(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Cars that pass: brown noise that swells."""
    time = np.arange(size) / RATE
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * time / 2.3 + rng.uniform(0, 6)) ** 2
    return coloured(size, rng, 2.0) * swell


def _keys(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Somebody types: clicks of a few milliseconds over a faint room."""
    sound = 0.01 * coloured(size, rng, 1.0)
    for start in np.cumsum(rng.uniform(0.07, 0.3, size // RATE * 8)):
        at, length = int(start * RATE), int(rng.uniform(0.004, 0.012) * RATE)
        if at + length < size:
            sound[at : at + length] += rng.normal(0, 0.4, length) * np.exp(-np.arange(length) / (length / 4))
    return sound


def _crowd(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A hall full of people: many bands of noise, each with syllables of its own, and no word of it."""
    time = np.arange(size) / RATE
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    sound = np.zeros(size)
    for _ in range(12):
        centre, width = rng.uniform(250, 2800), rng.uniform(80, 350)
        band = np.fft.irfft(spectrum * np.exp(-(((hertz - centre) / width) ** 2)), size)
        syllables = np.clip(np.sin(2 * np.pi * rng.uniform(2.5, 5) * time + rng.uniform(0, 6)), 0, None)
        sound += band * syllables / (np.abs(band).max() + 1e-9)
    return sound


NOISES: Final[Mapping[str, Callable[[int, np.random.Generator], NDArray[np.float64]]]] = {
    "fan": _fan,
    "street": _street,
    "keys": _keys,
    "crowd": _crowd,
}


def rest_in(samples: Sound, share: float) -> tuple[int, int]:
    """Where speech rests about so far into it: the sample after which it is quiet, and the one where it goes on."""
    window = RATE // 100
    loudness = np.sqrt(np.mean(samples[: samples.size // window * window].reshape(-1, window) ** 2, axis=1))
    quiet = loudness < QUIET * loudness.max()
    first, last = (int(max(0.0, min(1.0, share + off)) * quiet.size) for off in (-0.22, 0.22))
    best = (first + last) // 2, (first + last) // 2
    start = first
    while start < last:
        end = start
        while end < quiet.size and quiet[end]:
            end += 1
        if end - start > best[1] - best[0]:
            best = start, end
        start = end + 1
    return best[0] * window, best[1] * window


def echo(samples: Sound, seed: int) -> Sound:
    """Speech as a laptop's loudspeaker gives it back to its own microphone: thin, late, in a room, and 16 dB fainter."""
    rng = np.random.default_rng(seed)
    length = int(0.25 * RATE)
    room = rng.normal(0, 1, length) * np.exp(-np.arange(length) / (0.06 * RATE))
    room[0] = 12.0
    size = samples.size + length
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(room, size)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum *= np.exp(-((np.log2(np.maximum(hertz, 1) / 1100) / 1.6) ** 4))
    sound = np.fft.irfft(spectrum, size)
    return (0.16 * float(np.abs(samples).max()) * sound / np.abs(sound).max()).astype(np.float32)
