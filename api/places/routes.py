"""Looking up cities, airports and regions by name."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from api.budgets.rates import limited
from api.places.schemas import AirportPositions, PlacesFound
from api.places.service import find, positions
from contracts.flights import IataCode

router = APIRouter(tags=["places"], dependencies=[limited("places")])


@router.get("/v1/places")
async def find_places(
    q: Annotated[str, Query(min_length=1, max_length=120, description="City, airport, region, or IATA code")],
    language: Annotated[str, StringConstraints(max_length=20), Query()] = "en",
    country: Annotated[
        str | None, Query(pattern=r"^[A-Za-z]{2}$", description="The traveller's own, ISO 3166 alpha-2")
    ] = None,
) -> PlacesFound:
    """Places that a name can mean, named in `language`; perhaps-meant ones when there is none."""
    return find(q, language, country.upper() if country else None)


@router.get("/v1/airports")
async def find_airports(
    code: Annotated[list[IataCode], Query(min_length=1, max_length=40, description="IATA codes")],
) -> AirportPositions:
    """Where airports are, for a map."""
    return positions(code)
