"""The desk: where operators wait for calls, and how a call gets one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.access.dependencies import Joins
from api.budgets.rates import limited
from api.desk.service import DeskService
from api.livekit.tokens import Grant
from api.provide import provided
from api.sessions.routes import Served, SessionsDep, SettingsDep
from api.settings import Settings
from contracts.desk import DeskRequest, DeskToken, HandoffReply, HandoffRequest
from contracts.dispatch import SessionId
from contracts.problems import NotFound

router = APIRouter(tags=["desk"])

DeskDep = Annotated[DeskService, Depends(provided(DeskService))]


@router.post("/v1/sessions/{session_id}/handoff")
async def ask_for_a_person(record: Served, wanted: HandoffRequest, desk: DeskDep) -> HandoffReply:
    """Tell the operators who wait that a call needs one; the session's agent alone."""
    return await desk.ask(record, wanted)


@router.post("/v1/desk/token", dependencies=[limited("tokens")])
async def wait_at_desk(
    caller: Joins, desk: DeskDep, settings: SettingsDep, response: Response, wanted: DeskRequest | None = None
) -> DeskToken:
    """A token for the room in which the tenant's operators are told of calls (data topic `polyglot.handoff`)."""
    return _token(desk.wait(caller, (wanted or DeskRequest()).name), settings, response)


@router.post("/v1/desk/calls/{session_id}/join", dependencies=[limited("tokens")])
async def join_call(  # noqa: PLR0913, PLR0917 - what FastAPI gives
    session_id: Annotated[SessionId, Path(description="As the desk was told")],
    caller: Joins,
    sessions: SessionsDep,
    desk: DeskDep,
    settings: SettingsDep,
    response: Response,
    wanted: DeskRequest | None = None,
) -> DeskToken:
    """A token for a running call of the tenant; the traveller is told by the assistant that somebody has come."""
    record = await sessions.record(session_id)
    if record is None or not caller.sees_tenant(record.tenant):
        raise NotFound("There is no such session.")
    return _token(desk.join(record, (wanted or DeskRequest()).name), settings, response)


def _token(grant: Grant, settings: Settings, response: Response) -> DeskToken:
    response.headers["Cache-Control"] = "no-store"
    return DeskToken(
        server_url=settings.public_url,
        room_name=grant.room,
        participant_token=grant.token,
        identity=grant.identity,
        expires_at=grant.expires_at,
    )
