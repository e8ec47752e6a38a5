"""Flight searches, and the first system's two ways to ask for them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import HTTPConnection

from api.access.caller import Caller, Kind, Scope
from api.access.dependencies import asks_who, must_or_sign_in, who_calls
from api.budgets.rates import Limiter
from api.budgets.service import BudgetService
from api.flights.schemas import FirstFlight, FirstResult, FirstSearch, JourneyParams, SearchParams
from api.flights.service import FlightService
from api.provide import held, provided
from api.sessions.routes import first_system
from api.summaries.service import Summariser
from contracts.flights import SearchResult
from contracts.problems import PolyglotError

FlightsDep = Annotated[FlightService, Depends(provided(FlightService))]


@asks_who
async def searching(connection: HTTPConnection, response: Response) -> Caller:
    """Who may search, counted: by rate, and the agent's searches for its call, everybody else's for the day."""
    caller = await who_calls(connection)
    await held(connection, Limiter).check("searches", caller, response)
    must_or_sign_in(caller, Scope.SEARCH)
    budgets = held(connection, BudgetService)
    if caller.kind is Kind.AGENT and caller.room is not None:
        await budgets.check_call_search(caller.room)
    else:
        await budgets.check_search(caller)
    return caller


Searches = Annotated[Caller, Depends(searching)]

router = APIRouter(tags=["flights"], dependencies=[Depends(searching)])


async def _search(params: SearchParams, request: Request, caller: Caller, counted: Response) -> Response:
    answer = await held(request, FlightService).answer(params)
    if caller.kind is Kind.AGENT and caller.room is not None:
        await held(request, Summariser).note_search(caller.room, answer.result)
    # The bytes as they are: an answer that was given before is not written out again.
    return Response(answer.body, media_type="application/json", headers=dict(counted.headers))


@router.get("/v1/flights/search", response_model=SearchResult)
async def search_flights(
    params: Annotated[SearchParams, Query()], request: Request, caller: Searches, response: Response
) -> Response:
    """Search flights. Places may be city names in any supported language, or IATA codes."""
    return await _search(params, request, caller, response)


@router.post("/v1/flights/search", summary="Search flights, also of several legs", response_model=SearchResult)
async def search_journeys(params: JourneyParams, request: Request, caller: Searches, response: Response) -> Response:
    """The same search by a JSON body, which can hold a journey of up to six legs."""
    return await _search(params, request, caller, response)


async def _resolvable(params: JourneyParams, flights: FlightsDep) -> JourneyParams:
    """What cannot be searched is refused as anywhere else, before a stream begins."""
    flights.resolve(params)
    return params


@router.post("/v1/flights/search/stream", response_class=EventSourceResponse)
async def search_as_it_comes(
    params: Annotated[JourneyParams, Depends(_resolvable)],
    flights: FlightsDep,
    noted: Annotated[Summariser, Depends(provided(Summariser))],
    caller: Searches,
) -> AsyncIterator[ServerSentEvent]:
    """The same search as server-sent events: `offers` with what is there so far, each time the whole SearchResult;
    `done` with the answer; `problem` with problem details. The stream ends with one of the last two.
    """
    parts: asyncio.Queue[SearchResult] = asyncio.Queue()
    asking = asyncio.create_task(flights.answer(params, parts.put_nowait))
    try:
        while not asking.done():
            waiting = asyncio.create_task(parts.get())
            await asyncio.wait((asking, waiting), return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                continue
            yield ServerSentEvent(event="offers", raw_data=waiting.result().model_dump_json())
        try:
            answer = asking.result()
        except PolyglotError as error:
            yield ServerSentEvent(event="problem", raw_data=error.problem().model_dump_json())
            return
        if caller.kind is Kind.AGENT and caller.room is not None:
            await noted.note_search(caller.room, answer.result)
        yield ServerSentEvent(event="done", raw_data=answer.body.decode())
    finally:
        asking.cancel()


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
