"""The words of the date grammar: month and weekday names from CLDR, the rest from one TOML file for each language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, Literal

from babel import Locale
from pydantic import BaseModel, ConfigDict, Field

from emulator.mind.dates.text import fold

Unit = Literal["day", "week", "month", "year"]
Kind = Literal[
    "month_day",
    "numeric",
    "ahead",
    "coming_weekday",
    "next_week_weekday",
    "weekend",
    "next_weekend",
    "next_week",
    "next_month_day",
    "this_month_day",
    "day_only",
    "day_range",
    "range",
    "weekday_day",
    "nth_weekday",
    "last_weekday",
    "after_next_weekday",
    "this_week_weekday",
    "month_after_next_day",
    "after_next_week",
]

_LONGEST_MONTH: Final = 31
CJK_NUMBERS: Final = dict(zip("一二三四五六七八九", range(1, 10), strict=True))


class DateWords(BaseModel):
    """What one language's file holds. Templates use `{n} {unit} {day} {until} {month} {m} {year} {weekday}`, and
    `[...]` for an optional part.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    locale: str
    """CLDR locale of the month and weekday names."""
    spaced: bool = True
    """Whether words are separated by spaces."""
    cardinals: tuple[str, ...] = ()
    """Number words from one upwards; variants of one number are separated by `|`."""
    ordinals: tuple[str, ...] = ()
    """Ordinal words from first upwards."""
    nths: tuple[str, ...] = ()
    """Further ordinals before a weekday, from first upwards, where they would be a weekday themselves: "segunda"."""
    day_suffixes: tuple[str, ...] = ()
    """What may follow a day written in digits, for example `rd`."""
    units: Mapping[Unit, tuple[str, ...]]
    relative: Mapping[str, int]
    """Phrase to days from today."""
    ignore: tuple[str, ...] = ()
    """Phrases that contain a date word but mean something else, for example a time of day."""
    weekdays: Mapping[str, int] = Field(default_factory=dict)
    """Further names of weekdays; Monday is 0."""
    said_weekdays: Mapping[str, int] = Field(default_factory=dict)
    """Names of weekdays that are other words too, for templates with `{said}`."""
    months: Mapping[str, int] = Field(default_factory=dict)
    """Further names of months."""
    glue: tuple[str, ...] = ()
    """Words between a weekday and the date that it belongs to."""
    templates: Mapping[Kind, tuple[str, ...]]
    feasts: Mapping[str, str] = Field(default_factory=dict)
    """Phrase to a rule of `feasts.feast`: `12-25`, `easter-2`, `thu4-11`."""
    shift_before: tuple[str, ...] = ()
    """Templates that stand before a date and move it ahead by `{n} {unit}`, else by a day: "two weeks from", "the day after"."""
    back_before: tuple[str, ...] = ()
    """The same, moving it back: "two weeks before"."""
    shift_after: tuple[str, ...] = ()
    """Templates that stand behind a date and move it ahead: "in einer Woche"."""
    shifts: Mapping[str, int] = Field(default_factory=dict)
    """Fixed words behind a date, and by how many days they move it: "en huit"."""
    weekday_before: tuple[str, ...] = ()
    """Between a weekday and the day that it comes before: "before" ("the Friday before Christmas")."""
    weekday_after: tuple[str, ...] = ()
    year_links: tuple[str, ...] = ()
    """Words between a feast and its year: "im Jahr"."""
    voids_before: tuple[str, ...] = ()
    """Words right before a date that make it another one, or none: "last", "every"."""
    voids_after: tuple[str, ...] = ()
    """The same right behind it: "ago", "passado"."""


class DateLexicon:
    """A language's words with the CLDR names, folded and turned into numbers."""

    def __init__(self, words: DateWords) -> None:
        self.words = words
        locale = Locale.parse(words.locale)
        self.months = _names(locale, "months") | {fold(name): month for name, month in words.months.items()}
        self.weekdays = _names(locale, "days") | {fold(name): day for name, day in words.weekdays.items()}
        self.cardinals = _numbered(words.cardinals) if words.spaced else _cjk_numbers()
        self.ordinals = _numbered(words.ordinals)
        self.nths = _numbered(words.nths)
        self.short_weekdays = _names(locale, "days", ("wide", "abbreviated", "short")) | self.weekdays
        self.said_weekdays = {fold(name): day for name, day in words.said_weekdays.items()}
        self.units: dict[str, Unit] = {fold(name): unit for unit, names in words.units.items() for name in names}


def _names(locale: Locale, what: Literal["months", "days"], widths: tuple[str, ...] = ()) -> dict[str, int]:
    """Folded name to number; abbreviations of months too, because a day beside them makes them safe."""
    table = locale.months if what == "months" else locale.days
    widths = widths or (("wide", "abbreviated") if what == "months" else ("wide",))
    return {
        fold(name).rstrip("."): number
        for context in ("format", "stand-alone")
        for width in widths
        for number, name in table[context][width].items()
    }


def _numbered(names: tuple[str, ...]) -> dict[str, int]:
    return {fold(name): number for number, group in enumerate(names, 1) for name in group.split("|")}


def _cjk_numbers() -> dict[str, int]:
    """Chinese numerals from one to thirty-one, and the word for two of something."""
    digits = ["", *CJK_NUMBERS]
    numbers = {
        f"{tens}十{unit}": 10 * (digits.index(tens) or 1) + digits.index(unit)
        for tens in ("", "二", "三")
        for unit in digits
    }
    return {number: value for number, value in numbers.items() if value <= _LONGEST_MONTH} | CJK_NUMBERS | {"两": 2}


@cache
def date_lexicon(code: str) -> DateLexicon:
    """The lexicon of a language code.

    Raises KeyError for a language that has no file.
    """
    file = resources.files("emulator.mind.dates") / "words" / f"{code}.toml"
    if not file.is_file():
        raise KeyError(code)
    return DateLexicon(DateWords.model_validate(tomllib.loads(file.read_text("utf-8"))))
