"""Airlines by their IATA codes, and by the names that people use for them (`airlines.csv`)."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from contracts.text import plain

_SHOUTED: Final = frozenset({"ANA", "EVA", "LOT", "MEA", "PAL", "SIA", "SAS", "ITA"})
"""Names that are ordinary words or a person's unless they are written in capitals."""
_WORDS: Final = frozenset({"Play", "Viva", "Azul", "Peach", "Condor", "Neos", "Southwest", "Aegean"})
"""Names that are words too: meant when they are written with a capital inside a sentence, or after a word for "with"."""
_OF_COUNTRIES: Final = frozenset({"Copa", "Turkish", "Austrian", "Norwegian", "Ethiopian", "Swiss"})
"""Names that are written with a capital whatever they mean: only after a word for "with"."""
_WITH: Final = re.compile(r"(?<![a-z])(?:with|by|on|flying|fly|con|com|avec|mit|without|sin|sem|sans|ohne|senza)\s+$")
_LATIN: Final = re.compile(r"[a-z0-9]")
_KATAKANA: Final = "[\u30a1-\u30fa\u30fc]"
_NOT_NEXT: Final = "空班线線站程路行天母"
"""What may not follow a Han name that ends in 航: 越南航班 is a flight to Vietnam, not one of 南航."""
_GENERAL: Final = re.compile(
    r"(?:\s*(?:royal dutch airlines|international airlines|air ?lines?|airways|aviation|linhas aereas|lineas aereas|"
    r"aerolineas|compagnie aerienne|航空公司|航空会社|航空))+$"
)
"""What is said behind a name, whether it belongs to it or not."""


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
    """The code of an airline by its code or one of its names, in any of the supported languages.

    >>> code_of("ib"), code_of("汉莎航空公司"), code_of("Emirates Airlines")
    ('IB', 'LH', 'EK')
    """
    wanted = name.strip()
    if wanted.upper() in names():
        return wanted.upper()
    return _codes().get(plain(wanted)) or _bare_codes().get(_bare(wanted))


def find_airlines(text: str) -> list[Named]:
    """Airlines that a text names, in order; the longest name at a place."""
    folded = "".join(map(_fold, text))
    found = (Named(match.start(), match.end(), _spoken()[match[0]]) for match in _pattern().finditer(folded))
    return [one for one in found if _is_meant(text, folded, one)]


def _is_meant(text: str, folded: str, one: Named) -> bool:
    """Whether a name that is a word too stands for the airline."""
    written = text[one.start : one.end]
    if written.upper() in _SHOUTED:
        return written.isupper()
    name = written.capitalize()
    if name not in _WORDS | _OF_COUNTRIES:
        return True
    inside = name in _WORDS and bool(re.search(r"\w[^\w.!?]*\s$", text[: one.start])) and written[0].isupper()
    return inside or bool(_WITH.search(folded[: one.start]))


def _fold(character: str) -> str:
    """Small letters without accents, one for one."""
    compatible = unicodedata.normalize("NFKC", character)
    lowered = (compatible if len(compatible) == 1 else character).lower()
    base = unicodedata.normalize("NFD", lowered)[:1]
    folded = base if base.isascii() else lowered
    return "'" if folded == "’" else folded if len(folded) == 1 else character


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, str]]:
    text = (resources.files("contracts") / "airlines.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _all_names(row: dict[str, str]) -> list[str]:
    return [row["name"], *filter(None, row["aliases"].split(";"))]


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    return {plain(name): row["code"] for row in reversed(_rows()) for name in _all_names(row)}


def _bare(name: str) -> str:
    return _GENERAL.sub("", "".join(map(_fold, name)).strip()).strip()


@lru_cache(maxsize=1)
def _bare_codes() -> dict[str, str]:
    """Names without what is said behind them; one that several airlines would have is nobody's."""
    owners: dict[str, set[str]] = {}
    for row in _rows():
        for name in _all_names(row):
            owners.setdefault(_bare(name), set()).add(row["code"])
    return {name: codes.pop() for name, codes in owners.items() if name and len(codes) == 1}


@lru_cache(maxsize=1)
def _spoken() -> dict[str, str]:
    return {"".join(map(_fold, name)): row["code"] for row in reversed(_rows()) for name in _all_names(row)}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(_bounded, sorted(_spoken(), key=len, reverse=True))))


def _bounded(name: str) -> str:
    """A name in Latin letters or katakana is no part of a longer word in the same script; Han stands in any text."""
    left = right = ""
    if _LATIN.match(name[0]):
        left = r"(?<![a-z0-9])"
    elif re.match(_KATAKANA, name[0]):
        left = f"(?<!{_KATAKANA})"
    if _LATIN.match(name[-1]):
        right = r"(?![a-z0-9])"
    elif re.match(_KATAKANA, name[-1]):
        right = f"(?!{_KATAKANA})"
    elif name.endswith("航"):
        right = f"(?![{_NOT_NEXT}])"
    return f"{left}{re.escape(name)}{right}"
