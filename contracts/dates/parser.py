"""Finds and resolves dates. Weeks run from Monday to Sunday; a date without a year is the next such date."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from contracts.dates.grammar import rules
from contracts.dates.lexicon import DateLexicon, Kind, date_lexicon
from contracts.dates.text import fold

_ISO: Final = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)")
_SATURDAY: Final = 5
_LEAP_CYCLE: Final = 8
"""Years within which 29 February comes back, also across a century."""


@dataclass(frozen=True, order=True)
class DateMatch:
    """A date and where it stands: `text[start:end]`."""

    start: int
    end: int
    date: date


@dataclass(frozen=True)
class _Candidate:
    start: int
    end: int
    dates: tuple[date, ...]


def parse_dates(text: str, language: str, today: date) -> list[DateMatch]:
    """All dates in a text, in the order they are written; ISO dates are understood in every language.

    `today` is the day at the speaker. A range (`3 to 10 December`) gives two matches. Text that names a date which
    does not exist (31 February) gives none. Raises KeyError for an unsupported language.
    """
    folded = fold(text)
    found = sorted(_candidates(folded, language, today), key=lambda c: (c.start - c.end, c.start))
    taken: list[_Candidate] = []
    for candidate in found:
        if all(candidate.end <= other.start or other.end <= candidate.start for other in taken):
            taken.append(candidate)
    return sorted(DateMatch(c.start, c.end, day) for c in taken for day in c.dates)


def _candidates(folded: str, language: str, today: date) -> Iterator[_Candidate]:
    lexicon = date_lexicon(language)
    for match in _ISO.finditer(folded):
        day = _date(int(match["year"]), int(match["m"]), int(match["d"]))
        yield _Candidate(*match.span(), (day,) if day else ())
    for rule in rules(language):
        for match in rule.pattern.finditer(folded):
            if rule.kind is not None:
                yield _Candidate(*match.span(), _resolve(rule.kind, match, lexicon, today))
            else:
                dates = () if rule.offset is None else (today + timedelta(days=rule.offset),)
                yield _Candidate(*match.span(), dates)


def _resolve(kind: Kind, match: re.Match[str], lexicon: DateLexicon, today: date) -> tuple[date, ...]:
    fields = {name: value for name, value in match.groupdict().items() if value is not None}
    try:
        return tuple(day for day in _RESOLVERS[kind](_Fields(fields, lexicon), today) if day is not None)
    except OverflowError:
        return ()


class _Fields:
    """The named parts of a match as numbers."""

    def __init__(self, raw: Mapping[str, str], lexicon: DateLexicon) -> None:
        self._raw = raw
        self._lexicon = lexicon

    def number(self, name: str) -> int:
        """A count, a day or a numeric month."""
        written = re.sub(r"[\s-]+", " ", self._raw[name])
        digits = re.match(r"\d+", written)
        if digits:
            return int(digits[0])
        tables = (self._lexicon.ordinals, self._lexicon.cardinals)
        plain = ({re.sub(r"[\s-]+", " ", word): value for word, value in table.items()} for table in tables)
        return next(table[written] for table in plain if written in table)

    @property
    def month(self) -> int:
        """1 to 12, or a number that no month has."""
        return self._lexicon.months[self._raw["month"]] if "month" in self._raw else self.number("m")

    @property
    def year(self) -> int | None:
        """The year when one is written."""
        return int(self._raw["year"]) if "year" in self._raw else None

    @property
    def weekday(self) -> int:
        """Monday is 0."""
        return self._lexicon.weekdays[re.sub(r"\s+", " ", self._raw["weekday"])]

    @property
    def unit(self) -> str:
        """day, week or month."""
        return self._lexicon.units[self._raw["unit"]]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next_such(day: int, month: int, today: date) -> date | None:
    years = range(today.year, today.year + _LEAP_CYCLE + 1)
    return next((found for year in years if (found := _date(year, month, day)) and found >= today), None)


def _month_day(fields: _Fields, today: date) -> tuple[date | None, ...]:
    day, month, year = fields.number("day"), fields.month, fields.year
    return (_date(year, month, day) if year else _next_such(day, month, today),)


def _range(fields: _Fields, today: date) -> tuple[date | None, ...]:
    first = _month_day(fields, today)[0]
    last = _date(first.year, first.month, fields.number("until")) if first else None
    return (first, last) if last and first and last >= first else (first,)


def _ahead(fields: _Fields, today: date) -> tuple[date | None, ...]:
    count = fields.number("n")
    if fields.unit == "month":
        return (_months_ahead(today, count),)
    return (today + timedelta(days=count * (7 if fields.unit == "week" else 1)),)


def _months_ahead(today: date, count: int) -> date:
    """The same day of a later month, or that month's last day."""
    index = today.year * 12 + today.month - 1 + count
    year, month = divmod(index, 12)
    return next(found for day in range(today.day, 0, -1) if (found := _date(year, month + 1, day)))


def _coming(weekday: int, today: date) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _in_next_week(weekday: int, today: date) -> date:
    return today + timedelta(days=7 - today.weekday() + weekday)


def _weekend(_: _Fields, today: date) -> tuple[date | None, ...]:
    return (today if today.weekday() >= _SATURDAY else _coming(_SATURDAY, today),)


def _next_month_day(fields: _Fields, today: date) -> tuple[date | None, ...]:
    first = _months_ahead(today.replace(day=1), 1)
    return (_date(first.year, first.month, fields.number("day")),)


def _day_only(fields: _Fields, today: date) -> tuple[date | None, ...]:
    day = fields.number("day")
    starts = (_months_ahead(today.replace(day=1), months) for months in range(3))
    return (next((d for first in starts if (d := _date(first.year, first.month, day)) and d >= today), None),)


_RESOLVERS: Final[Mapping[Kind, Callable[[_Fields, date], tuple[date | None, ...]]]] = {
    "month_day": _month_day,
    "numeric": _month_day,
    "ahead": _ahead,
    "coming_weekday": lambda fields, today: (_coming(fields.weekday, today),),
    "next_week_weekday": lambda fields, today: (_in_next_week(fields.weekday, today),),
    "weekend": _weekend,
    "next_weekend": lambda _, today: (_in_next_week(_SATURDAY, today),),
    "next_week": lambda _, today: (today + timedelta(days=7),),
    "next_month_day": _next_month_day,
    "day_only": _day_only,
    "range": _range,
}
