"""Finding cities in free text, in any script, without hearing places in ordinary words."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from contracts.places.index import City, Index, index
from contracts.places.text import HIRAGANA_ONLY, KATAKANA, UNSPACED, fold

_FREE_POPULATION: Final = 300_000
"""People; a smaller town needs a cue, because too many of them are named like words and persons."""
_KANJI_POPULATION: Final = 100_000
_MAX_WORDS: Final = 7
_MAX_CHARACTERS: Final = 24
_SHORTEST_NAME: Final = 4
_SHORTEST_KATAKANA: Final = 3
_LAST_LATIN: Final = "\u024f"
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*\.?")
_ELIDED: Final = re.compile(r"(?:qu|jusqu|d|l|[dns]ell|[dn]?all|sull)['’](?=[^\W_])", re.IGNORECASE)
"""Words of French and Italian that lean on the next one: "d'Oslo", "all'Aia"."""
_LOOSE: Final = re.compile(r"[\s,;:/.–—>→-]*")
"""What may stand between two places that are named side by side."""


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """A city named in a text: `text[start:end]` is its name there."""

    start: int
    end: int
    text: str
    cities: tuple[City, ...]
    """What the name can mean, the likeliest first."""

    @property
    def city(self) -> City:
        """The likeliest meaning."""
        return self.cities[0]


@dataclass(frozen=True, slots=True)
class Guards:
    """The words of guards.toml."""

    cued: frozenset[str]
    wary: frozenset[str]
    articles: frozenset[str]
    never: frozenset[str]
    not_codes: frozenset[str]
    travel: dict[str, frozenset[str]]

    def cues(self, language: str | None) -> frozenset[str]:
        """Words of travel of a language, or of all; "a" is an English article and counts only if asked."""
        if language in self.travel:
            return self.travel[language]
        return frozenset().union(*self.travel.values()) - {"a", "e"}


@lru_cache(maxsize=1)
def _guards() -> Guards:
    raw = tomllib.loads((resources.files("contracts.places") / "guards.toml").read_text(encoding="utf-8"))
    return Guards(
        cued=frozenset(raw["cued"]),
        wary=frozenset(raw["wary"]),
        articles=frozenset(raw["articles"]),
        never=frozenset(raw["never"]),
        not_codes=frozenset(raw["not_codes"]),
        travel={language: frozenset(words) for language, words in raw["travel"].items()},
    )


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    folded: str
    leaning: "_Word | None" = None
    """Itself without the elided word before it."""


class _Scanner:
    """One text with its words."""

    def __init__(self, text: str, language: str | None) -> None:
        self.text = text
        self.places: Index = index()
        self.guards = _guards()
        self.language = language.split("-")[0].lower() if language else None
        self.cues = self.guards.cues(self.language)
        self.words = [_word(found) for found in _WORD.finditer(text) if not UNSPACED.match(found[0])]
        letters = [char for char in text if char.isalpha()]
        self.shouted = bool(letters) and all(char.isupper() for char in letters)

    def matches(self) -> list[PlaceMatch]:
        """Every city named, in order."""
        candidates = sorted((*self._spaced(), *self._unspaced()), key=lambda match: match.start)
        return [
            match
            for number, match in enumerate(candidates)
            if self._accepted(match, candidates[number - 1] if number else None, candidates[number + 1 : number + 2])
        ]

    def _spaced(self) -> Iterator[PlaceMatch]:
        position = 0
        while position < len(self.words):
            match, used = self._longest(position)
            if match:
                yield match
            position += used

    def _longest(self, position: int) -> tuple[PlaceMatch | None, int]:
        word = self.words[position]
        match, used = self._longest_from(word, position)
        # As it is written first: "L'Aquila" is a name.
        return self._longest_from(word.leaning, position) if match is None and word.leaning else (match, used)

    def _longest_from(self, first: _Word, position: int) -> tuple[PlaceMatch | None, int]:
        for count in range(min(_MAX_WORDS, len(self.words) - position), 0, -1):
            run = [first, *self.words[position + 1 : position + count]]
            cities = self._cities(" ".join(word.folded for word in run))
            if not cities and count == 1:
                cities = self._code(run[0])
            if cities:
                return self._match(run[0].start, run[-1].end, cities), count
        return None, 1

    def _cities(self, folded: str) -> list[City]:
        if len(folded) < _SHORTEST_NAME and folded not in self.guards.cued:
            return []
        if self.places.knows(folded):
            return self.places.named(folded)
        if folded[:1] > _LAST_LATIN:
            return [city for city in self.places.formerly(folded) if city.notable]
        return []

    def _code(self, word: _Word) -> list[City]:
        written = self.text[word.start : word.end]
        if self.shouted or not re.fullmatch(r"[A-Z]{3}", written) or written in self.guards.not_codes:
            return []
        city = self.places.codes.get(written)
        return [city] if city else []

    def _unspaced(self) -> Iterator[PlaceMatch]:
        for run in UNSPACED.finditer(self.text):
            position = run.start()
            while position < run.end():
                match = self._longest_unspaced(position, run.end())
                if match:
                    yield match
                position = match.end if match else position + 1

    def _longest_unspaced(self, start: int, limit: int) -> PlaceMatch | None:
        for end in range(min(limit, start + _MAX_CHARACTERS), start + 1, -1):
            written = self.text[start:end]
            folded = fold(written)
            if not self.places.knows(folded) or HIRAGANA_ONLY.fullmatch(written) or folded in self.guards.never:
                continue
            if self._cuts_katakana(start, end) or self._cuts_island(end):
                continue
            cities = [city for city in self.places.named(folded) if self._known_by_han(city, written)]
            if cities:
                return self._match(start, end, cities)
        return None

    @staticmethod
    def _known_by_han(city: City, written: str) -> bool:
        """Notable, or large enough; katakana is how ordinary loan words are written, so there the floor is higher."""
        if city.notable:
            return True
        if KATAKANA.search(written):
            return city.population >= _FREE_POPULATION and len(written) >= _SHORTEST_KATAKANA
        return city.population >= (_KANJI_POPULATION if city.country == "JP" else _FREE_POPULATION)

    def _cuts_island(self, end: int) -> bool:
        """Whether the name is a part of an island's: 长滩 is Long Beach, and 长滩岛 is Boracay."""
        return self.text[end : end + 1] in {"岛", "島", "嶋"} and self.text[end - 1 : end] not in {"岛", "島", "嶋"}

    def _cuts_katakana(self, start: int, end: int) -> bool:
        """Whether the name is a part of a longer katakana word."""
        text = self.text
        before = start > 0 and KATAKANA.match(text[start]) and _is_katakana(text[start - 1])
        after = end < len(text) and KATAKANA.match(text[end - 1]) and _is_katakana(text[end])
        return bool(before or after)

    def _match(self, start: int, end: int, cities: list[City]) -> PlaceMatch:
        return PlaceMatch(start, end, self.text[start:end], tuple(cities))

    def _accepted(self, match: PlaceMatch, before: PlaceMatch | None, after: list[PlaceMatch]) -> bool:
        folded = fold(match.text)
        if self._wary(match, folded):
            return self._cue(match) and match.text[0].isupper() and not self.shouted
        if not self._needs_cue(match, folded):
            return True
        return self._cue(match) or self._proper_noun(match, folded) or self._beside(match, before, after)

    def _wary(self, match: PlaceMatch, folded: str) -> bool:
        article, _, rest = folded.partition(" ")
        return folded in self.guards.wary or bool(rest and article in self.guards.articles and not match.city.notable)

    def _needs_cue(self, match: PlaceMatch, folded: str) -> bool:
        if folded in self.guards.cued:
            return True
        if UNSPACED.match(match.text) or re.fullmatch(r"[A-Z]{3}", match.text):
            return False
        city = match.city
        floor = _KANJI_POPULATION if " " in folded else _FREE_POPULATION
        return not city.notable and city.population < floor

    def _cue(self, match: PlaceMatch) -> bool:
        earlier = [word.folded for word in self.words if word.end <= match.start]
        earlier += [
            fold(self.text[word.start : match.start])
            for word in self.words
            if word.leaning and word.leaning.start == match.start
        ]
        return bool(earlier) and earlier[-1] in self.cues and not self.text[: match.start].rstrip().endswith((",", "."))

    def _proper_noun(self, match: PlaceMatch, folded: str) -> bool:
        """Capitalised inside a sentence, for listed names; German capitalises every noun, titles every word."""
        inside = bool(re.search(r"[^\W\d_]\W*\s$", self.text[: match.start])) and not re.search(
            r"[.!?¡¿]\s*$", self.text[: match.start]
        )
        return (
            folded in self.guards.cued
            and inside
            and match.text[0].isupper()
            and self.language != "de"
            and any(char.islower() for char in self.text[: match.start])
        )

    def _beside(self, match: PlaceMatch, before: PlaceMatch | None, after: list[PlaceMatch]) -> bool:
        """Named right next to another place, or followed by a word of travel and a place: "Nice to Rome"."""
        if before and self._certain(before) and _LOOSE.fullmatch(self.text[before.end : match.start]):
            return True
        if not after or not self._certain(after[0]):
            return False
        between = self.text[match.end : after[0].start]
        return bool(_LOOSE.fullmatch(between)) or fold(between) in self.cues

    def _certain(self, match: PlaceMatch) -> bool:
        folded = fold(match.text)
        return not self._wary(match, folded) and not self._needs_cue(match, folded)


def _word(found: re.Match[str]) -> _Word:
    end = found.end() - found[0].endswith(".")
    elided = _ELIDED.match(found[0])
    bare = _Word(found.start() + elided.end(), end, fold(found[0][elided.end() :])) if elided else None
    return _Word(found.start(), end, fold(found[0]), bare)


def _is_katakana(char: str) -> bool:
    return char == "ー" or bool(KATAKANA.match(char))


def find(text: str, language: str | None = None) -> list[PlaceMatch]:
    """Cities named in a text, in order, each with its offsets.

    The longest name wins; a name is never found inside another word of a script that puts spaces between words.
    `language` (a code or tag; None: unknown) decides which words announce a place.
    """
    return _Scanner(text, language).matches()
