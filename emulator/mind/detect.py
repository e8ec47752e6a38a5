"""Tells the language of an utterance by its script and by the words of the lexicons."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from contracts.languages import LANGUAGES
from contracts.languages.wishes import asked_for
from contracts.places.known import without_places
from emulator.lexicon import Lexicon, lexicons
from emulator.mind.dates import fold
from emulator.mind.dates.lexicon import date_lexicon
from emulator.mind.phrases import find

_KANA: Final = re.compile(r"[ぁ-ゖァ-ヺー]")
_HAN: Final = re.compile(r"[一-鿿]")
_JAPANESE_ONLY: Final = re.compile(r"[円駅発着込乗検帰]|[0-9一二三四五六七八九十]名")
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_TELLING_ACCENTS: Final = {"ñ": "es", "¿": "es", "¡": "es", "ß": "de", "ã": "pt", "õ": "pt", "œ": "fr"}


def detect(text: str, fallback: str) -> str:
    """Code of the language of a text; the fallback where the text does not tell, as a city's name alone does not."""
    text = without_places(text)
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "ja" if (fallback == "ja" and not _chinese(text)) or _JAPANESE_ONLY.search(text) else "zh"
    scores: Counter[str] = Counter()
    for word in _WORD.findall(fold(text)):
        for language, weight in _weights().get(word, {}).items():
            scores[language] += weight
    for character, language in _TELLING_ACCENTS.items():
        if character in text.lower():
            scores[language] += 100
    return _winner(scores, fallback)


def _winner(scores: Mapping[str, int], fallback: str) -> str:
    if not scores:
        return fallback
    best = max(scores.values())
    leaders = [language for language in LANGUAGES if scores.get(language, 0) == best]
    return fallback if fallback in leaders else leaders[0]


def _chinese(text: str) -> bool:
    """Whether Han characters stand in words that only Chinese has."""
    chinese = next(lexicon for lexicon in lexicons() if lexicon.code == "zh")
    return find(chinese.words, fold(text), spaced=False) is not None


def asked_language(text: str, spoken: str) -> str | None:
    """The language that an utterance in the language `spoken` asks to speak, for example `auf Deutsch bitte`."""
    asked = asked_for(text, spoken)
    if asked is not None:
        return asked
    folded = fold(text)
    for lexicon in lexicons():
        if find(lexicon.names, folded, spaced=lexicon.spaced):
            return lexicon.code
    return None


@cache
def _weights() -> Mapping[str, Mapping[str, int]]:
    """Word to language to weight: a word counts less the more languages share it."""
    owners: dict[str, set[str]] = defaultdict(set)
    for lexicon in lexicons():
        for phrase in _phrases(lexicon) if lexicon.spaced else ():
            for word in _WORD.findall(fold(phrase)):
                owners[word].add(lexicon.code)
    return {word: dict.fromkeys(codes, 100 // len(codes) ** 2) for word, codes in owners.items()}


def _phrases(lexicon: Lexicon) -> Iterable[str]:
    yield from lexicon.words
    markers = lexicon.markers
    yield from (*markers.from_before, *markers.to_before, *markers.return_before)
    for group in (lexicon.intents, lexicon.sort, lexicon.cabins):
        for phrases in group.values():
            yield from phrases
    for phrase in (*lexicon.ordinals, *lexicon.cardinals, *_date_words(lexicon.code)):
        yield from phrase.split("|")


def _date_words(code: str) -> Iterable[str]:
    dates = date_lexicon(code)
    yield from (*dates.words.relative, *dates.units, *dates.months, *dates.weekdays)
