"""Travellers' own voices for calls: the clips of tests/data/clips, which a stack's ears are told of."""

from dataclasses import dataclass

import numpy as np

from cli.traveller.audio import RATE, Samples
from cli.traveller.clips import teach
from tools.turns.clips import RATE as CLIP_RATE
from tools.turns.clips import Clip, clips


@dataclass(frozen=True)
class Said:
    """What a traveller says, at the traveller's own rate."""

    text: str
    language: str
    samples: Samples


def clip_of(language: str, kind: str, number: int) -> Clip:
    """A clip of the library."""
    return next(clip for clip in clips(kind, languages=(language,)) if clip.file.endswith(f"{kind}-{number:02}.opus"))


async def known(emulator_url: str, language: str, kind: str, number: int) -> Said:
    """A clip that the emulator's ears know from now on, each of its parts by itself."""
    clip = clip_of(language, kind, number)
    samples = _at_rate(clip.samples)
    for part in clip.parts:
        await teach(emulator_url, part.text, samples[int(part.start * RATE) : int(part.end * RATE)], language)
    return Said(clip.text, language, samples)


def _at_rate(samples: Samples) -> Samples:
    places = np.arange(0, len(samples), CLIP_RATE / RATE)
    resampled: Samples = np.interp(places, np.arange(len(samples)), samples).astype(np.int16)
    return resampled
