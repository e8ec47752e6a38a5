"""Which of several places is meant by the country, state or region that somebody names: "the one in England", "la de Alabama"."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from contracts.places.index import City, index
from contracts.places.text import UNSPACED, fold

_STEM: Final = 4
"""Letters that the word for what is of a country shares with its name: "inglesa", "kanadische"."""
_OF_WORD: Final = 0.4
"""And the share of the word that these are."""
_ELISION: Final = re.compile(r"['’]")
_ALSO: Final = {
    "US": ("america", "amerika", "amerique", "gringo", "yankee", "アメリカ", "美国", "美國", "米国", "states"),
    "GB": ("britain", "england", "british", "britisch", "britannique", "britannico", "イギリス", "英国", "英國", "uk"),
    "CN": ("china", "中国", "中國"),
    "JP": ("japan", "日本"),
    "KR": ("korea", "corea", "coree", "韓国", "韩国", "韓國"),
    "NL": ("holland", "holanda", "hollande", "olanda", "オランダ", "荷兰", "荷蘭"),
    "CH": ("swiss", "suiza", "suisse", "svizzer"),
    "GR": ("greek", "griego", "grec", "griechisch"),
    "DE": ("german", "aleman", "allemand", "deutsch", "tedesc"),
    "NZ": ("kiwi",),
    "AU": ("aussie",),
}
"""What people say for a country and its own beside its names."""


def within(text: str, codes: Sequence[str]) -> list[int]:
    """Positions of the places (IATA codes) whose country, state or region a text names, in any language; all such, in order.

    What several of them lie in tells nothing and is left out, unless only some of them do.

    >>> within("In Inghilterra", ["BHX", "BHM"]), within("la de Alabama", ["BHX", "BHM"]), within("the big one", ["BHX", "BHM"])
    ([0], [1], [])
    """
    cities = [index().codes.get(code) for code in codes]
    areas = [_areas(city) if city else frozenset() for city in cities]
    common = frozenset.intersection(*areas) if areas else frozenset()
    own = {fold(name) for city in cities if city for name in city.shown}
    said = _said(text, own)
    whole = [number for number, names in enumerate(areas) if any(_names(name, said) for name in names - common)]
    if whole:
        return whole
    stems = [max((_of(name, said) for name in names - common), default=0) for names in areas]
    most = [number for number, count in enumerate(stems) if count and count == max(stems)]
    return most if len(most) == 1 else []


def _said(text: str, own: set[str]) -> str:
    """The folded text without the name that the places share."""
    said = f" {fold(_ELISION.sub(' ', text))} "
    for name in sorted(own, key=len, reverse=True):
        said = said.replace(name if UNSPACED.search(name) else f" {name} ", " ")
    return said


def _names(area: str, said: str) -> bool:
    return area in said if UNSPACED.search(area) else f" {area} " in said


def _of(area: str, said: str) -> int:
    """How many words of the name of an area have a word of the text made of them."""
    if UNSPACED.search(area):
        return 0
    names = [word for word in area.split() if len(word) >= _STEM]
    words = [word for word in re.split(r"\s+", said) if len(word) > _STEM]
    return sum(any(_shared(name, word) >= max(_STEM, _OF_WORD * len(word)) for word in words) for name in names)


def _shared(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


@lru_cache(maxsize=512)
def _areas(city: City) -> frozenset[str]:
    """Every folded name of every area that the place lies in."""
    regions = index().regions
    inside = {city.country, city.state} | {
        code for code, region in regions.items() if not region.is_country and set(city.airports) & set(region.airports)
    }
    names = {name for code in inside for name in _area_names().get(code, ())}
    return frozenset(names | {fold(name) for name in _ALSO.get(city.country, ())})


@lru_cache(maxsize=1)
def _area_names() -> dict[str, tuple[str, ...]]:
    """Names of each area; of two letters or less none, as these are words everywhere."""
    found: dict[str, list[str]] = {}
    for name, codes in index().region_names.items():
        if len(name) > 2 or UNSPACED.search(name):  # noqa: PLR2004 - in the docstring
            for code in codes:
                found.setdefault(code, []).append(name)
    return {code: tuple(names) for code, names in found.items()}
