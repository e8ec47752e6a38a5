"""Names that are written or spoken like one that nobody has."""

from typing import Final

from rapidfuzz import fuzz, process

from contracts.places.index import index

_LEAST: Final = 70.0
_LEAST_SHORT: Final = 50.0
_MOST: Final = 24
_FAME: Final = 12.0
"""How many points of likeness the busiest place is ahead of one that nobody flies to."""


def like(key: str) -> list[str]:
    """Folded names that are somewhat like a folded name, the likest first, the better known before the others."""
    if len(key) < 2:  # noqa: PLR2004 - one letter is like everything
        return []
    latin = key.isascii()
    names, cutoff = (index().latin_names, _LEAST) if latin else (index().other_names, _LEAST_SHORT)
    hits = process.extract(key, names, scorer=fuzz.ratio, score_cutoff=cutoff, limit=_MOST)
    return [name for name, _, _ in sorted(hits, key=lambda hit: -hit[1] - _FAME * _fame(hit[0]))]


def _fame(name: str) -> float:
    """From 0 to 1: how much is flown to what has this name."""
    places = index()
    cities = (*places.towns(name), *places.airports(name))
    return min(1.0, 4 * max((city.traffic for city in cities), default=0.1 if places.areas(name) else 0.0))
