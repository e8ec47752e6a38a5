"""Flight searches, and the first system's two ways to ask for them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access.caller import Kind
from api.access.dependencies import MaySearch
from api.budgets.rates import limited
from api.budgets.service import BudgetService
from api.flights.schemas import FirstFlight, FirstResult, FirstSearch, JourneyParams, SearchParams
from api.flights.service import FlightService
from api.provide import provided
from api.sessions.routes import first_system
from api.summaries.service import Summariser
from contracts.flights import SearchResult

FlightsDep = Annotated[FlightService, Depends(provided(FlightService))]
SummariserDep = Annotated[Summariser, Depends(provided(Summariser))]


async def _counted(caller: MaySearch, budgets: Annotated[BudgetService, Depends(provided(BudgetService))]) -> None:
    """The agent's searches count for its call, everybody else's for the day."""
    if caller.kind is Kind.AGENT and caller.room is not None:
        await budgets.check_call_search(caller.room)
    else:
        await budgets.check_search(caller)


router = APIRouter(tags=["flights"], dependencies=[limited("searches"), Depends(_counted)])


@router.get("/v1/flights/search")
async def search_flights(
    params: Annotated[SearchParams, Query()], flights: FlightsDep, noted: SummariserDep, caller: MaySearch
) -> SearchResult:
    """Search flights. Places may be city names in any supported language, or IATA codes."""
    result = await flights.search(params)
    if caller.kind is Kind.AGENT and caller.room is not None:
        await noted.note_search(caller.room, result)
    return result


@router.post("/v1/flights/search", summary="Search flights, also of several legs")
async def search_journeys(
    params: JourneyParams, flights: FlightsDep, noted: SummariserDep, caller: MaySearch
) -> SearchResult:
    """The same search by a JSON body, which can hold a journey of up to six legs."""
    result = await flights.search(params)
    if caller.kind is Kind.AGENT and caller.room is not None:
        await noted.note_search(caller.room, result)
    return result


@router.get("/api/flights", summary="Search flights as the first system did", dependencies=[Depends(first_system)])
async def first_search(params: Annotated[FirstSearch, Query()], flights: FlightsDep) -> FirstResult:
    """The first system's search by query parameters."""
    return _first(await flights.search(params.params()))


@router.post(
    "/search_flights",
    summary="Search flights as the first system did, by a body",
    dependencies=[Depends(first_system)],
)
async def first_search_by_body(params: FirstSearch, flights: FlightsDep) -> FirstResult:
    """The first system's search by a JSON body."""
    return _first(await flights.search(params.params()))


def _first(result: SearchResult) -> FirstResult:
    flights = tuple(FirstFlight.of(offer) for offer in result.offers)
    return FirstResult(success=True, flights=flights, count=len(flights))
