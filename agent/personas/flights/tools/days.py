"""Tools `price_calendar` and `flight_status`."""

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult
from pydantic import BaseModel

from agent.personas.flights.tools.search import iso_date
from agent.personas.flights.tools.traveller import traveller
from agent.tools.asking import asked
from agent.tools.results import Context, from_input, reply
from contracts.flights import PriceKind
from contracts.problems import InvalidInput
from contracts.tools import (
    TOOL_CALENDAR,
    TOOL_STATUS,
    CalendarReply,
    DayPrice,
    PlaceBrief,
    StatusReply,
)
from contracts.trips import FlightStatus, PriceCalendar

DAYS = 35
CHEAPEST = 5


@function_tool(name=TOOL_CALENDAR)
async def price_calendar(
    ctx: Context,
    origin: str,
    destination: str,
    first_date: str,
    days: int | None = None,
    stay_nights: int | None = None,
    adults: int | None = None,
) -> str | ToolResult:
    """Find the cheapest days between two places, up to six weeks from a day; not a search, no cards are shown.

    Args:
        origin: City or airport to leave from, as the user named it or as an IATA code.
        destination: City or airport to arrive at, as the user named it or as an IATA code.
        first_date: First day as YYYY-MM-DD; today's when the user only wants to know what is cheapest.
        days: How many days from there, at most 42, or null for five weeks.
        stay_nights: Nights of the stay when it is a return, or null for one way.
        adults: Number of passengers of 18 or more, or null for one.
    """
    call = ctx.userdata
    try:
        params = {
            "origin": origin,
            "destination": destination,
            "first_date": iso_date("first_date", first_date, call),
            "days": days or DAYS,
            "stay_nights": stay_nights,
            "adults": adults,
            **traveller(call),
        }
    except InvalidInput as error:
        return reply(from_input(error))
    given = {name: value for name, value in params.items() if value is not None}

    async def then(told: PriceCalendar) -> BaseModel:
        priced = sorted(
            ((day.price.decimal, day.date, day.price.amount) for day in told.days if day.price),
        )
        return CalendarReply(
            sample=told.price_kind is PriceKind.SAMPLE,
            indicative=told.price_kind.indicative,
            origin=PlaceBrief(code=told.origin.code, name=told.origin.name, area=told.origin.area),
            destination=PlaceBrief(code=told.destination.code, name=told.destination.name, area=told.destination.area),
            currency=told.currency,
            first_date=told.days[0].date.isoformat(),
            last_date=told.days[-1].date.isoformat(),
            stay_nights=stay_nights,
            cheapest=tuple(DayPrice(date=day.isoformat(), price=amount) for _, day, amount in priced[:CHEAPEST]),
        )

    return await asked(ctx, lambda: call.backend.ask(PriceCalendar, "GET", "/v1/flights/calendar", params=given), then)


@function_tool(name=TOOL_STATUS)
async def flight_status(ctx: Context, flight: str, date: str) -> str | ToolResult:
    """Ask whether a flight is on time.

    Args:
        flight: The airline's code and the number, for example IB3270.
        date: Local day of departure as YYYY-MM-DD.
    """
    call = ctx.userdata
    try:
        params = {"flight": flight.replace(" ", "").upper(), "date": iso_date("date", date, call)}
    except InvalidInput as error:
        return reply(from_input(error))

    async def then(told: FlightStatus) -> BaseModel:
        expected, arrives = (
            told.departure.actual or told.departure.estimated,
            told.arrival.actual or told.arrival.estimated,
        )
        return StatusReply(
            sample=told.sample,
            flight=told.flight_number,
            state=told.status.value,
            origin=told.departure.airport.city,
            destination=told.arrival.airport.city,
            scheduled=f"{told.departure.scheduled:%Y-%m-%dT%H:%M}",
            expected=f"{expected:%Y-%m-%dT%H:%M}" if expected else None,
            arrives=f"{arrives:%Y-%m-%dT%H:%M}" if arrives else None,
            delay_minutes=told.departure.delay_minutes,
            terminal=told.departure.terminal,
            gate=told.departure.gate,
        )

    return await asked(ctx, lambda: call.backend.ask(FlightStatus, "GET", "/v1/flights/status", params=params), then)
