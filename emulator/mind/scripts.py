"""Chinese in the script of the lexicons, whichever of the two it came in."""

from functools import cache

from opencc import OpenCC


def in_lexicon_script(text: str, language: str) -> str:
    """The text with traditional characters in their simplified form, one for one; other languages as they are.

    >>> in_lexicon_script("下週從臺北飛東京", "zh")
    '下周从台北飞东京'
    """
    return "".join(map(_simplified, text)) if language == "zh" else text


@cache
def _simplified(character: str) -> str:
    simple = str(_converter().convert(character))
    return simple if len(simple) == 1 else character


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
