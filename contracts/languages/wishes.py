"""Which language somebody asks to be spoken to in: by what CLDR calls it in the language that they ask in."""

import re
from functools import cache
from typing import Final

from babel import Locale

from contracts.languages import LANGUAGES, normalise

_ALSO: Final = {
    ("es", "es"): ("castellano",),
    ("pt", "es"): ("castelhano",),
    ("it", "es"): ("castigliano",),
    ("zh", "zh"): ("中文", "普通话", "国语", "汉语"),
}
"""Names of languages that CLDR does not have."""


def asked_for(text: str, spoken: str) -> str | None:
    """The supported language that somebody asks to be spoken to in; `spoken`: code of the one that they seem to speak.

    >>> asked_for("Can we speak Spanish?", "en"), asked_for("Können wir Englisch sprechen?", "de")
    ('es', 'en')
    """
    words = normalise(text)
    # What a short question is in is not always known.
    for language in dict.fromkeys((spoken, *LANGUAGES)):
        found = {wanted for wanted, pattern in _wishes(language) if pattern.search(words)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


@cache
def _wishes(spoken: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    locale = Locale.parse(LANGUAGES[spoken].tag, sep="-")
    return tuple(
        (code, re.compile("|".join(form.replace("{}", names) for form in LANGUAGES[spoken].asks_for)))
        for code in LANGUAGES
        if (names := _names_of(code, locale))
    )


def _names_of(code: str, locale: Locale) -> str:
    """What a language is called in another, in regular expressions; Chinese has two words for the end of each."""
    name = normalise(locale.languages.get(code, ""))
    names = {name, *_ALSO.get((locale.language, code), ())} - {""}
    names |= {f"{one[:-1]}[语文]" for one in names if one.endswith(("语", "文"))}
    return f"(?:{'|'.join(sorted(names, key=len, reverse=True))})" if names else ""
