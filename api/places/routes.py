"""Looking up cities, airports and regions by name."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.budgets.rates import limited
from api.places.schemas import AirportPositions, PlaceParams, PlacesFound
from api.places.service import find, positions
from contracts.flights import IataCode

router = APIRouter(tags=["places"], dependencies=[limited("places")])


@router.get("/v1/places")
async def find_places(params: Annotated[PlaceParams, Query()]) -> PlacesFound:
    """Places that a name can mean, named in `language`; perhaps-meant ones when there is none."""
    return find(params.q, params.language, params.market)


@router.get("/v1/airports")
async def find_airports(
    code: Annotated[list[IataCode], Query(min_length=1, max_length=40, description="IATA codes")],
) -> AirportPositions:
    """Where airports are, for a map."""
    return positions(code)
