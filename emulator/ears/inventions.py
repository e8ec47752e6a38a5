"""Guards against words that nobody said."""

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict

WORST_SCORE: Final = -1.1
"""Mean logarithm of the words' probability below which nothing is believed. Measured: a mumbled "okay" has -0.9, words made
of noise -0.97 to -2."""
SILENT: Final = 0.55
"""Probability of no speech above which only words of a good score are believed. Measured: noise has 0.67 and more."""
GOOD_SCORE: Final = -0.4
CLEAR_SILENCE, CLEAR_SCORE = 0.2, -0.6
"""What is doubtful is believed at most at this probability of no speech, and at least at this score."""
_MOST_ALIKE: Final = 3
"""The same word so often in a row is a stuck decoder, beyond what people say ("no, no, no")."""


class Inventions(BaseModel):
    """By language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    never: Mapping[str, tuple[str, ...]]
    doubtful: Mapping[str, tuple[str, ...]]


def believed(text: str, language: str, *, score: float, no_speech: float) -> bool:
    """Whether words were probably said, by the decoder's mean log probability and its probability of no speech."""
    plain = bare(text)
    if not plain or score < WORST_SCORE or (no_speech > SILENT and score < GOOD_SCORE):
        return False
    known = _inventions()
    if any(phrase in plain for phrase in known.never.get(language, ())):
        return False
    if plain in known.doubtful.get(language, ()):
        return no_speech <= CLEAR_SILENCE and score >= CLEAR_SCORE
    return not _stuck(plain)


def bare(text: str) -> str:
    """Letters and digits in lower case without accents, words apart by one space."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    kept = (char if char.isalnum() else " " for char in spread if not unicodedata.combining(char) or char in "゙゚")
    return unicodedata.normalize("NFKC", " ".join("".join(kept).split()))


def _stuck(plain: str) -> bool:
    """Whether phrases repeat themselves as no person's do."""
    words = plain.split()
    for size in (1, 2, 3):
        parts = [tuple(words[start : start + size]) for start in range(0, len(words) - size + 1, size)]
        if len(parts) > _MOST_ALIKE and len(set(parts)) == 1:
            return True
    return False


@cache
def _inventions() -> Inventions:
    file = resources.files("emulator.ears") / "inventions.toml"
    read = Inventions.model_validate(tomllib.loads(file.read_text("utf-8")))
    return Inventions(
        never={code: tuple(map(bare, phrases)) for code, phrases in read.never.items()},
        doubtful={code: tuple(map(bare, phrases)) for code, phrases in read.doubtful.items()},
    )
