"""The everyday names of airports: what is left of their official ones without the words that every airport has."""

import re
from collections.abc import Iterable, Iterator

from contracts.places.text import fold
from tools.places.cities import City, both_scripts
from tools.places.sources import LANGUAGES, Port, names_of, ports, psv

_WORDS = [
    "airport",
    "airports",
    "aeroporto",
    "aeropuerto",
    "aeroport",
    "flughafen",
    "flugplatz",
    "aerodromo",
    "aerodrome",
    "aeroparc",
    "luchthaven",
    "intercontinental",
    "intl",
    "int",
    "international",
    "internacional",
    "internazionale",
    "internationaler",
    "internationale",
    "internationales",
    "municipal",
    "regional",
    "regionale",
    "national",
    "nacional",
    "domestic",
    "airfield",
    "field",
    "air",
    "base",
    "afb",
    "verkehrsflughafen",
    "terminal",
    "the",
    "of",
    "de",
    "do",
    "da",
    "di",
    "du",
    "del",
    "la",
    "le",
    "les",
    "der",
    "des",
    "d",
    "l",
    "county",
    "metropolitan",
    "area",
    "executive",
    "jetport",
    "airpark",
    "station",
    "memorial",
]
_EDGES = frozenset(_WORDS)
_CJK = (
    "国際空港",
    "國際機場",
    "国际机场",
    "国际機場",
    "國際空港",
    "空港",
    "機場",
    "机场",
    "飛行場",
    "飞机场",
    "国際",
    "国际",
    "國際",
)
_COMMON = frozenset(
    [
        "central",
        "city",
        "north",
        "south",
        "east",
        "west",
        "new",
        "old",
        "international",
        "general",
        "san",
        "santa",
        "saint",
        "north-west",
        "capital",
        "island",
        "islands",
        "central",
        "county",
        "metropolitan",
        "global",
        "world",
    ]
)
LEAST_LATIN, LEAST_CJK = 4, 2


def listed() -> dict[str, list[str]]:
    """Folded name -> airport, of those written down by hand."""
    found: dict[str, list[str]] = {}
    for code, names in psv("airports.psv"):
        if code in ports():
            for name in both_scripts(names_of(names)):
                found[fold(name)] = [code]
    return found


def everyday(cities: list[City], areas: set[str]) -> dict[str, list[str]]:
    """Folded name -> airports that are called so; nor a city's own name nor a region's (`areas`) is one."""
    by_airport: dict[str, list[City]] = {}
    for city in cities:
        for code in city.airports:
            by_airport.setdefault(code, []).append(city)
    found: dict[str, list[str]] = {}
    for port in ports().values():
        served = by_airport.get(port.code, [])
        if not served:
            continue
        cities_names = {fold(name) for city in served for name in (*city.strong, *city.weak)}
        for name in _names(port, cities_names):
            if name not in cities_names and name not in areas:
                found.setdefault(name, []).append(port.code)
    return found


def _names(port: Port, cities: set[str]) -> Iterator[str]:
    raw = [name for language in LANGUAGES for name in port.names.get(language, ())]
    for name in sorted(both_scripts(raw)):
        yield from _shorter(name, cities)


def _shorter(name: str, cities: set[str]) -> Iterator[str]:
    whole = fold(name)
    for suffix in _CJK:
        whole = whole.removesuffix(suffix)
    if re.search(r"[\u3040-\u9fff]", whole):
        names = [whole, *(whole.removeprefix(city) for city in cities if city and whole.startswith(city))]
        yield from (one for one in names if len(one) >= LEAST_CJK)
        return
    words = _trim(whole.split())
    yield from _usable([words])
    for city in sorted(cities, key=len, reverse=True):
        parts = city.split()
        for start in range(len(words) - len(parts) + 1):
            if parts and words[start : start + len(parts)] == parts:
                yield from _usable([_trim(words[:start] + words[start + len(parts) :])])
                break


def _usable(runs: Iterable[list[str]]) -> Iterator[str]:
    for run in runs:
        text = " ".join(run)
        if (
            len(text) >= LEAST_LATIN
            and text not in _COMMON
            and not text.isdigit()
            and not all(w in _EDGES for w in run)
        ):
            yield text


def _trim(words: list[str]) -> list[str]:
    while words and words[-1] in _EDGES:
        words = words[:-1]
    while words and words[0] in _EDGES:
        words = words[1:]
    return words
