"""Folding that keeps every character at its place, so that a match in folded text is a match in the original."""

import unicodedata


def fold(text: str) -> str:
    """Lower-case text without Latin accents and with ASCII digits, exactly as long as the input.

    Japanese voicing marks stay: they tell words apart.

    >>> fold("Miércoles １２月")
    'miercoles 12月'
    """
    return "".join(map(_fold_character, text))


_SAME = {"’": "'"} | dict.fromkeys("–—−‐‑‒", "-") | dict.fromkeys("~～", "〜")
"""One spelling of signs that mean the same."""


def _fold_character(character: str) -> str:
    compatible = unicodedata.normalize("NFKC", character)
    lowered = (compatible if len(compatible) == 1 else character).lower()
    base = unicodedata.normalize("NFD", lowered)[:1]
    folded = base if base.isascii() and base else lowered
    if folded in _SAME:
        return _SAME[folded]
    return folded if len(folded) == 1 else character


_TRADITIONAL = str.maketrans(
    "週個號後兩禮這點節聖誕國慶春號內過們從還邊樓飛號間開", "周个号后两礼这点节圣诞国庆春号内过们从还边楼飞号间开"
)


def simplified(text: str) -> str:
    """The traditional characters of the words for dates in their simplified form, one for one."""
    return text.translate(_TRADITIONAL)
