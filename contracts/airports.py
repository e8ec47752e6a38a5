"""Airports by the names that travellers say instead of the city, in whatever language."""

from functools import cache
from importlib import resources


def airport_names(code: str) -> tuple[str, ...]:
    """Of an airport by its IATA code; none where people say the city.

    >>> airport_names("LHR")[0], airport_names("XXX")
    ('Heathrow', ())
    """
    return _names().get(code, ())


@cache
def _names() -> dict[str, tuple[str, ...]]:
    lines = resources.files("contracts.places").joinpath("airports.psv").read_text(encoding="utf-8").splitlines()
    found: dict[str, tuple[str, ...]] = {}
    for code, names in (line.split("|") for line in lines if line and not line.startswith("#")):
        found[code] = (*found.get(code, ()), *filter(None, names.split(";")))
    return found
