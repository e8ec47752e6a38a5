"""The place index: who is called what, in which language, and which airports serve them.

Data: `places.json.gz` and, read when it is first needed, `rare.json.gz`, built by tools/places; see NOTICE.
"""

import gc
import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Final

from contracts.flights import Place
from contracts.languages import DEFAULT_LANGUAGE
from contracts.places.text import fold

_DISPLAY_LANGUAGES: Final = ("es", "fr", "de", "it", "pt", "ja", "zh")
"""Order of the display names in the data file, after English."""
_MILLION: Final = 1_000_000
_SMALL: Final = 50_000
"""People; a smaller town counts for less than its airport."""
_SMALL_COUNTRY: Final = 2
"""Airports."""
_TRADITIONAL: Final = 8
"""Place of the name in Traditional Chinese among those of a region."""


def _code(language: str | None) -> str:
    return (language or DEFAULT_LANGUAGE).split("-")[0].lower()


@dataclass(frozen=True, slots=True)
class City:
    """A city that can be flown to, or one of its airports when it was asked for by the airport's code or name."""

    code: str
    """Metropolitan code where there is one (LON), else that of the main airport."""
    airports: tuple[str, ...]
    """IATA codes, the main one first."""
    country: str
    """ISO 3166 alpha-2."""
    state: str
    """ISO 3166-2 of the state or province that it is in, "" where that is not known."""
    time_zone: str
    """IANA zone of the main airport."""
    population: int
    traffic: float
    """Of its airports, in that of the busiest one of the world; a fraction of it when none of them is its own."""
    rank: int
    """1 is the most notable city."""
    english: str
    display: tuple[str, ...]
    """Names in `_DISPLAY_LANGUAGES`, "" where it is the English one."""
    notable: bool
    own: bool
    """Whether an airport is named for it; else it is served by those of a neighbour."""

    @property
    def shown(self) -> tuple[str, ...]:
        """Its names in the languages, English first."""
        return (self.english, *filter(None, self.display))

    @property
    def weight(self) -> float:
        """How likely it is meant: by what is flown to it and by how many people live there."""
        people = max(self.population, _SMALL / 5)
        return self.traffic * math.sqrt(people / _MILLION) * min(1.0, people / _SMALL)

    def display_name(self, language: str | None) -> str:
        """The name in a language of `contracts.languages`; English for any other."""
        code = _code(language)
        if code in _DISPLAY_LANGUAGES:
            return self.display[_DISPLAY_LANGUAGES.index(code)] or self.english
        return self.english

    def to_place(self, language: str | None, area: str | None = None) -> Place:
        """The wire form, named in that language; `area` tells it from its namesakes."""
        return Place(
            code=self.code,
            name=self.display_name(language),
            country=self.country,
            airports=self.airports,
            time_zone=self.time_zone,
            area=area,
        )

    def only(self, airport: str) -> "City":
        """The same city, limited to one of its airports."""
        return replace(self, code=airport, airports=(airport,)) if self.airports != (airport,) else self


@dataclass(frozen=True, slots=True)
class Port:
    """An airport with scheduled flights."""

    country: str
    state: str
    traffic: float


@dataclass(frozen=True, slots=True)
class Region:
    """A country, a state, a region or an island, with the airports that one may choose from."""

    code: str
    """ISO 3166-1 or 3166-2, or a name of our own in small letters."""
    names: tuple[str, ...]
    """In English, then in `_DISPLAY_LANGUAGES`, then in Traditional Chinese."""
    airports: tuple[str, ...]

    @property
    def is_country(self) -> bool:
        """Whether it is a country."""
        return len(self.code) == 2  # noqa: PLR2004 - ISO 3166-1

    @property
    def in_speech(self) -> bool:
        """Whether somebody who names it in passing may want to fly there: an island, a state, a small country."""
        return self.well_known and (not self.is_country or len(self.airports) <= _SMALL_COUNTRY)

    @property
    def well_known(self) -> bool:
        """Whether it has a name in more languages than English."""
        return any(self.names[1:])

    def display_name(self, language: str | None) -> str:
        """The name in a language; English where there is none."""
        tag = (language or "").lower()
        if (
            tag.startswith("zh")
            and any(part in tag for part in ("hant", "tw", "hk", "mo"))
            and self.names[_TRADITIONAL]
        ):
            return self.names[_TRADITIONAL]
        code = _code(language)
        found = self.names[1 + _DISPLAY_LANGUAGES.index(code)] if code in _DISPLAY_LANGUAGES else ""
        return found or self.names[0]


class Index:
    """Names, folded, and what they mean."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data: Final = data
        self.cities: Final = tuple(_cities(data))
        self._names: Final[dict[str, list[int]]] = data["names"]
        self.listed: Final[dict[str, list[str]]] = data["listed"]
        """Folded everyday name of an airport -> its code, of those written down by hand."""
        self._derived: Final[dict[str, list[str]]] = data["airports"]
        self.region_names: Final[dict[str, list[str]]] = data["region_names"]
        """Folded name -> codes of regions."""
        self.states: Final[dict[str, str]] = data["states"]
        """What is written after a city ("or") -> ISO 3166-2."""
        self.words: Final[dict[str, str]] = data["words"]
        """Folded names, of places that few know, and codes that are ordinary words -> the languages that have the word."""
        self.metros: Final = frozenset(data["metros"])
        """IATA codes that stand for several airports and are no airport's."""
        self.codes: Final[dict[str, City]] = {}
        self._add_codes()
        self._add_halves()

    def _add_codes(self) -> None:
        """A code means its city; an airport's code the city that it is named for, limited to that airport."""
        for own in (True, False):
            for city in self.cities:
                if city.own is own:
                    self.codes.setdefault(city.code, city)
                    for airport in city.airports:
                        self.codes.setdefault(airport, city.only(airport))

    def _add_halves(self) -> None:
        """A city that is written with the names of two languages ("Gasteiz / Vitoria") is called by either, and by both."""
        for number, city in enumerate(self.cities):
            halves = city.english.split(" / ")
            if len(halves) > 1:
                for name in (*halves, " ".join(halves), " ".join(reversed(halves))):
                    known = self._names.setdefault(fold(name), [])
                    if number not in known:
                        known.append(number)

    @cached_property
    def ports(self) -> dict[str, Port]:
        """Every airport with scheduled flights."""
        return {code: Port(*row) for code, row in self._data["ports"].items()}

    @cached_property
    def regions(self) -> dict[str, Region]:
        """Every country, state, region and island that has an airport."""
        rows = self._data["regions"].items()
        return {code: Region(code, tuple(names), tuple(airports)) for code, (names, airports) in rows}

    @property
    def names(self) -> frozenset[str]:
        """Every name of a city, an airport, a country, a state, a region or an island; some with a language in front."""
        return frozenset({*self._names, *self.listed, *self._derived, *self.region_names})

    @cached_property
    def latin_names(self) -> tuple[str, ...]:
        """Every name in the Latin alphabet, for what is like a name."""
        keys = (*self._names, *self.listed, *self.region_names)
        return tuple({key for key in keys if key.isascii() and ":" not in key})

    @cached_property
    def other_names(self) -> tuple[str, ...]:
        """The names in kana and Han."""
        keys = (*self._names, *self.listed, *self.region_names)
        return tuple({key for key in keys if not key.isascii() and key[0] > "\u2e80"})

    @cached_property
    def _rare(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = _read("rare.json.gz")
        return found

    def towns(self, key: str, language: str | None = None) -> list[City]:
        """Cities that are called exactly this (folded), in any language or in this one only."""
        numbers = (*self._names.get(key, ()), *self._names.get(f"{_code(language)}:{key}", ()))
        return [self.cities[number] for number in numbers]

    def formerly(self, key: str) -> list[City]:
        """Cities with such a name in some source: old, rare, or of a language that nobody told."""
        return [self.cities[number] for number in self._rare.get(key, ())]

    def airports(self, key: str) -> list[City]:
        """Airports of this everyday name."""
        codes = self.listed.get(key) or self._derived.get(key) or []
        return [self.codes[code].only(code) for code in codes if code in self.codes]

    def areas(self, key: str) -> list[Region]:
        """Countries, states, regions and islands of this name."""
        return [self.regions[code] for code in self.region_names.get(key, ())]

    def knows(self, key: str) -> bool:
        """Whether a traveller may mean it in running text: a city, a listed airport, a well-known region."""
        if key in self._names or key in self.listed:
            return True
        return any(self.regions[code].in_speech for code in self.region_names.get(key, ()))

    def named(self, key: str) -> list[City]:
        """What a name in running text can mean, the likeliest first, each once."""
        airports = self.listed.get(key)
        if airports:
            found = [self.codes[code].only(code) for code in airports]
        else:
            found = sorted(self.towns(key), key=lambda city: (not city.notable, -city.traffic, city.rank))
        if not found:
            areas = [area for area in self.areas(key) if area.in_speech]
            found = [city for area in areas for city in self.choices(area)]
        return list({(city.code, city.english): city for city in found}.values())

    def choices(self, region: Region) -> list[City]:
        """What one may choose from for a region: its airports, each as the city that it is named for."""
        found = [self.codes[code].only(code) for code in region.airports if code in self.codes]
        if len(found) == 1 and region.well_known:
            names = tuple(region.display_name(code) for code in _DISPLAY_LANGUAGES)
            return [replace(found[0], english=region.names[0], display=names)]
        whole = self._by_airports.get(frozenset(region.airports))
        return [whole] if whole else found

    @cached_property
    def _by_airports(self) -> dict[frozenset[str], City]:
        """Cities of several airports by these."""
        cities = (city for city in reversed(self.cities) if city.own and len(city.airports) > 1)
        return {frozenset(city.airports): city for city in cities}


def _cities(data: dict[str, Any]) -> Iterator[City]:
    for rank, row in enumerate(data["cities"], start=1):
        code, airports, country, state, zone, population, traffic, english, display, own = row
        yield City(
            code=code,
            airports=tuple(airports),
            country=country,
            state=state,
            time_zone=zone,
            population=population,
            traffic=traffic,
            rank=rank,
            english=english,
            display=tuple(display),
            notable=rank <= data["notable"],
            own=bool(own),
        )


@lru_cache(maxsize=1)
def index() -> Index:
    """The index, read once per process (about 0.1 s)."""
    collecting = gc.isenabled()
    gc.disable()  # a hundred thousand small objects would be looked through again and again, and none is garbage
    try:
        return Index(_read("places.json.gz"))
    finally:
        if collecting:
            gc.enable()


def _read(name: str) -> Any:  # noqa: ANN401 - the build made it
    return json.loads(gzip.decompress((resources.files("contracts.places") / name).read_bytes()))
