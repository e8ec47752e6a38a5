"""Japanese in kana: espeak reads kana well and spells most kanji as "Chinese letter"."""

import re
from functools import cache
from typing import Final

import fugashi
import ipadic

_HAN: Final = re.compile(r"[一-鿿々]")
_PRONUNCIATION: Final = 8
"""Index in IPADIC's features."""


@cache
def _tagger() -> fugashi.GenericTagger:
    return fugashi.GenericTagger(ipadic.MECAB_ARGS)


def to_kana(text: str) -> str:
    """The text with kanji replaced by their reading; what has no reading stays."""
    if not _HAN.search(text):
        return text
    return "".join(word.white_space + _read(word.surface, word.feature) for word in _tagger()(text))


def _read(surface: str, feature: tuple[str, ...]) -> str:
    known = len(feature) > _PRONUNCIATION and feature[_PRONUNCIATION] != "*"
    return feature[_PRONUNCIATION] if known and _HAN.search(surface) else surface
