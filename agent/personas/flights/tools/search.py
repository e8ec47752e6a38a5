"""Tool `search_flights`."""

import asyncio
import re
from collections.abc import Coroutine
from datetime import date
from typing import Any, Final, Literal

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult
from livekit.agents.voice import SpeechHandle
from pydantic import BaseModel, Field

from agent import budgets
from agent.call.backend import BackendError
from agent.call.local_time import local_now
from agent.call.screen import price_limit
from agent.call.state import Call
from agent.personas.flights.tools.traveller import traveller
from agent.tools.asking import after_others
from agent.tools.results import LIMIT_REACHED, STOPPED, SUPERSEDED, Context, from_error, from_input, reply
from agent.turns.uninterruptible import uninterruptible
from agent.turns.work import Stopped, Superseded
from contracts.airlines import code_of
from contracts.flights import SearchResult
from contracts.problems import InvalidInput
from contracts.room import NoticeKind
from contracts.tools import TOOL_SEARCH

_AIRLINE: Final = re.compile(r"[A-Za-z0-9]{2}")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class FurtherLeg(BaseModel):
    """One further leg of a journey of several legs."""

    origin: str = Field(description="City or airport to leave from, as the user named it or as an IATA code")
    destination: str = Field(description="City or airport to arrive at, as the user named it or as an IATA code")
    date: str = Field(description="Day of this leg as YYYY-MM-DD")


@function_tool(name=TOOL_SEARCH)
async def search_flights(
    ctx: Context,
    origin: str,
    destination: str,
    departure_date: str,
    return_date: str | None = None,
    further_legs: list[FurtherLeg] | None = None,
    adults: int | None = None,
    children_ages: list[int] | None = None,
    infants: int | None = None,
    cabin: Literal["economy", "premium_economy", "business", "first"] | None = None,
    max_stops: int | None = None,
    checked_bags: int | None = None,
    refundable: bool | None = None,
    airlines: list[str] | None = None,
    without_airlines: list[str] | None = None,
    depart_from: str | None = None,
    depart_until: str | None = None,
    arrive_from: str | None = None,
    arrive_until: str | None = None,
    max_price: float | None = None,
) -> str | ToolResult:
    """Search flights for a date and show them on the user's screen as numbered cards, cheapest first.

    Args:
        origin: City or airport to leave from, as the user named it or as an IATA code.
        destination: City or airport to arrive at, as the user named it or as an IATA code.
        departure_date: Day of departure as YYYY-MM-DD.
        return_date: Day of return to the origin as YYYY-MM-DD, or null. Never for a journey that goes on elsewhere.
        further_legs: Flights after the first of a journey that goes on elsewhere (Rome to Athens, then to Cairo), or null.
        adults: Number of passengers of 18 or more, or null for one.
        children_ages: Age of each child from 2 to 17, or null. Ask for ages that were not said.
        infants: Number of infants under 2 on a lap, or null.
        cabin: Cabin class, or null for economy.
        max_stops: Highest number of changes on each flight of the journey, 0 for direct flights only, or null for any.
        checked_bags: Checked bags that the price must include for each passenger, or null.
        refundable: True when only refundable tickets will do, or null.
        airlines: IATA codes or names of the only airlines wanted, or null.
        without_airlines: IATA codes or names of airlines not wanted, or null.
        depart_from: Earliest departure of the first flight as HH:MM, or null.
        depart_until: Latest departure of the first flight as HH:MM, or null.
        arrive_from: Earliest arrival of the first flight as HH:MM, or null.
        arrive_until: Latest arrival of the first flight as HH:MM, or null.
        max_price: Highest price for all passengers together in the currency of the results, or null.
    """
    call = ctx.userdata
    call.told = None
    try:
        journey: dict[str, Any] = {
            "origin": origin,
            "destination": destination,
            "departure_date": iso_date("departure_date", departure_date, call),
            "return_date": iso_date("return_date", return_date, call) if return_date else None,
            "further": [
                {
                    "origin": leg.origin,
                    "destination": leg.destination,
                    "date": iso_date(f"further_legs.{number}.date", leg.date, call),
                }
                for number, leg in enumerate(further_legs or ())
            ],
            "adults": adults or 1,
            "children": children_ages,
            "infants": infants,
            "cabin": cabin,
            "max_stops": max_stops,
            "checked_bags": checked_bags,
            "refundable": refundable,
            "airlines": _airlines("airlines", airlines),
            "without_airlines": _airlines("without_airlines", without_airlines),
            "depart_from": depart_from,
            "depart_until": depart_until,
            "arrive_from": arrive_from,
            "arrive_until": arrive_until,
            "max_price": price_limit(max_price),
            **traveller(call),
        }
    except InvalidInput as error:
        return reply(from_input(error))
    most = call.metadata.limits.searches
    if most is not None and call.searches >= most:
        return reply(LIMIT_REACHED)
    call.searches += 1
    asked = {name: value for name, value in journey.items() if value not in (None, [])}
    work = call.backend.search(asked, call.show_part)
    try:
        result = await _announced(ctx, call, work)
    except Superseded:
        return SUPERSEDED
    except Stopped:
        return STOPPED
    except BackendError as error:
        problem = from_error(error)
        if problem.problem == "unavailable":
            await call.speaker.notice(NoticeKind.SEARCH_UNAVAILABLE, severity="warning", action="retry")
        else:
            await call.speaker.notice(NoticeKind.SEARCH_ENDED)
        return reply(problem)
    call.screen.whole(result)
    await call.publish_screen()
    await after_others(ctx)
    return reply(call.screen.offers_reply())


async def _announced(ctx: Context, call: Call, work: Coroutine[Any, Any, SearchResult]) -> SearchResult:
    """Run the search; say and show that it runs when it is not answered at once."""
    fillers = ("searching", "still_searching")

    def filler(step: int) -> SpeechHandle | None:
        return None if call.turns.muted else call.speaker.line(fillers[min(step, len(fillers) - 1)])

    # Neither the search nor its filler waits for the room to take it.
    told = asyncio.ensure_future(call.speaker.notice(NoticeKind.SEARCHING))
    # A cough or an "okay" during the search must not lose its answer; a stop still ends it.
    try:
        with uninterruptible(ctx.speech_handle):
            async with ctx.with_filler(
                filler,
                delay=budgets.SEARCH_FILLER_AFTER,
                interval=budgets.FILLER_AGAIN_AFTER,
                max_steps=budgets.FILLERS_MAX,
            ):
                return await call.turns.work.run(work)
    finally:
        # Before what says that it has ended.
        await told


def _airlines(field: str, wanted: list[str] | None) -> list[str]:
    """IATA codes of airlines that were named by code or name; InvalidInput for one that nobody is called."""
    codes = {
        name: code_of(name) or (name.strip().upper() if _AIRLINE.fullmatch(name.strip()) else None)
        for name in wanted or ()
    }
    unknown = [name for name, code in codes.items() if code is None]
    if unknown:
        raise InvalidInput.of(field, f"no airline is known as {', '.join(unknown)}", "an airline's name or IATA code")
    return [code for code in codes.values() if code]


def iso_date(field: str, value: str, call: Call) -> str:
    """An ISO date as it is; InvalidInput with words that the model can act on otherwise."""
    try:
        if _ISO.fullmatch(value.strip()):
            return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        pass  # shaped like a date, such as 31 February, and none
    today = local_now(call.metadata.time_zone).date()
    raise InvalidInput.of(
        field,
        f"{value!r} is not a date. Today is {today:%A} {today}; find the day in the calendar of your instructions and "
        "search again. When the user's words leave the day open, ask them which day they mean",
        "YYYY-MM-DD",
    )
