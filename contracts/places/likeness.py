"""Names that are written or spoken like one that nobody has."""

from typing import Final

from rapidfuzz import fuzz, process

from contracts.places.index import index

_LEAST: Final = 66.0
_LEAST_SHORT: Final = 50.0
_MOST: Final = 24
_FAME: Final = 12.0
"""How many points of likeness the busiest place is ahead of one that nobody flies to."""

_BEHIND: Final = 20.0
"""Points behind the first after which nothing is worth offering."""


def like(key: str, least: float | None = None) -> list[str]:
    """Folded names that are like a folded name, the likest first, the better known before the others.

    `least` is the likeness, of 100, that a name must have; by default somewhat alike is enough.
    """
    if len(key) < 2:  # noqa: PLR2004 - one letter is like everything
        return []
    latin = key.isascii()
    names, cutoff = (index().latin_names, _LEAST) if latin else (index().other_names, _LEAST_SHORT)
    hits = process.extract(key, names, scorer=fuzz.ratio, score_cutoff=least or cutoff, limit=_MOST)
    ranked = sorted(((score + _FAME * _fame(name), name) for name, score, _ in hits), reverse=True)
    return [name for points, name in ranked if points >= ranked[0][0] - _BEHIND]


def _fame(name: str) -> float:
    """From 0 to 1: how much is flown to what has this name."""
    places = index()
    cities = (*places.towns(name), *places.airports(name))
    return min(1.0, 4 * max((city.traffic for city in cities), default=0.1 if places.areas(name) else 0.0))
