"""Airlines by their IATA codes, and by the names that people use for them (`airlines.csv`)."""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from contracts.text import plain


@dataclass(frozen=True, slots=True)
class Named:
    """An airline in a text: `text[start:end]`."""

    start: int
    end: int
    code: str


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """The name of each code."""
    return {row["code"]: row["name"] for row in _rows()}


def code_of(name: str) -> str | None:
    """The code of an airline by its code or one of its names."""
    wanted = name.strip()
    if wanted.upper() in names():
        return wanted.upper()
    return _codes().get(plain(wanted))


def find_airlines(text: str) -> list[Named]:
    """Airlines that a text names, in order; the longest name at a place."""
    folded = text.casefold()
    found = [Named(match.start(), match.end(), _spoken()[match[0]]) for match in _pattern().finditer(folded)]
    return found if len(folded) == len(text) else []


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, str]]:
    text = (resources.files("contracts") / "airlines.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _all_names(row: dict[str, str]) -> list[str]:
    return [row["name"], *filter(None, row["aliases"].split(";"))]


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    return {plain(name): row["code"] for row in reversed(_rows()) for name in _all_names(row)}


@lru_cache(maxsize=1)
def _spoken() -> dict[str, str]:
    return {name.casefold(): row["code"] for row in reversed(_rows()) for name in _all_names(row)}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    ordered = sorted(_spoken(), key=len, reverse=True)
    # Names in Latin letters stand alone; others stand in text without spaces.
    return re.compile("|".join(rf"(?<!\w){re.escape(n)}(?!\w)" if n.isascii() else re.escape(n) for n in ordered))
