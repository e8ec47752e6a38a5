"""Travellers' own voices for calls: the clips of tests/data/clips, which a stack's ears are told of."""

from dataclasses import dataclass

from cli.traveller.audio import Samples
from cli.traveller.clips import at_rate, known_clip
from cli.traveller.library import clip_of


@dataclass(frozen=True)
class Said:
    """What a traveller says, at the traveller's own rate."""

    text: str
    language: str
    samples: Samples


async def known(emulator_url: str, language: str, kind: str, number: int) -> Said:
    """A clip that the emulator's ears know from now on, each of its parts by itself."""
    clip = clip_of(language, kind, number)
    await known_clip(emulator_url, clip)
    return Said(clip.text, language, at_rate(clip))
