"""Tool `refine_flights`."""

from typing import Literal

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult

from agent.call import Call
from agent.screen import carrier_code, price_limit
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
) -> str | ToolResult:
    """Sort or filter the flights of the last search; the screen follows. Filters replace earlier ones.

    Args:
        sort_by: price (cheapest first), duration (fastest first), departure (earliest first), or null.
        max_stops: Highest number of changes, 0 for direct flights only, or null for any.
        carrier: Airline name or code, or null for all.
        max_price: Highest total price in the currency of the results, or null for any.
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
