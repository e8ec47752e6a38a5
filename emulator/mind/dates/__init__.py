"""Dates in free text, in the supported languages: a small grammar on CLDR names, no guessing.

>>> from datetime import date
>>> parse_dates("fly on December 3rd", "en", date(2026, 11, 21))[0].date
datetime.date(2026, 12, 3)
"""

from emulator.mind.dates.months import month_named
from emulator.mind.dates.parser import DateMatch, parse_dates
from emulator.mind.dates.text import fold

__all__ = ["DateMatch", "fold", "month_named", "parse_dates"]
