"""Resolving what a person or a model calls a place."""

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from contracts.places.index import City, index
from contracts.places.text import fold

_MAX_RESULTS: Final = 8
_SHORTEST_FUZZY: Final = 5
_FUZZY_SCORE: Final = 85.0
_SUGGESTION_SCORE: Final = 60.0
_LATIN: Final = re.compile(r"[a-z0-9 ]+")


def resolve(name: str, language: str | None = None) -> list[City]:
    """Cities that the name can mean, the likeliest first; empty when it is not known.

    Tried in turn: an IATA code in capitals, the exact name in any language, a code in small letters, a name with its
    country ("Birmingham, United States"), and for Latin names of five letters or more a near miss. `language` prefers
    the city that is called so in it.
    """
    wanted = name.strip()
    places = index()
    code = wanted.upper() if re.fullmatch(r"[A-Za-z]{3}", wanted) else ""
    if code and wanted.isupper() and code in places.codes:
        return [places.codes[code]]
    found = _preferred(places.named(wanted), fold(wanted), language)
    if found:
        return found[:_MAX_RESULTS]
    if code in places.codes:
        return [places.codes[code]]
    return (_with_country(wanted, language) or _near(fold(wanted)))[:_MAX_RESULTS]


def suggest(name: str, count: int = 5) -> list[City]:
    """Cities whose name is at least somewhat like a name that `resolve` does not know, the likest first."""
    folded = fold(name)
    if not folded or not _LATIN.fullmatch(folded):
        return []
    hits = process.extract(folded, _latin_names(), scorer=fuzz.ratio, score_cutoff=_SUGGESTION_SCORE, limit=4 * count)
    ranked = sorted(
        (
            (-round(score / 10), not city.notable, city.rank, city)
            for hit, score, _ in hits
            for city in index().strong[hit]
        ),
        key=lambda entry: entry[:3],
    )
    best: dict[str, City] = {}
    for *_, city in ranked:
        best.setdefault(city.code, city)
    return list(best.values())[:count]


def top_cities(count: int) -> list[City]:
    """The `count` most notable cities."""
    return list(index().cities[:count])


def _preferred(found: list[City], folded: str, language: str | None) -> list[City]:
    """Stable: among equally notable cities, the one whose name in this language it is comes first."""
    if not language:
        return found
    return sorted(found, key=lambda city: (not city.notable, fold(city.display_name(language)) != folded))


def _with_country(wanted: str, language: str | None) -> list[City]:
    head, _, tail = re.sub(r"\s*[(,，、]\s*", ",", wanted.rstrip(") ")).partition(",")
    if not tail:
        return []
    country = index().countries.get(fold(tail.rsplit(",", maxsplit=1)[-1])) or index().countries.get(fold(tail))
    if not country:
        return []
    return [city for city in resolve(head, language) if city.country == country]


def _near(folded: str) -> list[City]:
    if len(folded) < _SHORTEST_FUZZY or not _LATIN.fullmatch(folded):
        return []
    names = _latin_names()
    hits = [
        (name, score) for name, score, _ in process.extract(folded, names, scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE)
    ]
    if not hits:  # one slip of the fingers in a short name is below the score
        slips = process.extract(folded, names, scorer=OSA.distance, score_cutoff=1)
        hits = [(name, _FUZZY_SCORE) for name, _, _ in slips if len(name) >= _SHORTEST_FUZZY]
    ranked = sorted(
        ((-score, not city.notable, city.rank, city) for name, score in hits for city in index().strong[name]),
        key=lambda entry: (entry[1], entry[0], entry[2]),
    )
    return list({(city.code, city.english): city for *_, city in ranked}.values())


@lru_cache(maxsize=1)
def _latin_names() -> tuple[str, ...]:
    return tuple(name for name in index().strong if _LATIN.fullmatch(name))
