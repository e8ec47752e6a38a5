"""Fingerprints of sounds: what a recording keeps through codecs, gain, a little noise, and cuts at its ends.

A sound is a picture of how loud each of forty bands of pitch is, sixty times a second, over the noise around it. Two
pictures are laid over each other at every offset at once, by their spectra; how alike they are is their normalised
correlation where they overlap.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emulator.audio import LISTENING_RATE, resample, to_float

_WINDOW: Final = 1024
HOP: Final = 256
"""Samples at the listening rate between two frames."""
FRAMES_PER_SECOND: Final = LISTENING_RATE / HOP
_BANDS: Final = 40
_LOWEST, _HIGHEST = 180.0, 5200.0
"""Hz: what a telephone's worth of codecs leaves alone."""
_NOISE_PERCENTILE, _OVER_NOISE = 15, 1.5
"""Level of a band that is taken for noise: so many times that of its quietest frames."""
_FAINT: Final = 0.02
"""Part of the loudest band below which differences hardly count."""
_SKIP: Final = 0.5
"""Cost of a frame that has no counterpart, in parts of its energy."""
_LEAST_LEVEL: Final = 1e-4
"""Of full scale: below it everything is silence."""

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Fingerprint:
    """A sound's picture, frames by bands, and the energy of all frames before each one."""

    picture: Picture
    energy: NDArray[np.float64]
    _spectra: dict[int, NDArray[np.complex64]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, samples: NDArray[np.int16], rate: int) -> "Fingerprint":
        """Of mono samples at any rate."""
        picture = _picture(to_float(resample(samples, rate, LISTENING_RATE)))
        return cls(picture, np.concatenate([[0.0], np.cumsum(np.square(picture, dtype=np.float64).sum(axis=1))]))

    @property
    def frames(self) -> int:
        """Length."""
        return int(self.picture.shape[0])

    @property
    def total(self) -> float:
        """Energy of the whole; 0 for silence."""
        return float(self.energy[-1])

    def part(self, start: int, end: int) -> "Fingerprint":
        """The frames from `start` up to `end`."""
        energy = self.energy[start : end + 1]
        return Fingerprint(self.picture[start:end], energy - energy[0])

    def spectrum(self, size: int) -> NDArray[np.complex64]:
        """Of each band over time, padded to `size` frames."""
        if size not in self._spectra:
            self._spectra[size] = np.fft.rfft(self.picture, size, axis=0).astype(np.complex64)
        return self._spectra[size]


@dataclass(frozen=True)
class Overlap:
    """Where one fingerprint lies over another, and how alike they are there."""

    likeness: float
    """1 is the same; different words of one voice have less than 0.75."""
    offset: int
    """Frame of the second one at which the first begins; negative where its beginning is cut off."""
    known: float
    """Part of the first one's energy that overlaps."""
    heard: float
    """Part of the second one's energy that overlaps."""


def best_overlap(known: Fingerprint, heard: Fingerprint, least: float) -> Overlap | None:
    """The best offset of a known sound in a heard one at which at least a part `least` of the known one overlaps."""
    if known.total == 0 or heard.total == 0:
        return None
    size = 1 << (known.frames + heard.frames).bit_length()
    product = (np.conj(known.spectrum(size)) * heard.spectrum(size)).sum(axis=1)
    offsets = np.arange(1 - known.frames, heard.frames)
    alike = np.fft.irfft(product, size)[offsets % size]
    start = np.maximum(0, -offsets)
    end = np.minimum(known.frames, heard.frames - offsets)
    of_known = known.energy[end] - known.energy[start]
    of_heard = heard.energy[end + offsets] - heard.energy[start + offsets]
    likeness = alike / np.sqrt(np.maximum(of_known * of_heard, 1e-9))
    likeness[of_known < least * known.total] = -1
    best = int(np.argmax(likeness))
    return Overlap(
        float(likeness[best]),
        int(offsets[best]),
        float(of_known[best] / known.total),
        float(of_heard[best] / heard.total),
    )


def torn_likeness(known: Fingerprint, heard: Fingerprint) -> float:
    """How alike two whole sounds are if pieces of either may be missing or late, as after a busy network: 1 is the same.

    The best way through both in order, where what is skipped costs its energy in part; silence costs nothing.
    """
    if known.total == 0 or heard.total == 0:
        return 0.0
    alike = heard.picture @ known.picture.T
    skipped_known = _SKIP * known.energy
    skipped_heard = _SKIP * np.diff(heard.energy)
    best = -skipped_known
    for row, skipped in zip(alike, skipped_heard, strict=True):
        matched = best[:-1] + row
        best = best - skipped
        best[1:] = np.maximum(best[1:], matched)
        best = np.maximum.accumulate(best + skipped_known) - skipped_known
    return float(best[-1] / np.sqrt(known.total * heard.total))


def _picture(sound: NDArray[np.float32]) -> Picture:
    margin = np.zeros(_WINDOW // 2, np.float32)
    padded = np.concatenate([margin, sound, margin])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    power = np.square(np.abs(np.fft.rfft(frames * _hann(), axis=1))) @ _bands()
    levels = np.sqrt(power) / _WINDOW
    levels = np.maximum(levels - np.percentile(levels, _NOISE_PERCENTILE, axis=0) * _OVER_NOISE, 0)
    peak = max(float(np.percentile(levels.max(axis=1), 98)), _LEAST_LEVEL)
    loudness = np.log1p(levels / (_FAINT * peak))
    picture: Picture = (loudness - loudness.mean(axis=1, keepdims=True)).astype(np.float32)
    return picture


@cache
def _hann() -> NDArray[np.float32]:
    window: NDArray[np.float32] = np.hanning(_WINDOW).astype(np.float32)
    return window


@cache
def _bands() -> NDArray[np.float32]:
    """Triangles over the spectrum's lines, each as heavy as the others."""
    hertz = np.fft.rfftfreq(_WINDOW, 1 / LISTENING_RATE)
    edges = np.geomspace(_LOWEST, _HIGHEST, _BANDS + 2)
    line = LISTENING_RATE / _WINDOW
    bands = np.zeros((hertz.size, _BANDS), np.float32)
    for band in range(_BANDS):
        low, middle, high = (
            min(edges[band], edges[band + 1] - line),
            edges[band + 1],
            max(edges[band + 2], edges[band + 1] + line),
        )
        bands[:, band] = np.clip(np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle)), 0, None)
    bands /= bands.sum(axis=0)
    return bands
