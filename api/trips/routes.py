"""Around a search: check an offer again, compare, share, a calendar of prices, the status of a flight."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status

from api.access.dependencies import MaySearch, MayTrip
from api.budgets.rates import limited
from api.flights.routes import searching
from api.idempotency.route import IdempotentRoute
from api.provide import provided
from api.sessions.service import SessionService
from api.trips.schemas import CalendarParams, NewShare, StatusParams
from api.trips.service import Sharer, TripService
from contracts.trips import (
    CompareQuestion,
    Comparison,
    FlightStatus,
    OfferCheck,
    OfferQuestion,
    PriceCalendar,
    SharedTrip,
)

router = APIRouter(tags=["trips"], route_class=IdempotentRoute)

TripsDep = Annotated[TripService, Depends(provided(TripService))]
_ASKS = [Depends(searching)]
"""Of routes that may ask a source."""


@router.post("/v1/flights/offers/check", dependencies=_ASKS)
async def check_offer(wanted: OfferQuestion, trips: TripsDep, response: Response) -> OfferCheck:
    """Whether an offer is still sold, and at which price: ask before handing it over."""
    response.headers["Cache-Control"] = "no-store"
    return await trips.check(wanted)


@router.post("/v1/flights/compare", dependencies=[limited("reads")])
async def compare_offers(wanted: CompareQuestion, trips: TripsDep, _caller: MaySearch) -> Comparison:
    """Two to four offers of one answer, in the facts in which they differ."""
    return await trips.compare(wanted)


@router.post("/v1/flights/shares", status_code=status.HTTP_201_CREATED, dependencies=[limited("reads")])
async def share_offer(
    wanted: NewShare,
    trips: TripsDep,
    caller: MayTrip,
    request: Request,
    sessions: Annotated[SessionService, Depends(provided(SessionService))],
) -> SharedTrip:
    """A link to one offer. Made within a call it is erased with the call."""
    record = await sessions.in_room(caller.room) if caller.room else None
    sharer = Sharer(record.tenant, record.id) if record else Sharer(caller.tenant)
    return await trips.share(wanted, sharer, str(request.base_url))


@router.get("/v1/flights/shares/{share_id}", dependencies=[limited("reads")])
async def shared_offer(
    share_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,64}$")],
    trips: TripsDep,
    language: Annotated[
        str | None, Query(max_length=20, description="Of who opens it; else as it was when it was shared")
    ] = None,
) -> SharedTrip:
    """What is behind a link; for whoever has it."""
    return await trips.shared(share_id, language)


@router.get("/v1/flights/calendar", dependencies=_ASKS)
async def price_calendar(params: Annotated[CalendarParams, Query()], trips: TripsDep) -> PriceCalendar:
    """The lowest price of each day."""
    return await trips.calendar(params)


@router.get("/v1/flights/status", dependencies=[limited("searches")])
async def flight_status(params: Annotated[StatusParams, Query()], trips: TripsDep, _caller: MaySearch) -> FlightStatus:
    """Whether a flight is on time."""
    return await trips.status(params)
