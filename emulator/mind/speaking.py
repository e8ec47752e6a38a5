"""Dates, times, prices and lists as a language writes them; Babel knows how."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency

from contracts.languages import language as product_language
from emulator.lexicon import lexicon

_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " "})


def locale_of(code: str) -> str:
    """Babel's name for the language."""
    return product_language(code).tag.replace("-", "_")


def join(code: str, *sentences: str) -> str:
    """Sentences one after the other."""
    return (" " if lexicon(code).spaced else "").join(filter(None, sentences))


def listed(names: Iterable[str], code: str) -> str:
    """Names in a row."""
    return (", " if lexicon(code).spaced else "、").join(names)


def money(amount: str, currency: str, code: str) -> str:
    """A price."""
    return format_currency(Decimal(amount), currency, locale=locale_of(code)).translate(_SPACES)


def spoken_date(value: str, code: str) -> str:
    """An ISO date with its weekday, as the language writes it."""
    day, locale = date.fromisoformat(value), locale_of(code)
    weekday = format_date(day, "EEEE", locale=locale)
    month_day = format_skeleton("MMMMd", day, locale=locale)
    return f"{weekday}, {month_day}" if lexicon(code).spaced else f"{month_day}{weekday}"


def spoken_time(value: str, code: str) -> str:
    """The time of an ISO moment."""
    return clock(datetime.fromisoformat(value).time(), code)


def clock(value: time, code: str) -> str:
    """A time of day."""
    return format_time(value, "short", locale=locale_of(code)).translate(_SPACES)
