"""Tools `check_flight` and `compare_flights`: the cards on the screen, asked about again and side by side."""

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult
from pydantic import BaseModel

from agent.call.state import Call
from agent.tools.asking import asked
from agent.tools.results import Context, reply
from contracts.flights import Offer, PriceKind
from contracts.tools import TOOL_CHECK, TOOL_COMPARE, CheckReply, ComparedBrief, CompareReply, ToolProblem
from contracts.trips import CompareQuestion, Comparison, OfferCheck, OfferQuestion, Outcome


@function_tool(name=TOOL_CHECK)
async def check_flight(ctx: Context, number: int) -> str | ToolResult:
    """Ask whether a flight on the screen is still sold at its price, before the user buys it; the card then has its link.

    Args:
        number: Number of the card; 1 is the first one on the screen.
    """
    call = ctx.userdata
    offer = _card(call, number)
    if isinstance(offer, ToolProblem):
        return reply(offer)
    wanted = OfferQuestion(search_id=_search_id(call), offer_id=offer.id, language=call.language.code)

    async def then(told: OfferCheck) -> BaseModel:
        now = told.offer.model_copy(update={"id": offer.id, "deep_link": told.booking_url}) if told.offer else None
        call.screen.update(now or offer, gone=None if now else offer.id)
        call.screen.selected = number if now and _card(call, number) == now else None
        await call.publish_screen()
        return CheckReply(
            outcome=told.outcome.value,
            number=number,
            sample=offer.price_kind is PriceKind.SAMPLE,
            before=told.before.amount,
            now=told.offer.total.amount if told.offer else None,
            currency=told.before.currency if told.offer is None else told.offer.total.currency,
            bookable=told.outcome is not Outcome.GONE and told.booking_url is not None,
        )

    body = wanted.model_dump(mode="json")
    return await asked(ctx, lambda: call.backend.ask(OfferCheck, "POST", "/v1/flights/offers/check", body=body), then)


@function_tool(name=TOOL_COMPARE)
async def compare_flights(ctx: Context, numbers: list[int]) -> str | ToolResult:
    """Compare two to four flights on the screen in the facts in which they differ.

    Args:
        numbers: Numbers of the cards.
    """
    call = ctx.userdata
    cards = [_card(call, number) for number in dict.fromkeys(numbers)]
    problem = next((card for card in cards if isinstance(card, ToolProblem)), None)
    if problem is not None:
        return reply(problem)
    offers = [card for card in cards if isinstance(card, Offer)]
    if not 2 <= len(offers) <= 4:  # noqa: PLR2004 - in the message
        detail = "Two to four different cards can be compared."
        return reply(ToolProblem(problem="invalid_input", field="numbers", detail=detail))
    shown = tuple(dict.fromkeys(numbers))
    wanted = CompareQuestion(
        search_id=_search_id(call), offer_ids=tuple(offer.id for offer in offers), language=call.language.code
    )

    async def then(told: Comparison) -> BaseModel:
        return CompareReply(
            sample=any(offer.price_kind is PriceKind.SAMPLE for offer in told.offers),
            currency=told.offers[0].total.currency,
            numbers=shown,
            facts=tuple(
                ComparedBrief(
                    fact=fact.fact.value, values=fact.values, best=tuple(shown[position] for position in fact.best)
                )
                for fact in told.facts
            ),
        )

    body = wanted.model_dump(mode="json")
    return await asked(ctx, lambda: call.backend.ask(Comparison, "POST", "/v1/flights/compare", body=body), then)


def _search_id(call: Call) -> str:
    return call.screen.result.search_id if call.screen.result else ""


def _card(call: Call, number: int) -> Offer | ToolProblem:
    offers = call.screen.offers
    if 1 <= number <= len(offers):
        return offers[number - 1]
    if not offers:
        return ToolProblem(problem="nothing_to_refine", detail="There has been no search in this conversation yet.")
    return ToolProblem(
        problem="no_such_number", field="number", detail=f"There is no card {number}; the screen has {len(offers)}."
    )
