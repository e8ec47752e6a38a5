"""Finds dates. Weeks run from Monday to Sunday; a date without a year is the next such date.

A date that stands beside a word that changes it is moved by that word, or is none: never the one that it would be alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from emulator.mind.dates.grammar import Neighbours, neighbours, rules
from emulator.mind.dates.lexicon import DateLexicon, Kind, date_lexicon
from emulator.mind.dates.resolving import Fields, ahead, next_feast, resolve, valid
from emulator.mind.dates.text import fold, simplified

_ISO: Final = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)(?P<year>20\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)")
_WEEKDAYS: Final = frozenset({"coming_weekday", "next_week_weekday", "after_next_weekday", "this_week_weekday"})
_DAYS: Final = frozenset(
    {"month_day", "numeric", "iso", "feast", "weekday_day", "nth_weekday", "next_month_day", "month_after_next_day"}
)
_NAMED_DAYS: Final = frozenset({"month_day", "numeric", "iso", "feast"})
_WHOLE: Final = frozenset({"month_day", "numeric", "iso"})
"""Kinds that say the month."""
_TWO_MONTHS: Final = 62
_LONGEST_MONTH: Final = 31
_FROM_TODAY: Final = frozenset({"ahead", "relative", "next_week", "after_next_week"})


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
    kind: Kind | str | None = None


def parse_dates(text: str, language: str, today: date) -> list[DateMatch]:
    """All dates in a text, in the order they are written; ISO dates are understood in every language.

    `today` is the day at the speaker. A range (`3 to 10 December`) gives two matches. Text that names a date which
    does not exist (31 February) gives none. Raises KeyError for an unsupported language.
    """
    folded = fold(text)
    folded = simplified(folded) if language == "zh" else folded
    beside, lexicon = neighbours(language), date_lexicon(language)
    raw = list(_candidates(folded, language, today))
    read = [_beside(one, folded, beside, lexicon) for one in raw]
    read += _weekdays_beside(raw, folded, beside, spaced=lexicon.words.spaced)
    # A bare day last, as it may be the beginning of a whole one ("on the 3rd of Feb"). The longest first; of two readings of the same words the one that is not counted in numbers ("acht Tage": a week).
    found = sorted(
        read,
        key=lambda c: (c.kind in {"day_only", "day_range"}, c.start - c.end, c.start, not c.dates, c.kind == "ahead"),
    )
    taken: list[_Candidate] = []
    for candidate in found:
        if all(candidate.end <= other.start or other.end <= candidate.start for other in taken):
            taken.append(candidate)
    agreed = _of_one_month(_agreed(sorted(taken, key=lambda one: one.start), folded, beside), today)
    return sorted(DateMatch(c.start, c.end, day) for c in agreed for day in c.dates)


def _candidates(folded: str, language: str, today: date) -> Iterator[_Candidate]:
    lexicon = date_lexicon(language)
    for pattern in (_ISO, _COMPACT):
        for match in pattern.finditer(folded):
            day = valid(int(match["year"]), int(match["m"]), int(match["d"]))
            yield _Candidate(*match.span(), (day,) if day else (), "iso")
    for rule in rules(language):
        for match in rule.pattern.finditer(folded):
            if rule.kind is not None:
                if _is_day(match):
                    yield _Candidate(*match.span(), resolve(rule.kind, match, lexicon, today), rule.kind)
            elif rule.feast is not None:
                year = match["year"]
                yield _Candidate(*match.span(), next_feast(rule.feast, today, int(year) if year else None), "feast")
            else:
                dates = () if rule.offset is None else (today + timedelta(days=rule.offset),)
                yield _Candidate(*match.span(), dates, None if rule.offset is None else "relative")


def _is_day(match: re.Match[str]) -> bool:
    """Whether the digits in it can be a day's at all: 90 is none, while 31 February is one that there is not."""
    said = match.groupdict().get("day") or ""
    digits = re.match(r"\d+", said)
    return digits is None or int(digits[0]) <= _LONGEST_MONTH


def _beside(one: _Candidate, folded: str, words: Neighbours, lexicon: DateLexicon) -> _Candidate:
    """The candidate as its neighbours make it; without a date when a word beside it says that it is another one."""
    if not one.dates or one.kind == "iso":
        return one
    left, right = folded[: one.start], folded[one.end :]
    for patterns, sign in ((words.ahead_before, 1), (words.back_before, -1)):
        for pattern in patterns:
            match = pattern.search(left)
            if match:
                return _shifted(one, match.start(), one.end, Fields(match, lexicon), sign)
    for pattern, days in words.fixed_after:
        match = pattern.search(right)
        if match:
            moved = tuple(day + timedelta(days=days) for day in one.dates)
            return replace(one, end=one.end + match.end(), dates=moved, kind="shifted")
    for pattern in words.ahead_after:
        match = pattern.search(right)
        if match and one.kind not in _FROM_TODAY - {"relative"}:
            return _shifted(one, one.start, one.end + match.end(), Fields(match, lexicon), 1)
    if words.void_before.search(left) or words.void_after.search(right):
        return replace(one, dates=())
    return one


def _weekdays_beside(raw: list[_Candidate], folded: str, words: Neighbours, *, spaced: bool) -> Iterator[_Candidate]:
    """The weekday before or after a named day: "the Friday before Christmas", "圣诞节前的星期五"."""
    days = [one for one in raw if one.kind in _NAMED_DAYS and one.dates]
    for weekday in raw:
        if weekday.kind != "coming_weekday" or not weekday.dates:
            continue
        for day in days:
            first, second = (weekday, day) if spaced else (day, weekday)
            between = folded[first.end : second.start]
            for pattern, sign in ((words.weekday_before, -1), (words.weekday_after, 1)):
                if first.end <= second.start and pattern.fullmatch(between):
                    apart = (sign * (weekday.dates[0].weekday() - day.dates[0].weekday()) - 1) % 7 + 1
                    found = day.dates[0] + sign * timedelta(days=apart)
                    yield _Candidate(first.start, second.end, (found,), "shifted")


def _shifted(one: _Candidate, start: int, end: int, fields: Fields, sign: int) -> _Candidate:
    # "The day after" has neither a number nor a unit.
    count, unit = (fields.number("n"), fields.unit) if fields.has("n") else (1, "day")
    moved = tuple(ahead(day, sign * count, unit) for day in one.dates)
    return replace(one, start=start, end=end, dates=moved, kind="shifted")


def _agreed(found: list[_Candidate], folded: str, words: Neighbours) -> list[_Candidate]:
    """One date that is told twice ("Friday the 11th") counts once; two that disagree count not at all."""
    kept: list[_Candidate] = []
    for one in found:
        before = kept[-1] if kept else None
        if before and before.kind == "feast" and one.kind == "weekend" and not folded[before.end : one.start].strip():
            kept[-1:] = []  # "Easter weekend" is neither the feast's day nor this weekend
            continue
        if before and before.dates and one.dates and words.glue.fullmatch(folded[before.end : one.start]):
            settled = _both(before, one)
            if settled is not None:
                kept[-1:] = settled
                continue
        kept.append(one)
    return kept


def _both(first: _Candidate, second: _Candidate) -> list[_Candidate] | None:
    """What two dates side by side mean; None when they have nothing to do with each other."""
    weekdays = [one for one in (first, second) if one.kind in _WEEKDAYS]
    if len(weekdays) != 1:
        return None
    other = second if weekdays[0] is first else first
    if other.kind in _DAYS:
        agree = (
            other.kind not in {"month_day", "numeric", "iso"}
            or other.dates[0].weekday() == weekdays[0].dates[0].weekday()
        )
        return [other] if agree else []
    if other.kind in {"day_only", "this_month_day"}:
        day = _on_weekday(other.dates[0], weekdays[0].dates[0].weekday())
        return [replace(other, dates=(day,))] if day else []
    if other.kind in _FROM_TODAY or other.kind == "shifted":
        return []
    return None


def _of_one_month(found: list[_Candidate], today: date) -> list[_Candidate]:
    """A bare day beside one with its month is of that month: "on the 5th and on the 9th of February", "2月5日と9日"."""
    read: list[_Candidate] = []
    for number, one in enumerate(found):
        if one.kind != "day_only" or not one.dates:
            read.append(one)
            continue
        before = next((other.dates[-1] for other in reversed(read) if other.dates and other.kind in _WHOLE), None)
        later = next((other.dates[0] for other in found[number + 1 :] if other.dates and other.kind in _WHOLE), None)
        day = one.dates[0].day
        near = _nearest(day, after=before, before=later)
        if near is None:
            read.append(one)
        else:
            # Earlier than today it is no such day, and not another one either.
            read.append(replace(one, dates=(near,) if near >= today else (), kind="month_day"))
    return read


def _nearest(day: int, *, after: date | None, before: date | None) -> date | None:
    """The day of a month next after a date, else the last one before another."""
    start, step = (after, 1) if after is not None else (before, -1)
    if start is None:
        return None
    beside = (start + timedelta(days=step * days) for days in range(1, _TWO_MONTHS))
    return next((one for one in beside if one.day == day), None)


def _on_weekday(day: date, weekday: int) -> date | None:
    """The next month in which that day of the month falls on the weekday."""
    for months in range(24):
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        found = valid(year, month + 1, day.day)
        if found and found.weekday() == weekday:
            return found
    return None
