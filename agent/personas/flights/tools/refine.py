"""Tool `refine_flights`."""

from typing import Literal

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult
from pydantic import ValidationError

from agent.call.screen import carrier_code, price_limit
from agent.call.state import Call
from agent.tools.results import STOPPED, Context, from_input, reply
from contracts.problems import InvalidInput
from contracts.room import View
from contracts.tools import TOOL_REFINE, ToolProblem


@function_tool(name=TOOL_REFINE)
async def refine_flights(
    ctx: Context,
    sort_by: Literal["price", "duration", "departure"] | None,
    max_stops: int | None,
    carrier: str | None,
    max_price: float | None,
    depart_from: str | None = None,
    depart_until: str | None = None,
    airport: str | None = None,
    checked_bag: bool | None = None,
) -> str | ToolResult:
    """Sort or filter the flights of the last search; the screen follows. Filters replace earlier ones.

    Args:
        sort_by: price (cheapest first), duration (fastest first), departure (earliest first), or null.
        max_stops: Highest number of changes, 0 for direct flights only, or null for any.
        carrier: Airline name or code, or null for all.
        max_price: Highest total price in the currency of the results, or null for any.
        depart_from: Earliest departure of the first flight, local HH:MM, or null.
        depart_until: Latest departure of the first flight, local HH:MM, or null.
        airport: Code of an airport that a direction must begin or end at, or null.
        checked_bag: True for flights with a checked bag in the price only.
    """
    call = ctx.userdata
    call.told = None
    if call.turns.muted:
        return STOPPED
    if call.screen.result is None:
        return reply(call.screen.offers_reply())
    try:
        view = _view(call, sort_by or "price", max_stops, carrier, max_price)
    except InvalidInput as error:
        return reply(from_input(error))
    if isinstance(view, ToolProblem):
        return reply(view)
    further = {
        "depart_from": depart_from,
        "depart_until": depart_until,
        "airport": airport.upper() if airport else None,
        "checked_bag": bool(checked_bag),
    }
    try:
        view = View.model_validate(view.model_dump() | further)
    except ValidationError as error:
        first = error.errors()[0]
        return reply(ToolProblem(problem="invalid_input", field=str(first["loc"][0]), detail=first["msg"]))
    call.screen.refine(view)
    await call.publish_screen()
    return reply(call.screen.offers_reply())


def _view(
    call: Call,
    sort_by: Literal["price", "duration", "departure"],
    max_stops: int | None,
    carrier: str | None,
    max_price: float | None,
) -> View | ToolProblem:
    offers = call.screen.result.offers if call.screen.result else ()
    code = carrier_code(offers, carrier) if carrier else None
    if carrier and code is None:
        names = tuple(sorted({offer.carrier.name for offer in offers}))
        return ToolProblem(
            problem="invalid_input",
            field="carrier",
            detail=f"No offer of this search is by {carrier}.",
            candidates=names,
        )
    return View(sort_by=sort_by, max_stops=max_stops, carrier=code, max_price=price_limit(max_price))
