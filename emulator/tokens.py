"""Pieces and counts of text, in the place of a model's tokens."""

import re
from collections.abc import Iterator
from typing import Final

_PIECE: Final = re.compile(r"\s*[^\s぀-ヿ一-鿿]+|\s*[぀-ヿ一-鿿]{1,3}|\s+$")
_CHARACTERS_PER_TOKEN: Final = 4


def pieces(text: str) -> Iterator[str]:
    """The text in small pieces that join to the whole."""
    for match in _PIECE.finditer(text):
        yield match[0]


def count(text: str) -> int:
    """About as many tokens as a model would count."""
    return -(-len(text.encode()) // _CHARACTERS_PER_TOKEN)
