"""Sessions: start, status, retry, end, turns, summary, and what the agent reports."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response, status

from api.dependencies import ServicesDep, limit_sessions
from api.livekit.auth import Authorization, agent_only, verify
from api.livekit.tokens import Grant
from api.services import Services
from api.sessions.repository import SessionRecord
from api.sessions.schemas import FirstSessionRequest, Turns
from api.settings import Settings
from contracts.dispatch import SessionId
from contracts.languages import is_language
from contracts.sessions import AgentReport, SessionRequest, SessionStarted, SessionStatus
from contracts.turns import Summary, Turn

router = APIRouter(tags=["sessions"])

Id = Annotated[SessionId, Path(description="As `POST /v1/sessions` gave it out")]
AcceptLanguage = Annotated[str | None, Header(description="Language of messages when the session's is `auto`")]


@router.post("/v1/sessions", status_code=status.HTTP_201_CREATED, dependencies=[limit_sessions])
async def start_session(
    services: ServicesDep, request: SessionRequest | None = None, accept_language: AcceptLanguage = None
) -> SessionStarted:
    """Start a session: a fresh room, and a token that brings the agent into it."""
    record, grant = await services.sessions.start(request or SessionRequest(), spoken=_spoken(accept_language))
    return _started(services.settings, record, grant)


@router.post(
    "/v1/sessions/start",
    status_code=status.HTTP_201_CREATED,
    dependencies=[limit_sessions],
    summary="Start a session as the first system's relatives did",
)
async def start_first_session(
    services: ServicesDep, request: FirstSessionRequest | None = None, accept_language: AcceptLanguage = None
) -> SessionStarted:
    """The same, with a voice and a model only."""
    wanted = request or FirstSessionRequest()
    record, grant = await services.sessions.start(
        SessionRequest(voice=wanted.voice, model=wanted.model), spoken=_spoken(accept_language)
    )
    return _started(services.settings, record, grant)


@router.get("/v1/sessions/{session_id}")
async def session_status(session_id: Id, services: ServicesDep, response: Response) -> SessionStatus:
    """Whether the session's agent has really come."""
    response.headers["Cache-Control"] = "no-store"
    return await services.sessions.status(session_id)


@router.post("/v1/sessions/{session_id}/dispatch", dependencies=[limit_sessions])
async def dispatch_again(session_id: Id, services: ServicesDep) -> SessionStatus:
    """Ask for an agent again, after the watch gave up."""
    return await services.sessions.dispatch(session_id)


@router.post("/v1/sessions/{session_id}/end")
async def end_session(session_id: Id, services: ServicesDep) -> SessionStatus:
    """End the call. What the user did not agree to keep is forgotten."""
    return await services.sessions.end(session_id)


@router.get("/v1/sessions/{session_id}/turns")
async def read_turns(session_id: Id, services: ServicesDep, authorization: Authorization = None) -> Turns:
    """The conversation so far; for the agent, and for the session's own participant."""
    await _authorise(services, session_id, authorization)
    return Turns(session_id=session_id, turns=tuple(await services.sessions.turns(session_id)))


@router.post(
    "/v1/sessions/{session_id}/turns",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"description": "The turn was there already"}},
)
async def add_turn(
    session_id: Id, turn: Turn, services: ServicesDep, response: Response, authorization: Authorization = None
) -> Turn:
    """Add a turn. A repeated id changes nothing."""
    await _authorise(services, session_id, authorization)
    if not await services.sessions.add_turn(session_id, turn):
        response.status_code = status.HTTP_200_OK
    return turn


@router.get("/v1/sessions/{session_id}/summary")
async def read_summary(session_id: Id, services: ServicesDep, authorization: Authorization = None) -> Summary:
    """The conversation in a few lines, once it has ended; for the agent, and for the session's own participant."""
    await _authorise(services, session_id, authorization)
    return await services.sessions.summary(session_id)


@router.post("/v1/agent/reports", status_code=status.HTTP_204_NO_CONTENT)
async def agent_report(report: AgentReport, services: ServicesDep, authorization: Authorization = None) -> None:
    """What only the agent can know: it refused the settings, it could not start, the call is over."""
    agent_only(services.settings, authorization).must_belong_to(report.room_name)
    await services.sessions.report(report)


async def _authorise(services: Services, session_id: str, authorization: str | None) -> None:
    """Credentials first, so that nobody can tell which sessions exist; then that they are this session's."""
    caller = verify(services.settings, authorization)
    caller.must_belong_to(await services.sessions.room_of(session_id))


def _started(settings: Settings, record: SessionRecord, grant: Grant) -> SessionStarted:
    return SessionStarted(
        session_id=record.id,
        room_name=grant.room,
        server_url=settings.public_url,
        participant_token=grant.token,
        expires_at=grant.expires_at,
        pipeline=record.metadata.pipeline,
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
