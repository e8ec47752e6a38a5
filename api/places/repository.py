"""Where places come from: the index that ships with the program. Wire forms and labels in a language."""

import contextlib
from collections.abc import Sequence
from typing import Final

from api.flights.providers.airports import port
from contracts.flights import Place
from contracts.places import Answer, City, areas, labels, resolve, top_cities
from contracts.places.index import index
from contracts.problems import Choice

_EXAMPLES: Final = 3


def look_up(name: str, language: str, country: str | None) -> Answer:
    """What a name means to somebody of that country."""
    return resolve(name, language, country)


def places_of(cities: Sequence[City], language: str) -> list[Place]:
    """The wire form of places that may be namesakes."""
    told = zip(cities, areas(cities, language), strict=True)
    return [city.to_place(language, where or None) for city, where in told]


def choices_of(cities: Sequence[City], language: str) -> tuple[Choice, ...]:
    """The places as choices of a question, each with what means it and nothing else: its code, or its name where the
    code is a name too (GOA is Genoa's, and an Indian state).
    """
    told = zip(cities, labels(cities, language), strict=True)
    return tuple(
        Choice(value=city.code if resolve(city.code).place == city else label, label=label) for city, label in told
    )


def examples() -> Sequence[City]:
    """Places that everybody knows, for a name that nothing is like."""
    return top_cities(_EXAMPLES)


def position(code: str) -> tuple[float, float] | None:
    """Latitude and longitude of an airport, or of a city's main one."""
    city = index().codes.get(code)
    for wanted in (code, city.airports[0] if city else code):
        with contextlib.suppress(KeyError):
            place = port(wanted)
            return round(place.lat, 4), round(place.lon, 4)
    return None
