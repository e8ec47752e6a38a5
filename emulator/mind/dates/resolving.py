"""What the parts of a match come to: the arithmetic of the calendar."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from emulator.mind.dates.feasts import feast, nth_weekday
from emulator.mind.dates.lexicon import DateLexicon, Kind

_SATURDAY: Final = 5
_WEEK: Final = 7
_DECEMBER: Final = 12
_CENTURY: Final = 100
_LEAP_CYCLE: Final = 8
"""Years within which 29 February comes back, also across a century."""


class Fields:
    """The named parts of a match as numbers."""

    def __init__(self, match: re.Match[str], lexicon: DateLexicon) -> None:
        self._raw = {name: value for name, value in match.groupdict().items() if value is not None}
        self._lexicon = lexicon

    def has(self, name: str) -> bool:
        """Whether the part was there."""
        return name in self._raw

    def number(self, name: str) -> int:
        """A count, a day or a numeric month."""
        written = re.sub(r"[\s-]+", " ", self._raw[name])
        digits = re.match(r"\d+", written)
        if digits:
            return int(digits[0])
        tables = (self._lexicon.ordinals, self._lexicon.cardinals, self._lexicon.nths)
        plain = ({re.sub(r"[\s-]+", " ", word): value for word, value in table.items()} for table in tables)
        return next(table[written] for table in plain if written in table)

    @property
    def month(self) -> int:
        """1 to 12, or a number that no month has."""
        return self._lexicon.months[self._raw["month"]] if "month" in self._raw else self.number("m")

    @property
    def until_month(self) -> int:
        """The month in which a range ends."""
        return self._lexicon.months[self._raw["until_month"]] if "until_month" in self._raw else self.month

    @property
    def year(self) -> int | None:
        """The year when one is written; two digits are of this century."""
        if "year" not in self._raw:
            return None
        year = int(self._raw["year"])
        return year + 2000 if year < _CENTURY else year

    @property
    def weekday(self) -> int:
        """Monday is 0."""
        return self._day_of_week("weekday")

    @property
    def told(self) -> int | None:
        """The weekday before a whole date, when one is said."""
        return self._day_of_week("told") if "told" in self._raw else None

    def _day_of_week(self, part: str) -> int:
        written = re.sub(r"[\s-]+", " ", self._raw[part])
        names = self._lexicon.short_weekdays | self._lexicon.said_weekdays
        return names[written] if written in names else names[written.replace(" ", "-")]

    @property
    def unit(self) -> str:
        """day, week, month or year."""
        return self._lexicon.units[self._raw["unit"]]


def resolve(kind: Kind, match: re.Match[str], lexicon: DateLexicon, today: date) -> tuple[date, ...]:
    """The dates of a match; none when there is no such date, or when it is not on the weekday that is said with it."""
    try:
        fields = Fields(match, lexicon)
        found = tuple(day for day in _RESOLVERS[kind](fields, today) if day is not None)
        return () if found and fields.told not in {None, found[0].weekday()} else found
    except (OverflowError, ValueError, KeyError):
        return ()


def valid(year: int, month: int, day: int) -> date | None:
    """The date, or None when there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def ahead(day: date, count: int, unit: str) -> date:
    """The day so many units later, or earlier when the count is negative."""
    if unit in ("month", "year"):
        return months_ahead(day, count * (_DECEMBER if unit == "year" else 1))
    return day + timedelta(days=count * (_WEEK if unit == "week" else 1))


def months_ahead(today: date, count: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(today.year * 12 + today.month - 1 + count, 12)
    return next(found for day in range(today.day, 0, -1) if (found := valid(year, month + 1, day)))


def next_feast(rule: str, today: date, year: int | None) -> tuple[date, ...]:
    """The feast in that year, else the next one."""
    years = (year,) if year else (today.year, today.year + 1)
    days = (feast(rule, one) for one in years)
    return next(((day,) for day in days if day and (year or day >= today)), ())


def _next_such(day: int, month: int, today: date) -> date | None:
    years = range(today.year, today.year + _LEAP_CYCLE + 1)
    return next((found for year in years if (found := valid(year, month, day)) and found >= today), None)


def _month_day(fields: Fields, today: date) -> tuple[date | None, ...]:
    day, month, year = fields.number("day"), fields.month, fields.year
    return (valid(year, month, day) if year else _next_such(day, month, today),)


def _numeric(fields: Fields, today: date) -> tuple[date | None, ...]:
    """Day and month change places where only that makes a date: 29/2 and 2/29."""
    day, month, year = fields.number("day"), fields.month, fields.year
    if month > _DECEMBER >= day:
        day, month = month, day
    return (valid(year, month, day) if year else _next_such(day, month, today),)


def _range(fields: Fields, today: date) -> tuple[date | None, ...]:
    first = _month_day(fields, today)[0]
    if first is None:
        return ()
    month = fields.until_month
    last = valid(first.year + (month < first.month), month, fields.number("until"))
    return (first, last) if last and last >= first else ()


def _day_range(fields: Fields, today: date) -> tuple[date | None, ...]:
    first = _day_only(fields, today)[0]
    last = valid(first.year, first.month, fields.number("until")) if first else None
    return (first, last) if first and last and last >= first else ()


def _coming(weekday: int, today: date) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _in_week(weekday: int, today: date, weeks: int) -> date:
    return today + timedelta(days=_WEEK * weeks - today.weekday() + weekday)


def _this_week(fields: Fields, today: date) -> tuple[date | None, ...]:
    day = _in_week(fields.weekday, today, 0)
    return (day if day >= today else None,)


def _weekend(_: Fields, today: date) -> tuple[date | None, ...]:
    return (today if today.weekday() >= _SATURDAY else _coming(_SATURDAY, today),)


def _month_later(months: int) -> Callable[[Fields, date], tuple[date | None, ...]]:
    def later(fields: Fields, today: date) -> tuple[date | None, ...]:
        first = months_ahead(today.replace(day=1), months)
        day = valid(first.year, first.month, fields.number("day"))
        return (day if day and day >= today else None,)

    return later


def _day_only(fields: Fields, today: date) -> tuple[date | None, ...]:
    day = fields.number("day")
    starts = (months_ahead(today.replace(day=1), months) for months in range(3))
    return (next((d for first in starts if (d := valid(first.year, first.month, day)) and d >= today), None),)


def _weekday_day(fields: Fields, today: date) -> tuple[date | None, ...]:
    day, weekday = fields.number("day"), fields.weekday
    for months in range(24):
        first = months_ahead(today.replace(day=1), months)
        found = valid(first.year, first.month, day)
        if found and found >= today and found.weekday() == weekday:
            return (found,)
    return ()


def _nth_weekday(fields: Fields, today: date) -> tuple[date | None, ...]:
    nth, weekday, month = fields.number("nth"), fields.weekday, fields.month
    years = (fields.year,) if fields.year else (today.year, today.year + 1)
    return (next((day for year in years if (day := nth_weekday(year, month, weekday, nth)) and day >= today), None),)


def _last_weekday(fields: Fields, today: date) -> tuple[date | None, ...]:
    weekday, month = fields.weekday, fields.month
    for year in (fields.year,) if fields.year else (today.year, today.year + 1):
        found = nth_weekday(year, month, weekday, 5) or nth_weekday(year, month, weekday, 4)
        if found and found >= today:
            return (found,)
    return ()


_RESOLVERS: Final[Mapping[Kind, Callable[[Fields, date], tuple[date | None, ...]]]] = {
    "month_day": _month_day,
    "numeric": _numeric,
    "ahead": lambda fields, today: (ahead(today, fields.number("n"), fields.unit),),
    "coming_weekday": lambda fields, today: (_coming(fields.weekday, today),),
    "next_week_weekday": lambda fields, today: (_in_week(fields.weekday, today, 1),),
    "after_next_weekday": lambda fields, today: (_in_week(fields.weekday, today, 2),),
    "this_week_weekday": _this_week,
    "month_after_next_day": _month_later(2),
    "weekend": _weekend,
    "next_weekend": lambda _, today: (_in_week(_SATURDAY, today, 1),),
    "next_week": lambda _, today: (today + timedelta(days=_WEEK),),
    "after_next_week": lambda _, today: (today + timedelta(days=2 * _WEEK),),
    "next_month_day": _month_later(1),
    "this_month_day": _month_later(0),
    "day_only": _day_only,
    "day_range": _day_range,
    "range": _range,
    "weekday_day": _weekday_day,
    "nth_weekday": _nth_weekday,
    "last_weekday": _last_weekday,
}
