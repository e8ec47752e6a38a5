"""Is the process alive, can it serve, do agents come; and what the API is."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel

from api.health.service import Checks
from api.pages import give_page_token
from api.provide import provided
from api.services import Services
from api.version import api_version
from contracts import agent_name
from contracts.languages import LANGUAGES
from contracts.sessions import AgentVerdict

router = APIRouter(tags=["health"])

ServicesDep = Annotated[Services, Depends(provided(Services))]


async def _checks(request: Request, services: ServicesDep) -> Checks:
    state = request.app.state
    if not hasattr(state, "checks"):
        state.checks = Checks(
            {"livekit": services.media.ping, "database": services.database.ping, "fares": services.fares.ready}
        )
    return cast("Checks", state.checks)


ChecksDep = Annotated[Checks, Depends(_checks)]


class Health(BaseModel):
    """The process is alive."""

    status: Literal["healthy"] = "healthy"
    timestamp: AwareDatetime


class Readiness(BaseModel):
    """Whether requests can be served now."""

    ready: bool
    checks: dict[str, Literal["ok", "failed"]]
    timestamp: AwareDatetime


class DispatchOutcome(BaseModel):
    """How one of the last sessions got its agent, or did not."""

    at: AwareDatetime
    verdict: AgentVerdict
    attempts: int
    join_seconds: float | None


class AgentHealth(BaseModel):
    """Whether agents come when they are asked for."""

    status: Literal["ok", "unknown", "failing", "media_unreachable"]
    """`unknown` until a session has shown it."""
    livekit_reachable: bool
    agent_name: str
    joined: int
    failed: int
    last_dispatches: tuple[DispatchOutcome, ...]
    timestamp: AwareDatetime


class Status(BaseModel):
    """What runs here."""

    status: Literal["running"] = "running"
    version: str
    environment: str
    uptime_seconds: int
    active_connections: int
    """Sessions that are being watched."""
    sessions: dict[str, int]
    """Counts since the start, by verdict."""
    fare_sources: tuple[str, ...]
    timestamp: AwareDatetime


class ApiInfo(BaseModel):
    """What the API is and where to go on."""

    name: str = "Polyglot"
    description: str = "Voice assistant for flight search"
    version: str
    features: tuple[str, ...] = (
        "voice in and out over WebRTC",
        "text chat",
        "flight search",
        "barge-in and stop",
        "language switching",
    )
    languages: tuple[str, ...] = tuple(LANGUAGES)
    documentation: str = "/openapi.json"
    health: str = "/health"


@router.get("/", response_model=ApiInfo, responses={200: {"content": {"text/html": {}}}})
async def root(request: Request, services: ServicesDep) -> Response | ApiInfo:
    """The page for a browser, where one is served; what the API is for everybody else."""
    ui_dir = services.settings.ui_dir
    if ui_dir is not None and "text/html" in request.headers.get("accept", ""):
        page = FileResponse(ui_dir / "index.html", headers={"Cache-Control": "no-cache", "Vary": "Accept"})
        give_page_token(page, services.authenticator.pages, services.settings)
        return page
    return ApiInfo(version=api_version())


@router.get("/health")
async def health() -> Health:
    """The process is alive. Depends on nothing, so that a load balancer does not end it for others' faults."""
    return Health(timestamp=datetime.now(UTC))


@router.get("/ready", responses={503: {"model": Readiness, "description": "Something that is needed does not answer"}})
async def ready(checks: ChecksDep, response: Response) -> Readiness:
    """Whether the media server, the database and a fare source answer."""
    found = await checks.all()
    everything = all(found.values())
    response.status_code = HTTPStatus.OK if everything else HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Cache-Control"] = "no-store"
    named: dict[str, Literal["ok", "failed"]] = {name: "ok" if good else "failed" for name, good in found.items()}
    return Readiness(ready=everything, checks=named, timestamp=datetime.now(UTC))


@router.get("/health/agent")
async def agent_health(services: ServicesDep, checks: ChecksDep) -> AgentHealth:
    """Whether the media server answers and the last sessions got their agents."""
    reachable = await checks.one("livekit")
    last = tuple(services.watch.recent)
    good = not last or last[-1].verdict is AgentVerdict.READY
    verdict: Literal["ok", "unknown", "failing", "media_unreachable"] = "ok" if good else "failing"
    if not last:
        verdict = "unknown"
    if not reachable:
        verdict = "media_unreachable"
    return AgentHealth(
        status=verdict,
        livekit_reachable=reachable,
        agent_name=agent_name(),
        joined=services.watch.outcomes["joined"],
        failed=services.watch.outcomes["failed"],
        last_dispatches=tuple(
            DispatchOutcome(at=one.at, verdict=one.verdict, attempts=one.attempts, join_seconds=one.join_seconds)
            for one in reversed(last)
        ),
        timestamp=datetime.now(UTC),
    )


@router.get("/status")
async def status(services: ServicesDep) -> Status:
    """What runs here, and how much of it."""
    now = datetime.now(UTC)
    return Status(
        version=api_version(),
        environment=services.settings.environment.value,
        uptime_seconds=int((now - services.started_at).total_seconds()),
        active_connections=len(services.watch),
        sessions=dict(services.watch.totals),
        fare_sources=tuple(source.name for source in services.fares.sources),
        timestamp=now,
    )
