"""The answer of the places route."""

from typing import Literal

from pydantic import BaseModel

from contracts.flights import Place


class PlacesFound(BaseModel):
    """Places of that name, the likeliest first, each with its state or country in `area`."""

    places: tuple[Place, ...]
    exact: bool
    """False: none is called so; these are called something like it."""
    meaning: Literal["found", "ambiguous", "region", "unknown"]
    """`found`: the first one is meant; `ambiguous`: several are called so; `region`: a country, state or island, these
    are its airports; `unknown`: suggestions."""
    region: str | None = None
    """The region's name in the language."""


class AirportPosition(BaseModel):
    """Where an airport is: degrees, north and east positive."""

    code: str
    latitude: float
    longitude: float


class AirportPositions(BaseModel):
    """Positions of airports, in the order in which they were asked for; those that are not known are left out."""

    airports: tuple[AirportPosition, ...]
