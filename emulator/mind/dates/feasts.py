"""Days that have a name."""

import re
from datetime import date, timedelta
from typing import Final

_RULE: Final = re.compile(
    r"(?P<month>\d\d)-(?P<day>\d\d)|easter(?P<shift>[+-]\d+)|advent(?P<advent>[1-4])|(?P<weekday>[a-z]{3})(?P<nth>\d)-(?P<in>\d\d)"
)
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOVING: Final = {
    "lunar-new-year": ("2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23"),
    "mid-autumn": ("2026-09-25", "2027-09-15", "2028-10-03", "2029-09-22", "2030-09-12", "2031-10-01"),
    "dragon-boat": ("2026-06-19", "2027-06-09", "2028-05-28", "2029-06-16", "2030-06-05", "2031-06-24"),
}
"""By the Chinese calendar, as the observatory of Hong Kong publishes it."""


def feast(rule: str, year: int) -> date | None:
    """The day of a feast in a year; None when it is not known.

    >>> feast("12-25", 2026), feast("easter-2", 2027), feast("thu4-11", 2026)
    (datetime.date(2026, 12, 25), datetime.date(2027, 3, 26), datetime.date(2026, 11, 26))
    """
    name = rule.removesuffix("-1")  # the eve of it
    if name in _MOVING:
        day = next((date.fromisoformat(day) for day in _MOVING[name] if day.startswith(str(year))), None)
        return day - timedelta(days=1) if day and rule != name else day
    match = _RULE.fullmatch(rule)
    if match is None:
        raise ValueError(f"{rule!r} is no rule of a feast")
    if match["month"]:
        return date(year, int(match["month"]), int(match["day"]))
    if match["advent"]:
        fourth = date(year, 12, 24)
        return fourth - timedelta(days=(fourth.weekday() + 1) % 7 + 7 * (4 - int(match["advent"])))
    if match["shift"]:
        return easter(year) + timedelta(days=int(match["shift"]))
    return nth_weekday(year, int(match["in"]), _WEEKDAYS.index(match["weekday"]), int(match["nth"]))


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth such weekday of a month; None when it has fewer. Monday is 0."""
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return day if day.month == month else None


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian reckoning (Meeus, Jones, Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)
