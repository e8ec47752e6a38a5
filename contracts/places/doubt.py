"""When a name that somebody has is still worth a question: an ordinary word, or nearly a much better known name."""

from typing import Final

from rapidfuzz.distance import OSA

from contracts.places.index import City, index
from contracts.places.likeness import like
from contracts.places.text import UNSPACED, fold

OVERWHELMING: Final = 40.0
"""How many times weightier a place must be than its namesake to be meant even by somebody from the namesake's country."""
WELL_KNOWN: Final = 0.02
"""Traffic of a place that people of other countries know."""
_HUB: Final = 0.2
"""Traffic of a place whose code is known as a name: Lax."""
_NEARLY: Final = 88.0
"""Likeness, of 100, of names that are taken for each other."""
_ONE_LETTER: Final = 75.0
"""The least likeness of names of four letters or more that differ by one."""
_OBSCURE: Final = 180.0
"""How many times weightier a place must be than one without an airport of its own to be thought of at one letter's slip."""


def is_word(wanted: str, key: str, place: City, language: str | None, country: str | None) -> bool:
    """Whether a name is an ordinary word of a language first, or a code in small letters that few know.

    `key` is the spelling of `wanted` by which it was found, `place` what it would mean. A well-known place keeps its name, and so does any in capitals, as names are written.
    """
    places = index()
    by_name = [city for city in places.towns(key, language) if set(city.airports) & set(place.airports)]
    if not by_name and not wanted.isupper() and key.upper() in places.codes and key not in places.listed:
        if wanted.istitle() and place.traffic < _HUB:
            return True  # "Aja" is written as a name, and nobody is called so
        tag = (language or "").split("-")[0].lower()
        return tag in places.words.get(key, "").split() or place.traffic < WELL_KNOWN
    if key not in places.words or key in places.listed or (wanted.isupper() and wanted in places.codes):
        return False
    shown = {fold(name) for city in (place, *by_name) for name in (city.english, city.display_name(language))}
    if any(
        city.notable or (city.traffic >= WELL_KNOWN and key in shown) or city.country == country for city in by_name
    ):
        return False
    if any(area.well_known for area in places.areas(key)):
        return False
    shown |= {name.removesuffix(" city") for name in shown}
    return key not in shown or bool(UNSPACED.search(wanted)) or wanted == wanted.lower()


def nearly(name: str) -> list[City]:
    """Well-known cities whose name is taken for this one."""
    return [city for found in like(fold(name), _NEARLY) for city in index().towns(found) if city.notable]


def misheard(wanted: str, place: City, country: str | None) -> list[City]:
    """At most two well-known cities that are much likelier meant by `wanted` than the place that few fly to."""
    if place.notable or place.traffic >= WELL_KNOWN:
        return []
    obscure = (not place.own or not place.population) and place.country != country
    near: dict[str, float] = {}
    for key in {fold(place.english), fold(wanted)}:
        if obscure:
            near |= {name: _OBSCURE for name in like(key, _ONE_LETTER) if OSA.distance(name, key) == 1}
        near |= dict.fromkeys(like(key, _NEARLY), OVERWHELMING)
    famous = [
        city
        for name, times in near.items()
        for city in index().towns(name)
        if city.notable and city.weight >= place.weight * times and name in {fold(one) for one in city.shown}
    ]
    return list({city.code: city for city in famous}.values())[:2]
