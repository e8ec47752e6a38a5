"""Whether words are names of places, for those who need no more of a place than that, nor the memory that all of them take.

`known.bin` holds a hash of eight bytes of each name that the index has, in order; `tools/places` writes it.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib import resources
from typing import Final

from contracts.places.text import UNSPACED, fold

WORDS_MOST: Final = 6
SIGNS: Final = range(18, 1, -1)
"""Lengths of a name in kana and Han that are looked for; one sign alone may be any word."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def hashes(names: Iterable[str]) -> "array[int]":
    """Of folded names, in order, each once."""
    return array("Q", sorted({_hash(name) for name in names}))


def without_places(text: str) -> str:
    """The text without the names of places in it.

    >>> without_places("From São Paulo to New York, please"), without_places("東京に行きたい")
    ('From  to , please', 'に行きたい')
    """
    kept = UNSPACED.sub(lambda run: _without_signs(run[0]), text)
    words = list(_WORD.finditer(kept))
    spans = []
    at = 0
    while at < len(words):
        for count in range(min(WORDS_MOST, len(words) - at), 0, -1):
            start, end = words[at].start(), words[at + count - 1].end()
            if _known(fold(kept[start:end])):
                spans.append((start, end))
                at += count - 1
                break
        at += 1
    for start, end in reversed(spans):
        kept = kept[:start] + kept[end:]
    return kept


def _without_signs(run: str) -> str:
    at, kept = 0, ""
    while at < len(run):
        length = next((size for size in SIGNS if size <= len(run) - at and _known(fold(run[at : at + size]))), 0)
        kept += "" if length else run[at]
        at += length or 1
    return kept


def _known(folded: str) -> bool:
    names, wanted = _names(), _hash(folded)
    at = bisect_left(names, wanted)
    return at < len(names) and names[at] == wanted


def _hash(folded: str) -> int:
    return int.from_bytes(blake2b(folded.encode(), digest_size=8).digest(), "little")


@cache
def _names() -> "array[int]":
    names = array("Q")
    names.frombytes(resources.files("contracts.places").joinpath("known.bin").read_bytes())
    return names
