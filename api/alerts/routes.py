"""Price alerts, and the two pages that their e-mails link to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response, status
from fastapi.responses import HTMLResponse

from api.access.caller import Caller
from api.access.dependencies import CallerDep, MayTrip
from api.alerts.mail import words
from api.alerts.schemas import AlertToken, Token, page
from api.alerts.service import AlertService, Owner, owner_of
from api.budgets.rates import limited
from api.flights.routes import searching
from api.idempotency.route import IdempotentRoute
from api.provide import provided
from api.sessions.service import SessionService
from contracts.alerts import Alert, AlertChange, Alerts, MadeAlert, NewAlert

router = APIRouter(tags=["alerts"], route_class=IdempotentRoute)

AlertsDep = Annotated[AlertService, Depends(provided(AlertService))]
SessionsDep = Annotated[SessionService, Depends(provided(SessionService))]
AlertId = Annotated[str, Path(pattern=r"^[a-f0-9]{24}$")]


async def _owner(caller: CallerDep, sessions: SessionsDep) -> Owner | None:
    return await _of(caller, sessions)


async def _of(caller: Caller, sessions: SessionService) -> Owner | None:
    record = await sessions.in_room(caller.room) if caller.room else None
    return owner_of(caller, record)


OwnerDep = Annotated[Owner | None, Depends(_owner)]


@router.post("/v1/alerts", status_code=status.HTTP_201_CREATED, dependencies=[limited("receipts")])
async def make_alert(  # noqa: PLR0913, PLR0917 - what a request is made of
    wanted: NewAlert, alerts: AlertsDep, caller: MayTrip, sessions: SessionsDep, request: Request, response: Response
) -> MadeAlert:
    """Be told when a journey gets cheaper. Made within a call it is the call's, and erased with it."""
    if wanted.asks_a_source:
        await searching(request, response)
    return await alerts.make(wanted, caller, await _of(caller, sessions))


@router.get("/v1/alerts", dependencies=[limited("reads")])
async def list_alerts(alerts: AlertsDep, owner: OwnerDep, response: Response, token: AlertToken = None) -> Alerts:
    """The alerts of a call, key or user; with a token the one that it belongs to."""
    response.headers["Cache-Control"] = "no-store"
    return Alerts(alerts=await alerts.all(owner, token))


@router.patch("/v1/alerts/{alert_id}", dependencies=[limited("reads")])
async def change_alert(
    alert_id: AlertId, change: AlertChange, alerts: AlertsDep, owner: OwnerDep, token: AlertToken = None
) -> Alert:
    """Pause an alert, or let it go on."""
    return await alerts.pause(alert_id, owner, token, paused=change.paused)


@router.delete("/v1/alerts/{alert_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[limited("reads")])
async def remove_alert(alert_id: AlertId, alerts: AlertsDep, owner: OwnerDep, token: AlertToken = None) -> None:
    """Erase an alert, and the address with it."""
    await alerts.remove(alert_id, owner, token)


@router.get("/v1/alerts/links/confirm", response_class=HTMLResponse, dependencies=[limited("reads")])
async def confirm_page(token: Token, alerts: AlertsDep) -> HTMLResponse:
    """A page with a button: a mail scanner that follows links confirms nothing."""
    return await _page(alerts, token, "confirm_button")


@router.post("/v1/alerts/links/confirm", response_class=HTMLResponse, dependencies=[limited("reads")])
async def confirm_alert(token: Token, alerts: AlertsDep) -> HTMLResponse:
    """The address agrees to being told."""
    code = await alerts.language_of(token)
    done = await alerts.confirm(token)
    return _told(code, "confirmed" if done else "gone")


@router.get("/v1/alerts/links/unsubscribe", response_class=HTMLResponse, dependencies=[limited("reads")])
async def unsubscribe_page(token: Token, alerts: AlertsDep) -> HTMLResponse:
    """A page with a button."""
    return await _page(alerts, token, "unsubscribe_button")


@router.post("/v1/alerts/links/unsubscribe", response_class=HTMLResponse, dependencies=[limited("reads")])
async def unsubscribe(token: Token, alerts: AlertsDep) -> HTMLResponse:
    """Erase the alert: by that button, or by a mail program in one click (RFC 8058)."""
    code = await alerts.language_of(token)
    await alerts.unsubscribe(token)
    return _told(code, "unsubscribed")


async def _page(alerts: AlertService, token: str, button: str) -> HTMLResponse:
    code = await alerts.language_of(token)
    if await alerts.of_token(token) is None:
        return _told(code, "gone")
    told = words(code)
    return HTMLResponse(
        page(code, told["confirm_title"], "", button=told[button]), headers={"Cache-Control": "no-store"}
    )


def _told(code: str, what: str) -> HTMLResponse:
    told = words(code)
    return HTMLResponse(page(code, told["confirm_title"], told[what]), headers={"Cache-Control": "no-store"})
