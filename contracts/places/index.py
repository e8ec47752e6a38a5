"""The city index: who is called what, in which language, and which airports serve them.

Data: `cities.json.gz`, built by tools/build_places.py; see NOTICE for its sources.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import Final

from contracts.flights import Place
from contracts.languages import DEFAULT_LANGUAGE
from contracts.places.text import fold

_DISPLAY_LANGUAGES: Final = ("es", "fr", "de", "it", "pt", "ja", "zh")
"""Order of the display names in the data file, after English."""
_LARGE: Final = 100_000
"""People; below, a city gives way to the lesser-known names of a notable one."""


@dataclass(frozen=True, slots=True)
class City:
    """A city that can be flown to, or one of its airports when it was asked for by the airport's code or name."""

    code: str
    """Metropolitan code where there is one (LON), else that of the main airport."""
    airports: tuple[str, ...]
    """IATA codes, the main one first."""
    country: str
    """ISO 3166 alpha-2."""
    time_zone: str
    """IANA zone of the main airport."""
    population: int
    rank: int
    """1 is the most notable city; what an ambiguous name means first."""
    english: str
    display: tuple[str, ...]
    """Names in `_DISPLAY_LANGUAGES`, "" where it is the English one."""
    names: tuple[str, ...]
    """Folded names, those in `display` too, that are safe to look for in free text."""
    alternates: tuple[str, ...]
    """Folded names that count only when the whole input is one of them."""
    notable: bool

    def display_name(self, language: str | None) -> str:
        """The name in a language of `contracts.languages`; English for any other."""
        code = (language or DEFAULT_LANGUAGE).split("-")[0].lower()
        if code in _DISPLAY_LANGUAGES:
            return self.display[_DISPLAY_LANGUAGES.index(code)] or self.english
        return self.english

    def to_place(self, language: str | None) -> Place:
        """The wire form, named in that language."""
        return Place(
            code=self.code,
            name=self.display_name(language),
            country=self.country,
            airports=self.airports,
            time_zone=self.time_zone,
        )

    def only(self, airport: str) -> "City":
        """The same city, limited to one of its airports."""
        return replace(self, code=airport, airports=(airport,))


class Index:
    """All cities with their names folded for look-up."""

    def __init__(self, cities: Iterable[City], countries: dict[str, str], airport_names: dict[str, list[str]]) -> None:
        self.cities: Final = tuple(cities)
        self.countries: Final = countries
        """Folded country name in any language -> ISO code."""
        self.strong: Final[dict[str, list[City]]] = defaultdict(list)
        """Folded name -> cities, most notable first."""
        self.weak: Final[dict[str, list[City]]] = defaultdict(list)
        self.codes: Final[dict[str, City]] = {}
        for city in self.cities:
            for name in city.names:
                self.strong[name].append(city)
            for name in city.alternates:
                self.weak[name].append(city)
        self._add_codes()
        for airport, names in airport_names.items():
            for name in names:
                self.strong[name].insert(0, self.codes[airport])

    def _add_codes(self) -> None:
        """A code means its city; an airport's code the notable city that it serves, limited to that airport."""
        for city in (city for city in self.cities if city.notable):
            self.codes[city.code] = city
        for city in self.cities:
            if not city.notable:
                self.codes.setdefault(city.code, city)
            for airport in city.airports:
                self.codes.setdefault(airport, city if city.airports == (airport,) else city.only(airport))

    def named(self, name: str) -> list[City]:
        """Cities that are called exactly this (folded here), the likeliest first, each once."""
        key = fold(name)
        found = [(self._weight(city, strong=True), city) for city in self.strong.get(key, ())]
        found += [(self._weight(city, strong=False), city) for city in self.weak.get(key, ())]
        found.sort(key=lambda entry: entry[0])
        return list({(city.code, city.english): city for _, city in found}.values())

    @staticmethod
    def _weight(city: City, *, strong: bool) -> tuple[int, int]:
        if strong:
            return (0 if city.notable or city.population >= _LARGE else 2), city.rank
        return (1 if city.notable else 3), city.rank


@lru_cache(maxsize=1)
def index() -> Index:
    """The index, read once per process (about 0.1 s)."""
    packed = (resources.files("contracts.places") / "cities.json.gz").read_bytes()
    data = json.loads(gzip.decompress(packed))
    cities = (
        City(
            code=code,
            airports=tuple(airports),
            country=country,
            time_zone=zone,
            population=population,
            rank=rank,
            english=english,
            display=tuple(display),
            names=tuple(names),
            alternates=tuple(alternates),
            notable=rank <= data["notable"],
        )
        for rank, (code, airports, country, zone, population, english, display, names, alternates) in enumerate(
            data["cities"], start=1
        )
    )
    return Index(cities, data["countries"], data["airports"])
