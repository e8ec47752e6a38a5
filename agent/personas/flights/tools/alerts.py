"""Tool `price_alert`."""

from typing import Any, Literal

from livekit.agents import function_tool
from livekit.agents.llm import ToolResult
from pydantic import BaseModel

from agent.call.screen import price_limit
from agent.call.state import Call
from agent.tools.asking import asked
from agent.tools.results import Context, from_input, reply
from contracts.alerts import Alert, Alerts, AlertStatus, MadeAlert
from contracts.problems import InvalidInput
from contracts.tools import TOOL_ALERT, AlertBrief, AlertsReply, ToolProblem

Action = Literal["create", "list", "pause", "resume", "delete"]
_DONE: dict[Action, Literal["created", "listed", "paused", "resumed", "deleted"]] = {
    "create": "created",
    "list": "listed",
    "pause": "paused",
    "resume": "resumed",
    "delete": "deleted",
}
_PATH = "/v1/alerts"


@function_tool(name=TOOL_ALERT)
async def price_alert(
    ctx: Context,
    action: Literal["create", "list", "pause", "resume", "delete"],
    alert: int | None = None,
    email: str | None = None,
    max_price: float | None = None,
) -> str | ToolResult:
    """Tell the user when the journey on the screen gets cheaper, or list, pause, resume and delete such alerts.

    Args:
        action: create (for the search on the screen), list, pause, resume or delete.
        alert: Number of the alert in the list, from 1, for pause, resume and delete; null is the only one.
        email: Address to tell, as the user spelt it and confirmed; null when they gave none. It must confirm first.
        max_price: Tell at or below this price for all passengers in the currency of the results, or null for whenever it gets
            cheaper. When the user named another currency, say in which one it is sold and ask for the price in that.
    """
    call = ctx.userdata
    try:
        limit = price_limit(max_price)
    except InvalidInput as error:
        return reply(from_input(error))
    if action == "create" and call.screen.result is None:
        return reply(ToolProblem(problem="nothing_to_refine", detail="Search first: there is no journey to watch yet."))

    async def work() -> Alerts:
        mine = (await call.backend.ask(Alerts, "GET", _PATH)).alerts
        if action == "create":
            return Alerts(alerts=(await _create(call, email, limit), *mine))
        if action == "list":
            return Alerts(alerts=mine)
        return Alerts(alerts=await _change(call, action, mine, alert))

    async def then(told: Alerts) -> BaseModel:
        new = told.alerts[0] if action == "create" else None
        return AlertsReply(
            done=_DONE[action],
            confirm=new is not None and new.status is AlertStatus.UNCONFIRMED,
            alerts=tuple(_brief(one, number) for number, one in enumerate(told.alerts, start=1)),
        )

    try:
        return await asked(ctx, work, then)
    except InvalidInput as error:
        return reply(from_input(error))


async def _create(call: Call, email: str | None, limit: str | None) -> Alert:
    body: dict[str, Any] = {"search_id": call.screen.result.search_id if call.screen.result else ""}
    body |= {"email": email, "max_price": limit, "language": call.language.code}
    given = {name: value for name, value in body.items() if value is not None}
    made = await call.backend.ask(MadeAlert, "POST", _PATH, body=given)
    return Alert.model_validate(made.model_dump(exclude={"token"}))


async def _change(call: Call, action: Action, mine: tuple[Alert, ...], number: int | None) -> tuple[Alert, ...]:
    if (number is None and len(mine) != 1) or not 1 <= (number or 1) <= len(mine):
        raise InvalidInput.of("alert", f"there are {len(mine)} alerts", "the number of one of them; list them first")
    chosen = mine[(number or 1) - 1]
    path = f"{_PATH}/{chosen.id}"
    if action == "delete":
        await call.backend.ask(_Nothing, "DELETE", path)
        return tuple(one for one in mine if one.id != chosen.id)
    changed = await call.backend.ask(Alert, "PATCH", path, body={"paused": action == "pause"})
    return tuple(changed if one.id == chosen.id else one for one in mine)


class _Nothing(BaseModel):
    """An answer without a body."""


def _brief(alert: Alert, number: int) -> AlertBrief:
    stops = [alert.query.origin.name, *(leg.destination.name for leg in alert.query.legs)]
    return AlertBrief(
        number=number,
        route=" – ".join(stops),
        date=alert.query.departure_date.isoformat(),
        max_price=alert.max_price,
        last_price=alert.last_price.amount if alert.last_price else None,
        currency=alert.currency,
        state=alert.status.value,
        email=alert.email,
    )
