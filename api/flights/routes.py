"""Flight searches, and the first system's two ways to ask for them."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import ServicesDep, limit_searches
from api.flights.schemas import FirstFlight, FirstResult, FirstSearch, JourneyParams, SearchParams
from api.livekit.auth import Authorization, agent_of
from contracts.flights import SearchResult

router = APIRouter(tags=["flights"], dependencies=[limit_searches])


@router.get("/v1/flights/search")
async def search_flights(
    params: Annotated[SearchParams, Query()], services: ServicesDep, authorization: Authorization = None
) -> SearchResult:
    """Search flights. Places may be city names in any supported language, or IATA codes."""
    result = await services.flights.search(params)
    caller = agent_of(services.settings, authorization)
    if caller is not None:
        await services.sessions.note_search(caller.room, result)
    return result


@router.post("/v1/flights/search", summary="Search flights, also of several legs")
async def search_journeys(
    params: JourneyParams, services: ServicesDep, authorization: Authorization = None
) -> SearchResult:
    """The same search by a JSON body, which can hold a journey of up to six legs."""
    result = await services.flights.search(params)
    caller = agent_of(services.settings, authorization)
    if caller is not None:
        await services.sessions.note_search(caller.room, result)
    return result


@router.get("/api/flights", summary="Search flights as the first system did")
async def first_search(params: Annotated[FirstSearch, Query()], services: ServicesDep) -> FirstResult:
    """The first system's search by query parameters."""
    return _first(await services.flights.search(params.params()))


@router.post("/search_flights", summary="Search flights as the first system did, by a body")
async def first_search_by_body(params: FirstSearch, services: ServicesDep) -> FirstResult:
    """The first system's search by a JSON body."""
    return _first(await services.flights.search(params.params()))


def _first(result: SearchResult) -> FirstResult:
    flights = tuple(FirstFlight.of(offer) for offer in result.offers)
    return FirstResult(success=True, flights=flights, count=len(flights))
