"""Claims of a sentence about flights, as the eight languages write them: amounts of money, times of day, days.

Forms of numbers and names are CLDR's, by Babel. What can be read in two ways has both readings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from babel.dates import get_day_names, get_month_names
from babel.numbers import get_currency_name, get_currency_symbol

from contracts.languages import LANGUAGES

NUMBER: Final = r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?!\d)|\d[\d.,'\u2019\u00a0\u202f]*\d|\d"
_WORDS_OF: Final = {
    "EUR": ("euro", "euros", "ユーロ", "欧元", "歐元"),
    "USD": ("dollar", "dollars", "dólar", "dólares", "dollaro", "dollari", "ドル", "米ドル", "美元", "美金"),
    "GBP": ("pound", "pounds", "libra", "libras", "livres", "pfund", "sterline", "ポンド", "英镑"),
    "JPY": ("yen", "yenes", "yens", "ienes", "円"),
    "CNY": ("yuan", "yuanes", "yuans", "元", "人民币", "块"),
    "BRL": ("real", "reais", "reales", "réals", "レアル", "雷亚尔"),
}
SHORT_MONTH: Final = 3
"""Letters of an abbreviated month, at least."""
_DOLLARS: Final = frozenset({"USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN"})
_TIME: Final = re.compile(
    r"(?P<before>午前|午後|上午|下午|凌晨|早上|中午|晚上|傍晚)?\s?"
    r"(?<![\d.,:])(?P<hour>[01]?\d|2[0-3])\s?(?:[:：]|[hH]\s?(?=\d)|時\s?|时\s?|点\s?|點\s?)(?P<minute>[0-5]\d)(?![\d:])分?"
    r"[\s\u202f\u00a0]?(?P<after>[AaPp]\.?\s?[Mm]\b\.?)?"
)
Time = tuple[frozenset[str], int, re.Match[str]]


@dataclass(frozen=True)
class Price:
    """An amount of money in a sentence."""

    said: str
    span: tuple[int, int]
    readings: frozenset[Decimal]
    ours: bool
    """Its currency is that of the search."""


def readings(digits: str) -> frozenset[Decimal]:
    """What a number can mean, points and commas read either way."""
    # A space may part thousands, or this number from the one before it.
    *_, last = digits.split(" ")
    bare = {re.sub(r"[\s'\u2019\u00a0\u202f]", "", part) for part in (digits, last)}
    found = set()
    for number in bare:
        parts = re.split(r"[.,]", number)
        if all(len(part) == 3 for part in parts[1:]):  # noqa: PLR2004 - thousands
            found.add("".join(parts))
        if len(parts) > 1:
            found.add("".join(parts[:-1]) + "." + parts[-1])
    return frozenset(Decimal(number) for number in found)


@cache
def currencies() -> frozenset[str]:
    """Codes of currencies, which look like airports'."""
    return frozenset({*_WORDS_OF, *_DOLLARS, "CHF", "INR", "KRW", "TWD"})


@cache
def _marks(currency: str) -> frozenset[str]:
    """How the eight languages write a currency."""
    marks = {currency, *_WORDS_OF.get(currency, ())}
    for language in LANGUAGES.values():
        locale = language.tag.replace("-", "_")
        marks.add(get_currency_symbol(currency, locale))
        marks.update(get_currency_name(currency, count, locale=locale) for count in (1, 2))
    if currency in _DOLLARS:
        marks |= {"$", *_WORDS_OF["USD"]}
    return frozenset(mark.casefold() for mark in marks)


@cache
def _money(currency: str) -> re.Pattern[str]:
    every = {mark for code in (*_WORDS_OF, currency) for mark in _marks(code)} | {"$", "£", "¥", "￥"}
    marks = "|".join(re.escape(mark) for mark in sorted(every, key=len, reverse=True))
    word = r"(?![a-zà-ÿ])"
    return re.compile(
        rf"(?P<before>{marks})[\s\u00a0\u202f]?(?P<first>{NUMBER})|(?P<second>{NUMBER})[\s\u00a0\u202f]?(?P<after>{marks}){word}",
        re.IGNORECASE,
    )


def prices(text: str, currency: str) -> Iterator[Price]:
    """Every amount with a currency."""
    for match in _money(currency).finditer(text):
        group = "first" if match["first"] else "second"
        mark = (match["before"] or match["after"]).casefold()
        yield Price(match[group], match.span(group), readings(match[group]), mark in _marks(currency))


def is_price(readings: frozenset[Decimal], prices: frozenset[Decimal]) -> bool:
    """Whether it is one of the prices, or one of them in whole units."""
    return any(abs(value - price) < 1 for value in readings for price in prices)


def repeated(claim: Price, allowed: str) -> bool:
    """Whether the user said that number."""
    return any(claim.readings & readings(match[0]) for match in re.finditer(NUMBER, allowed))


def times(text: str) -> Iterator[Time]:
    """The hours that a time can be, its length in minutes should it be a duration, and where it stands."""
    for match in _TIME.finditer(text):
        hour, minute = int(match["hour"]), match["minute"]
        after, before = (match["after"] or "").lower(), match["before"] or ""
        late, early = after.startswith("p") or before in ("午後", "下午", "晚上", "傍晚"), after.startswith("a")
        hours = {hour}
        if late or before == "中午":
            hours = {hour % 12 + 12}
        elif early:
            hours = {hour % 12}
        elif hour <= 12:  # noqa: PLR2004 - half a day
            hours = {hour % 12, hour % 12 + 12}
        yield frozenset(f"{one:02d}:{minute}" for one in hours), hour * 60 + int(minute), match


@cache
def calendar(language: str) -> tuple[re.Pattern[str], dict[str, int], dict[str, int]]:
    """How a language writes a day of the year, the months and the weekdays (Monday is 0) by their names."""
    locale = LANGUAGES[language].tag.replace("-", "_")
    months = {name.casefold(): number for number, name in get_month_names("wide", "format", locale).items()}
    weekdays = {name.casefold(): number for number, name in get_day_names("wide", "format", locale).items()}
    if language in ("ja", "zh"):
        if language == "zh":
            weekdays |= {name.replace("星期", "周"): number for name, number in weekdays.items()}
        names = "|".join(sorted(weekdays, key=len, reverse=True))
        pattern = rf"(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})[日号號]?(?:[\s（(、，]*(?P<weekday>{names}))?"
        return re.compile(pattern), months, weekdays
    if language == "pt":
        weekdays |= {name.removesuffix("-feira"): number for name, number in weekdays.items()}
    names = "|".join(sorted(map(re.escape, weekdays), key=len, reverse=True))
    months |= _short_months(locale, months)
    month = "|".join(f"{re.escape(name)}\\.?" for name in sorted(months, key=len, reverse=True))
    article = r"(?:(?:the|den|dem|der|le|el|il|o|dia|día|am)\s)?"
    head = rf"(?:\b(?P<weekday>{names}),?\s{article})?"
    day = r"(?P<day>{})(?:st|nd|rd|th|er|º|ª|°|\.)?".format(r"\d{1,2}")
    other = day.replace("day", "day2")
    pattern = rf"{head}(?:(?P<m>{month})\s(?:the\s)?{day}|{other}\s(?:de\s|of\s|di\s)?(?P<m2>{month}))\b"
    return re.compile(pattern, re.IGNORECASE), months, weekdays


def _short_months(locale: str, whole: dict[str, int]) -> dict[str, int]:
    """Abbreviated names, without what is a word of its own."""
    short = {
        name.casefold().rstrip("."): number for number, name in get_month_names("abbreviated", "format", locale).items()
    }
    return {name: number for name, number in short.items() if len(name) >= SHORT_MONTH and name not in whole}


@cache
def _day_number(language: str) -> re.Pattern[str]:
    _, months, weekdays = calendar(language)
    names = "|".join(sorted(map(re.escape, weekdays), key=len, reverse=True))
    if language == "ja":
        return re.compile(rf"(?<![月\d])(?P<day>\d{{1,2}})日[\s（(、]*(?P<weekday>{names})", re.IGNORECASE)
    if language == "zh":
        return re.compile(rf"(?<![月\d])(?P<day>\d{{1,2}})[日号號][\s（(，]*(?P<weekday>{names})", re.IGNORECASE)
    article = r"(?:(?:the|den|dem|der|le|el|il|o|dia|día|am)\s)"
    month = "|".join(sorted(map(re.escape, months), key=len, reverse=True))
    after = rf"(?!\.?\s?(?:de\s|of\s|di\s)?(?:{month})|[:.,]\d|\d|\s?(?:euro|uhr|h\b))"
    number = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|°|\.)?"
    return re.compile(
        rf"\b(?P<weekday>{names}),?\s{article}{'?' if language in ('es', 'fr', 'it', 'pt') else ''}{number}{after}",
        re.IGNORECASE,
    )


def day_numbers(text: str, language: str) -> Iterator[tuple[str, int, tuple[int, int]]]:
    """Weekdays beside the number of a day whose month is not said: the weekday, the number, where the weekday stands."""
    for match in _day_number(language).finditer(text):
        yield match["weekday"], int(match["day"]), match.span("weekday")


def days(text: str, language: str, asked: date) -> Iterator[tuple[date, str | None, tuple[int, int], tuple[int, int]]]:
    """Days with the weekday that they are said to be, where both stand; the year is the one nearest to the search's."""
    pattern, months, _ = calendar(language)
    for match in pattern.finditer(text):
        groups = match.groupdict()
        if "month" in groups:
            month, number = int(match["month"]), int(match["day"])
        else:
            month = months[(match["m"] or match["m2"]).casefold().rstrip(".")]
            number = int(match["day"] or match["day2"])
        candidates = []
        for year in (asked.year - 1, asked.year, asked.year + 1):
            try:
                candidates.append(date(year, month, number))
            except ValueError:
                continue
        if candidates and not re.match(r",?\s(?:de\s)?(?:19|20)\d\d", text[match.end() :]):
            yield (
                min(candidates, key=lambda day: abs(day - asked)),
                match["weekday"],
                match.span(),
                match.span("weekday"),
            )
