"""How place names are compared: folded text, and the scripts that are written without spaces."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_LATIN_ACCENT: Final = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_SEPARATORS: Final = re.compile(r"[\W_]+")
UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f]+")
"""Runs of kana and Han, where words follow each other without a space (kana middle dot included)."""
KATAKANA: Final = re.compile(r"[\u30a1-\u30ff]")
HIRAGANA_ONLY: Final = re.compile(r"[\u3041-\u309fー]+")
_EXTRA: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "’": "'"})


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Case, width, Latin accents and punctuation away; Japanese voicing marks stay.

    >>> fold("São  Paulo"), fold("Xi'an"), fold("バルセロナ")
    ('sao paulo', 'xian', 'バルセロナ')
    """
    lowered = unicodedata.normalize("NFKC", text).casefold().translate(_EXTRA).replace("'", "").replace("・", "")
    bare = _LATIN_ACCENT.sub("", unicodedata.normalize("NFD", lowered))
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFC", bare)).strip()
