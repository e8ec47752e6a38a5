"""What an utterance says of who travels and what the flights must be like, with where it says so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from contracts.airlines import find_airlines
from emulator.lexicon import lexicon
from emulator.lexicon.wishes import WishWords, wish_words
from emulator.mind.dates import fold, parse_dates
from emulator.mind.phrases import ends_with, find, number_words, starts_with

_INFANT_UNDER: Final = 2
_ADULT_FROM: Final = 18
_MOST: Final = 8
_PARTS: Final = {
    "morning": ("06:00", "12:00"),
    "lunch": ("13:00", "23:59"),
    "afternoon": ("12:00", "18:00"),
    "evening": ("18:00", "23:59"),
    "night": ("20:00", "23:59"),
}
_NOON: Final = 12
_EARLY: Final = 6
"""An hour up to this without a word for the half of the day is meant after noon: nobody asks to leave after three at night."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """None and empty mean that nothing is said of it."""

    children: int | None = None
    ages: tuple[int, ...] = ()
    infants: int | None = None
    companions: int = 0
    """Adults who are named beside the speaker, such as "my wife"."""
    max_stops: int | None = None
    checked_bags: int | None = None
    refundable: bool | None = None
    depart_from: str | None = None
    depart_until: str | None = None
    arrive_until: str | None = None
    airlines: tuple[str, ...] = ()
    without_airlines: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    """Where in the text all that stands; it means nothing else."""

    @property
    def anything(self) -> bool:
        """Whether anything is wanted at all."""
        return bool(self.children or self.ages or self.infants or self.checked_bags or self.refundable or self.times
                    or self.max_stops or self.airlines or self.without_airlines)  # fmt: skip

    @property
    def times(self) -> tuple[str, ...]:
        """Times of day that were said."""
        return tuple(filter(None, (self.depart_from, self.depart_until, self.arrive_until)))


def wanted(text: str, code: str) -> Wanted:
    """Reads an utterance of a language."""
    words, folded = wish_words(code), fold(text)
    spaced = lexicon(code).spaced
    reader = _Reader(folded, code, spaced=spaced)
    between = reader.between(words.depart_between)
    aged = reader.each(words.aged)
    infants = reader.count(words.infants, words.infant)
    children = reader.count(words.children, words.child)
    ages = reader.ages(words.ages) if children or infants or reader.has_child else ()
    if aged:
        ages, children = (*aged, *ages), children or len(aged) + len(ages)
    small = sum(age < _INFANT_UNDER for age in ages)
    ages = tuple(age for age in ages if _INFANT_UNDER <= age < _ADULT_FROM)
    if small and children:
        children, infants = children - small, (infants or 0) + small
    arrive = reader.time(words.arrive_until)
    leave_from, leave_by = between or (reader.time(words.depart_from), reader.time(words.depart_until))
    part = None if leave_by or leave_from or arrive else reader.part(words)
    airlines, without = _airlines(text, reader, code)
    return Wanted(
        children=children or None,
        ages=ages,
        infants=infants or None,
        max_stops=reader.count(words.stops, (), of_children=False),
        companions=reader.times_of(words.couple),
        checked_bags=reader.count(words.bags, words.bag, of_children=False),
        refundable=True if reader.phrase(words.refundable) else None,
        depart_from=leave_from or (part[0] if part else None),
        depart_until=leave_by or (part[1] if part else None),
        arrive_until=arrive,
        airlines=airlines,
        without_airlines=without,
        spans=tuple(reader.spans),
    )


def only_ages(text: str, code: str) -> tuple[int, ...]:
    """The ages in an answer to the question for them: every number that a child can be old."""
    numbers = (_number(match[0], code) for match in re.finditer(_numbers(code), fold(text)))
    return tuple(number for number in numbers if number is not None and number < _ADULT_FROM)


class _Reader:
    """Finds templates in a text, and notes where."""

    def __init__(self, folded: str, code: str, *, spaced: bool) -> None:
        self._folded = folded
        self._code = code
        self._spaced = spaced
        self.spans: list[tuple[int, int]] = []
        self.has_child = False
        # Which day it is today does not change where a date stands.
        self._dates = [(one.start, one.end) for one in parse_dates(folded, code, date(2026, 1, 1))]

    def each(self, templates: tuple[str, ...]) -> tuple[int, ...]:
        """The number of each match."""
        matches = list(_pattern(templates, self._code, self._spaced).finditer(self._folded)) if templates else []
        self.spans += [match.span() for match in matches]
        self.has_child = self.has_child or bool(matches)
        numbers = [_number(_filled(match), self._code) for match in matches]
        return tuple(number for number in numbers if number is not None and number < _ADULT_FROM)

    def between(self, templates: tuple[str, ...]) -> tuple[str | None, str | None] | None:
        """Two times of day; "between 8 and 10 am" says of both which half of the day it is."""
        match = self._search(templates)
        if match is None:
            return None
        first, last = (said for said in match.groups() if said is not None)
        words = wish_words(self._code)
        half = re.search(_choice(words.am + words.pm), last)
        if half and not re.search(_choice(words.am + words.pm), first):
            first = f"{first} {half[0]}"
        return _clock(first, words), _clock(last, words)

    def count(self, templates: tuple[str, ...], single: tuple[str, ...], *, of_children: bool = True) -> int | None:
        """How many of something: as a number, else one for each phrase that means one."""
        match = self._search(templates)
        if match is not None:
            self.has_child = self.has_child or of_children
            return _number(_filled(match), self._code)
        ones = list(find_all(single, self._folded, spaced=self._spaced))
        for one in ones:
            self.spans.append(one)
        self.has_child = self.has_child or (of_children and bool(ones))
        return len(ones) or None

    def ages(self, templates: tuple[str, ...]) -> tuple[int, ...]:
        """Every age of every list."""
        found: list[int] = []
        for match in _pattern(templates, self._code, self._spaced).finditer(self._folded):
            if self._taken(match):
                continue
            self.spans.append(match.span())
            numbers = re.finditer(_numbers(self._code), _filled(match))
            found += [number for one in numbers if (number := _number(one[0], self._code)) is not None]
        return tuple(found[:_MOST])

    def time(self, templates: tuple[str, ...]) -> str | None:
        """A time of day as HH:MM."""
        match = self._search(templates)
        return _clock(_filled(match), wish_words(self._code)) if match else None

    def part(self, words: WishWords) -> tuple[str, str] | None:
        """From when to when a part of the day lasts; the longest name for one counts."""
        found = {name: find(phrases, self._folded, spaced=self._spaced) for name, phrases in words.parts.items()}
        matches = [(len(match[0]), name, match.start()) for name, match in found.items() if match]
        if not matches:
            return None
        _, name, start = max(matches)
        greeting = find(lexicon(self._code).intents.get("hello", ()), self._folded, spaced=self._spaced)
        if greeting and greeting.start() <= start < greeting.end():
            return None
        return _PARTS[name]

    def phrase(self, phrases: tuple[str, ...]) -> bool:
        """Whether one of them is said."""
        match = find(phrases, self._folded, spaced=self._spaced)
        if match:
            self.spans.append(match.span())
        return match is not None

    def times_of(self, phrases: tuple[str, ...]) -> int:
        """How often one of them is said."""
        return len(list(find_all(phrases, self._folded, spaced=self._spaced)))

    def _search(self, templates: tuple[str, ...]) -> re.Match[str] | None:
        matches = _pattern(templates, self._code, self._spaced).finditer(self._folded) if templates else ()
        match = next((match for match in matches if not self._taken(match)), None)
        if match:
            self.spans.append(match.span())
        return match

    def _taken(self, match: re.Match[str]) -> bool:
        """Whether it is said of something else, or its number is that of a day."""
        start, end = match.span(next(number for number, group in enumerate(match.groups(), 1) if group is not None))
        spans = (*self.spans, *self._dates)
        return any(first < end and start < last for first, last in spans)


def find_all(phrases: tuple[str, ...], folded: str, *, spaced: bool) -> Iterator[tuple[int, int]]:
    """Where the phrases stand."""
    at = 0
    while match := find(phrases, folded[at:], spaced=spaced):
        yield at + match.start(), at + match.end()
        at += match.end()


def _airlines(text: str, reader: _Reader, code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Wanted and unwanted airlines. A negation holds for those that are named right after it."""
    words, spaced = wish_words(code), lexicon(code).spaced
    wished: list[str] = []
    unwanted: list[str] = []
    end, negated, articles = 0, False, lexicon(code).articles
    for airline in find_airlines(text):
        before, after = fold(text[end : airline.start]), fold(text[airline.end :])
        joined = len(before.strip(" ,、")) <= max(map(len, words.separators)) and end > 0
        bare = re.sub(rf"(?<=\s)(?:{_choice(articles)})\s*$", "", before) if spaced else before
        marked = any(ends_with(words.without_before, left, spaced=spaced) for left in (before, bare))
        marked = marked or bool(starts_with(words.without_after, after, spaced=spaced))
        negated = marked or (negated and joined)
        (unwanted if negated else wished).append(airline.code)
        reader.spans.append((airline.start, airline.end))
        end = airline.end
    return tuple(dict.fromkeys(wished)), tuple(dict.fromkeys(unwanted))


def _filled(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None)


@cache
def _numbers(code: str) -> str:
    cardinals = sorted(number_words(lexicon(code).cardinals), key=len, reverse=True)
    spoken = "|".join(map(re.escape, cardinals))
    return rf"\d{{1,2}}|(?<!\w)(?:{spoken})(?!\w)" if lexicon(code).spaced else rf"\d{{1,2}}|{spoken}"


def _number(written: str, code: str) -> int | None:
    return int(written) if written.isdigit() else number_words(lexicon(code).cardinals).get(written)


@cache
def _pattern(templates: tuple[str, ...], code: str, spaced: bool) -> re.Pattern[str]:
    words = wish_words(code)
    number = f"(?:{_numbers(code)})"
    between = "|".join(re.escape(fold(one)) for one in sorted(words.separators, key=len, reverse=True))
    clock = rf"(?:{_choice(words.am + words.pm)})?\s*(?:{_choice(words.noon + words.midnight)}|\d{{1,2}}(?:\s*[:.h時点點]\s*(?:\d{{2}}|半))?)"
    clock += rf"(?:\s*(?:{_choice(words.clock)}))?(?:\s*\d{{2}}(?!\d))?(?:\s*(?:{_choice(words.am + words.pm)}))?"
    slots = {
        "{n}": f"({number})",
        "{ages}": rf"({number}(?:\s*(?:{between})\s*(?:{between})?\s*{number})*)",
        "{time}": f"({clock})",
        "{until}": f"({clock})",
    }
    bodies = []
    for template in sorted(templates, key=len, reverse=True):
        body = (r"\s+" if spaced else r"\s*").join(re.escape(part) for part in fold(template).split())
        for slot, pattern in slots.items():
            body = body.replace(re.escape(slot), pattern)
        bodies.append(rf"(?<!\w){body}(?!\w)" if spaced else body)
    return re.compile("|".join(bodies))


def _choice(phrases: tuple[str, ...]) -> str:
    return "|".join(re.escape(fold(one)) for one in sorted(phrases, key=len, reverse=True)) or "(?!)"


def _clock(said: str, words: WishWords) -> str | None:
    """A time as HH:MM; None when it is none."""
    if re.search(_choice(words.noon), said) and not re.search(r"\d", said):
        return "12:00"
    if re.search(_choice(words.midnight), said) and not re.search(r"\d", said):
        return "23:59"
    numbers = re.findall(r"\d{1,2}", said)
    hour, minute = int(numbers[0]), 30 if "半" in said else int(numbers[1]) if len(numbers) > 1 else 0
    later = re.search(_choice(words.pm), said)
    if (later and hour < _NOON) or (hour <= _EARLY and len(numbers) == 1 and not re.search(_choice(words.am), said)):
        hour += _NOON
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None  # noqa: PLR2004
