"""Text to 24 kHz speech with OpenAI's voice names, in the language that the text is written in."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emulator.audio import OUTPUT_RATE, resample
from emulator.mind.detect import detect
from emulator.voice.espeak import espeak
from emulator.voice.reading import to_kana

LANGUAGE_VOICES: Final[Mapping[str, str]] = {
    "en": "en-us",
    "pt": "pt-br",
    "zh": "cmn",
}
"""espeak voice of each language that it does not call by its code."""

_TIMBRES: Final[Mapping[str, tuple[str, int]]] = {
    "alloy": ("", 50),
    "ash": ("m3", 70),
    "ballad": ("m1", 70),
    "cedar": ("m5", 30),
    "coral": ("f5", 30),
    "echo": ("m6", 50),
    "fable": ("m5", 70),
    "marin": ("", 70),
    "nova": ("", 90),
    "onyx": ("", 30),
    "sage": ("f2", 30),
    "shimmer": ("f5", 50),
    "verse": ("m3", 50),
}
"""espeak variant and pitch (0 to 99) of each OpenAI voice."""

VOICES: Final = tuple(_TIMBRES)
SLOWEST: Final = 0.25
FASTEST: Final = 4.0
_WORDS_PER_MINUTE: Final = 165
_RATE_LIMITS: Final = (80, 450)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def synthesise(text: str, voice: str, *, speed: float = 1.0, fallback: str = "en") -> NDArray[np.int16]:
    """A whole text as mono samples at `OUTPUT_RATE`; blocks while it computes, about a hundredth of its length.

    `fallback` is the language of a text that does not tell its own. Raises KeyError for an unknown voice and
    SpeechError when the library fails.
    """
    variant, pitch = _TIMBRES[voice]
    language = detect(text, fallback)
    name = LANGUAGE_VOICES.get(language, language) + (f"+{variant}" if variant else "")
    rate = min(max(round(_WORDS_PER_MINUTE * speed), _RATE_LIMITS[0]), _RATE_LIMITS[1])
    readable = to_kana(text) if language == "ja" else text
    library = espeak()
    samples = library.speak(readable, name, words_per_minute=rate, pitch=pitch)
    return resample(np.frombuffer(samples, np.int16), library.sample_rate, OUTPUT_RATE)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, so that speech can begin before all of it is made."""
    yield from (part for part in _SENTENCE_END.split(text) if part.strip())
