"""Requests and answers of the places routes."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from api.places.traveller import Traveller
from contracts.flights import Place


class PlaceParams(Traveller):
    """Query of `GET /v1/places`."""

    q: Annotated[str, Field(min_length=1, max_length=120, description="City, airport, region, or IATA code")]
    language: Annotated[str, StringConstraints(max_length=20)] = "en"


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
