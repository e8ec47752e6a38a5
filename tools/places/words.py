"""Names and codes of places that are ordinary words first: alone they are no answer."""

import re

from babel.languages import get_official_languages
from wordfreq import get_frequency_dict, zipf_frequency

from contracts.places.text import UNSPACED
from tools.places.cities import City
from tools.places.sources import metros, ports

_LATIN = ("en", "es", "fr", "de", "it", "pt")
_HAN = ("ja", "zh")
_COMMON, _COMMON_PAIR = 4.0, 4.7
"""Zipf frequency: 4 is once in a hundred thousand words. In a pair of words both must be more common."""
_ITSELF = 5.0
"""In the language of its country a rarer word is the large town itself: Salamanca."""
_LARGE = 100_000
"""People."""
_EAST = {"CN", "TW", "HK", "MO", "JP", "KR"}
"""Where the frequent word in Han is the well-known place itself, as a rule."""
_HAN_WORDS = {
    "民主", "青年", "胜利", "勝利", "东方", "東方", "中央", "市民", "記念", "日本語", "光明", "长征", "長征", "树林", "樹林",
    "新城", "同仁", "城中", "关口", "奋斗", "天堂", "太和",
}  # fmt: skip


def ordinary(cities: list[City], names: dict[str, list[int]], airports: set[str], regions: set[str]) -> dict[str, str]:
    """Folded names, and codes in small letters, that a sentence has for another reason, with the languages that have it.

    A notable place's name is none of them, its code may be. `names`: folded name -> numbers of cities; `airports` and
    `regions`: folded names of those that few know.
    """
    towns = {name for name, numbers in names.items() if ":" not in name and _unknown(cities, name, numbers)}
    codes = {code.lower() for code in (*ports(), *metros()) if len(code) == 3 and code.isalpha()}  # noqa: PLR2004 - IATA
    wanted = towns | (airports - set(names)) | regions | codes
    found = {name: _languages(name, pairs=name not in towns) for name in sorted(wanted)}
    return {name: " ".join(languages) for name, languages in found.items() if languages}


def _unknown(cities: list[City], name: str, numbers: list[int]) -> bool:
    if any(cities[number].notable for number in numbers):
        return False
    if UNSPACED.search(name):
        return name in _HAN_WORDS or not any(cities[number].country in _EAST for number in numbers)
    return not any(_itself(cities[number], name) for number in numbers)


def _itself(city: City, name: str) -> bool:
    spoken = {*get_official_languages(city.country, regional=True, de_facto=True)} & set(_LATIN)
    at_home = max((zipf_frequency(name, language) for language in spoken), default=0.0)
    elsewhere = max((zipf_frequency(name, language) for language in _LATIN if language not in spoken), default=0.0)
    return city.population >= _LARGE and elsewhere <= at_home < _ITSELF


def _languages(name: str, *, pairs: bool) -> list[str]:
    if UNSPACED.search(name):
        least = 10 ** (_COMMON - 9)  # what a Zipf frequency is in the whole
        return [tag for tag in _HAN if name in _HAN_WORDS or get_frequency_dict(tag).get(name, 0.0) >= least]
    words = name.split()
    if not all(re.fullmatch(r"[a-z]+", word) for word in words) or len(words) > 1 + pairs:
        return []
    least = _COMMON if len(words) == 1 else _COMMON_PAIR
    return [tag for tag in _LATIN if all(zipf_frequency(word, tag) >= least for word in words)]
