"""What an utterance says of who travels and what the flights must be like, with where it says so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Final

from contracts.airlines import find_airlines
from emulator.lexicon import lexicon
from emulator.lexicon.wishes import DayPart, WishWords, wish_words
from emulator.mind.dates import fold, parse_dates
from emulator.mind.hours import Hours, hours, role_of
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
    arrive_from: str | None = None
    arrive_until: str | None = None
    airlines: tuple[str, ...] = ()
    without_airlines: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    """What was said that no search can ask for, in the traveller's words."""
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
        return tuple(filter(None, (self.depart_from, self.depart_until, self.arrive_from, self.arrive_until)))


def wanted(text: str, code: str, first_leg_until: int | None = None) -> Wanted:
    """Reads an utterance of a language. Behind `first_leg_until` it tells of flights after the first."""
    words, folded = wish_words(code), fold(text)
    spaced = lexicon(code).spaced
    reader = _Reader(folded, code, spaced=spaced)
    aged = reader.each(words.aged)
    infants = reader.count(words.infants, words.infant)
    children = reader.count(words.children, words.child)
    ages = reader.ages_behind(children) or reader.ages(words.ages) if children or infants or reader.has_child else ()
    if aged:
        ages, children = (*aged, *ages), children or len(aged) + len(ages)
    small = sum(age < _INFANT_UNDER for age in ages)
    ages = tuple(age for age in ages if _INFANT_UNDER <= age < _ADULT_FROM)
    if small and children:
        children, infants = children - small, (infants or 0) + small
    stops = reader.count(words.stops, (), of_children=False)
    bags = reader.count(words.bags, words.bag, of_children=False)
    airlines, without = _airlines(text, reader, code)
    times = reader.times(words, first_leg_until)
    return Wanted(
        children=children or None,
        ages=ages,
        infants=infants or None,
        max_stops=stops,
        companions=reader.times_of(words.couple),
        checked_bags=bags,
        refundable=True if reader.phrase(words.refundable) else None,
        depart_from=times.depart_from,
        depart_until=times.depart_until,
        arrive_from=times.arrive_from,
        arrive_until=times.arrive_until,
        airlines=airlines,
        without_airlines=without,
        beyond=tuple(text[start:end].strip() for start, end in times.beyond),
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
        self._counted: int | None = None
        """Where the children that were counted last end."""
        # Which day it is today does not change where a date stands.
        self._dates = [(one.start, one.end) for one in parse_dates(folded, code, date(2026, 1, 1))]

    def each(self, templates: tuple[str, ...]) -> tuple[int, ...]:
        """The number of each match."""
        matches = list(_pattern(templates, self._code, self._spaced).finditer(self._folded)) if templates else []
        self.spans += [match.span() for match in matches]
        self.has_child = self.has_child or bool(matches)
        numbers = [_number(_filled(match), self._code) for match in matches]
        return tuple(number for number in numbers if number is not None and number < _ADULT_FROM)

    def count(self, templates: tuple[str, ...], single: tuple[str, ...], *, of_children: bool = True) -> int | None:
        """How many of something: as a number, else one for each phrase that means one."""
        match = self._search(templates)
        if match is not None:
            self.has_child = self.has_child or of_children
            self._counted = match.end() if of_children else self._counted
            return _number(_filled(match), self._code)
        ones = list(find_all(single, self._folded, spaced=self._spaced))
        for one in ones:
            self.spans.append(one)
        self.has_child = self.has_child or (of_children and bool(ones))
        return len(ones) or None

    def ages_behind(self, children: int | None) -> tuple[int, ...]:
        """Ages right behind the children that they are of, as many as there are: "two kids, 3 and 8"."""
        if not children or self._counted is None:
            return ()
        match = re.compile(_slots(self._code)["{ages}"]).match(
            self._folded,
            re.compile(r"\s*[,:(（、，]?\s*").match(self._folded, self._counted).end(),  # type: ignore[union-attr]
        )
        numbers = [_number(one[0], self._code) for one in re.finditer(_numbers(self._code), match[0])] if match else []
        ages = tuple(number for number in numbers if number is not None and number < _ADULT_FROM)
        if match is None or len(ages) != children or self._taken(match):
            return ()
        self.spans.append(match.span())
        return ages

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

    def times(self, words: WishWords, first_leg_until: int | None) -> Hours:
        """Hours that are said, else a part of the day."""
        found = hours(self._folded, self._code, (*self.spans, *self._dates), first_leg_until)
        self.spans += found.spans
        part = None if found.anything or found.beyond else self._part(words)
        if part is None:
            return found
        name, span = part
        role, _ = role_of(self._folded, span, (0, len(self._folded)), self._code)
        if role == "back" or (first_leg_until is not None and span[0] > first_leg_until):
            return replace(found, beyond=(span,))
        earliest, latest = _PARTS[name]
        if role == "arrive":
            return replace(found, arrive_from=earliest, arrive_until=latest)
        return replace(found, depart_from=earliest, depart_until=latest)

    def _part(self, words: WishWords) -> tuple[DayPart, tuple[int, int]] | None:
        """The part of the day that is named; the longest name for one counts."""
        found = {name: find(phrases, self._folded, spaced=self._spaced) for name, phrases in words.parts.items()}
        matches = [(len(match[0]), name, match.span()) for name, match in found.items() if match]
        if not matches:
            return None
        _, name, span = max(matches)
        greeting = find(lexicon(self._code).intents.get("hello", ()), self._folded, spaced=self._spaced)
        if greeting and greeting.start() <= span[0] < greeting.end():
            return None
        return name, span

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
    """Wanted and unwanted airlines. A negation holds for all that are named in a row right after or right before it."""
    words, spaced = wish_words(code), lexicon(code).spaced
    rows: list[tuple[bool, list[str]]] = []
    end, articles = 0, lexicon(code).articles
    for airline in find_airlines(text):
        before, after = fold(text[end : airline.start]), fold(text[airline.end :])
        joined = len(before.strip(" ,、")) <= max(map(len, words.separators)) and end > 0
        bare = re.sub(rf"(?<=\s)(?:{_choice(articles)})\s*$", "", before) if spaced else before
        marked = any(ends_with(words.without_before, left, spaced=spaced) for left in (before, bare))
        if not joined or marked or not rows:
            rows.append((marked, []))
        rows[-1][1].append(airline.code)
        if starts_with(words.without_after, after, spaced=spaced):
            rows[-1] = (True, rows[-1][1])
        reader.spans.append((airline.start, airline.end))
        end = airline.end
    wished = [one for unwanted, row in rows if not unwanted for one in row]
    unwanted = [one for unwanted, row in rows if unwanted for one in row]
    return tuple(dict.fromkeys(wished)), tuple(dict.fromkeys(unwanted))


def _filled(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None)


def _spoken(code: str) -> str:
    return "|".join(map(re.escape, sorted(number_words(lexicon(code).cardinals), key=len, reverse=True)))


@cache
def _numbers(code: str) -> str:
    spoken = _spoken(code)
    return rf"\d{{1,2}}|(?<!\w)(?:{spoken})(?!\w)" if lexicon(code).spaced else rf"\d{{1,2}}|{spoken}"


def _number(written: str, code: str) -> int | None:
    return int(written) if written.isdigit() else number_words(lexicon(code).cardinals).get(written)


@cache
def _slots(code: str) -> dict[str, str]:
    number = f"(?:{_numbers(code)})"
    between = "|".join(re.escape(fold(one)) for one in sorted(wish_words(code).separators, key=len, reverse=True))
    return {
        "{n}": f"({number})",
        "{stem}": f"({_spoken(code)})",
        "{ages}": rf"({number}(?:\s*(?:{between})\s*(?:{between})?\s*{number})*)",
    }


@cache
def _pattern(templates: tuple[str, ...], code: str, spaced: bool) -> re.Pattern[str]:
    bodies = []
    for template in sorted(templates, key=len, reverse=True):
        body = (r"\s+" if spaced else r"\s*").join(re.escape(part) for part in fold(template).split())
        for slot, pattern in _slots(code).items():
            body = body.replace(re.escape(slot), pattern)
        bodies.append(rf"(?<!\w){body}(?!\w)" if spaced else body)
    return re.compile("|".join(bodies))


def _choice(phrases: tuple[str, ...]) -> str:
    return "|".join(re.escape(fold(one)) for one in sorted(phrases, key=len, reverse=True)) or "(?!)"
