"""Sessions: start, status, retry, end, turns, summary, and what the agent reports."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Response, status

from api.access.caller import Caller
from api.access.dependencies import AgentOnly, Known, MayCall
from api.access.settings import AccessSettings
from api.budgets.rates import limited
from api.idempotency.route import IdempotentRoute
from api.livekit.tokens import Grant
from api.provide import provided
from api.sessions.repository import SessionRecord
from api.sessions.rights import must_see, must_serve
from api.sessions.schemas import FirstSessionRequest, Searches, Turns
from api.sessions.service import SessionService
from api.settings import Settings
from contracts.dispatch import DispatchMetadata, SessionId
from contracts.languages import is_language
from contracts.problems import Forbidden, NotFound
from contracts.records import AgentSessionRequest
from contracts.sessions import AgentReport, SessionRequest, SessionStarted, SessionStatus
from contracts.turns import Summary, Turn

router = APIRouter(tags=["sessions"], route_class=IdempotentRoute)

Id = Annotated[SessionId, Path(description="As `POST /v1/sessions` gave it out")]
AcceptLanguage = Annotated[str | None, Header(description="Language of messages when the session's is `auto`")]
SessionsDep = Annotated[SessionService, Depends(provided(SessionService))]
SettingsDep = Annotated[Settings, Depends(provided(Settings))]


async def _seen(session_id: Id, sessions: SessionsDep, caller: Known) -> SessionRecord:
    """Credentials first, so that nobody can tell which sessions exist; then that they are this session's."""
    return must_see(caller, await sessions.record(session_id))


async def _served(session_id: Id, sessions: SessionsDep, caller: AgentOnly) -> SessionRecord:
    return must_serve(caller, await sessions.served(session_id, caller))


Seen = Annotated[SessionRecord, Depends(_seen)]
Served = Annotated[SessionRecord, Depends(_served)]


async def first_system(access: Annotated[AccessSettings, Depends(provided(AccessSettings))]) -> None:
    """Raise NotFound where the deployment has switched the first system's routes off."""
    if not access.first_system:
        raise NotFound("The first system's routes are switched off here; use POST /v1/sessions.")


@router.post("/v1/sessions", status_code=status.HTTP_201_CREATED, dependencies=[limited("sessions")])
async def start_session(
    sessions: SessionsDep,
    settings: SettingsDep,
    caller: MayCall,
    request: SessionRequest | None = None,
    accept_language: AcceptLanguage = None,
) -> SessionStarted:
    """Start a session: a fresh room, and a token that brings the agent into it."""
    return await _start(sessions, settings, caller, request or SessionRequest(), accept_language)


@router.get("/v1/sessions/start", include_in_schema=False)
async def start_is_no_session() -> None:
    """Not the session of that name."""
    raise HTTPException(status.HTTP_405_METHOD_NOT_ALLOWED, headers={"Allow": "POST"})


@router.post(
    "/v1/sessions/start",
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(first_system), limited("sessions")],
    summary="Start a session as the first system's relatives did",
)
async def start_first_session(
    sessions: SessionsDep,
    settings: SettingsDep,
    caller: MayCall,
    request: FirstSessionRequest | None = None,
    accept_language: AcceptLanguage = None,
) -> SessionStarted:
    """The same, with a voice and a model only."""
    wanted = request or FirstSessionRequest()
    asked = SessionRequest(voice=wanted.voice, model=wanted.model)
    return await _start(sessions, settings, caller, asked, accept_language)


@router.get("/v1/sessions/{session_id}")
async def session_status(record: Seen, sessions: SessionsDep, response: Response) -> SessionStatus:
    """Whether the session's agent has really come."""
    response.headers["Cache-Control"] = "no-store"
    return await sessions.status(record)


@router.post("/v1/sessions/{session_id}/dispatch", dependencies=[limited("sessions")])
async def dispatch_again(record: Seen, sessions: SessionsDep) -> SessionStatus:
    """Ask for an agent again, after the watch gave up."""
    return await sessions.dispatch(record)


@router.post(
    "/v1/sessions/{session_id}/companions",
    status_code=status.HTTP_201_CREATED,
    dependencies=[limited("sessions")],
)
async def accompany_session(record: Seen, sessions: SessionsDep, settings: SettingsDep) -> SessionStarted:
    """A token for another screen of the same traveller; each screen can ask for one for the next.

    It sees, types and touches what the first one does, has no voice, and the call ends without asking it.
    """
    return started(settings, record, sessions.accompany(record), None)


@router.post("/v1/sessions/{session_id}/end")
async def end_session(record: Seen, sessions: SessionsDep, caller: Known) -> SessionStatus:
    """End the call. What the user did not agree to keep is forgotten."""
    return await sessions.end(record, caller)


@router.get("/v1/sessions/{session_id}/turns")
async def read_turns(record: Seen, sessions: SessionsDep, response: Response) -> Turns:
    """The conversation so far; for those in the call, and for readers of the tenant's records."""
    response.headers["Cache-Control"] = "no-store"
    return Turns(session_id=record.id, turns=tuple(await sessions.turns(record)))


@router.post(
    "/v1/sessions/{session_id}/turns",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "The turn was there already"}},
)
async def add_turn(record: Served, turn: Turn, sessions: SessionsDep, response: Response) -> Turn:
    """Add a turn; the session's agent alone. A repeated id changes nothing."""
    if not await sessions.add_turn(record, turn):
        response.status_code = status.HTTP_200_OK
    return turn


@router.get("/v1/sessions/{session_id}/searches")
async def read_searches(record: Served, sessions: SessionsDep) -> Searches:
    """What the call's agent has found so far; for the agent that goes on in its place."""
    return Searches(session_id=record.id, searches=tuple(await sessions.searches(record)))


@router.get("/v1/sessions/{session_id}/summary")
async def read_summary(record: Seen, sessions: SessionsDep, response: Response) -> Summary:
    """The conversation in a few lines, once it has ended; for those in it, and for readers of the tenant's records."""
    response.headers["Cache-Control"] = "no-store"
    return await sessions.summary(record)


@router.post("/v1/agent/reports", status_code=status.HTTP_204_NO_CONTENT)
async def agent_report(report: AgentReport, sessions: SessionsDep, caller: AgentOnly) -> None:
    """What only the agent can know: it can hear, it refused the settings, it could not start."""
    _must_be_in(caller, report.room_name)
    await sessions.report(report)


@router.post("/v1/agent/sessions")
async def agent_session(wanted: AgentSessionRequest, sessions: SessionsDep, caller: AgentOnly) -> DispatchMetadata:
    """The session of a room for an agent that was dispatched there by somebody else, without our metadata."""
    _must_be_in(caller, wanted.room_name)
    return await sessions.serve_room(wanted, caller)


def _must_be_in(caller: Caller, room: str) -> None:
    if caller.room != room:
        raise Forbidden("The token belongs to another room.")


async def _start(
    sessions: SessionService, settings: Settings, caller: Caller, request: SessionRequest, accept_language: str | None
) -> SessionStarted:
    record, grant, receipt = await sessions.start(request, caller, spoken=_spoken(accept_language))
    return started(settings, record, grant, receipt)


def started(settings: Settings, record: SessionRecord, grant: Grant, receipt: str | None) -> SessionStarted:
    """The answer to whoever asked for a session; without the receipt code where it is not theirs to have."""
    return SessionStarted(
        session_id=record.id,
        room_name=grant.room,
        server_url=settings.public_url,
        participant_token=grant.token,
        expires_at=grant.expires_at,
        pipeline=record.metadata.pipeline,
        receipt=receipt,
        record=record.metadata.consent.record,
        livekit_url=settings.public_url,
        livekit_token=grant.token,
    )


def _spoken(accept_language: str | None) -> str | None:
    """The first language of an Accept-Language header that we speak."""
    for part in (accept_language or "").split(","):
        code = part.split(";")[0].strip().split("-")[0].lower()
        if is_language(code):
            return code
    return None
