"""The worker: registers under the one agent name, takes or refuses jobs, and runs each call in its own process.

Run with `python -m agent`. Job processes import this module anew, so importing it must do nothing but define.
"""

from importlib.metadata import version
from typing import Final

from livekit.agents import AgentServer, JobContext, JobProcess, JobRequest
from pydantic import ValidationError

from agent.call.backend import BackendError, deliver, metadata_of
from agent.providers.choice import NotOffered, choose_models
from agent.settings import AgentSettings
from agent.telemetry import traces
from agent.telemetry.events import emit
from agent.telemetry.log_filter import keep_content_out
from agent.telemetry.measures import measure, send_to_worker
from agent.worker.call_server import CallServer
from agent.worker.fleet import Member
from contracts import agent_name
from contracts.events import Event
from contracts.problems import field_problems
from contracts.sessions import AgentReport

JOB_MEMORY_WARN_MB = 400
JOB_MEMORY_LIMIT_MB = 600
REFUSALS: Final[dict[type[Exception], str]] = {
    ValidationError: "invalid",
    NotOffered: "not_offered",
    BackendError: "no_session",
}
"""Why a job is not taken, for metrics."""


def prewarm(process: JobProcess) -> None:
    """What a job process has of its own; all else is shared, see `agent.worker.preload`."""
    keep_content_out()
    settings = AgentSettings()
    process.userdata["settings"] = settings
    send_to_worker()
    if settings.traces_url is not None:
        traces.start(str(settings.traces_url), share=settings.traces_share, version=version("polyglot"))


async def accept_or_reject(request: JobRequest, member: Member, settings: AgentSettings) -> None:
    """Take a job whose metadata validates; refuse any other with a reason that reaches the user.

    A worker that a newer version has replaced refuses without a word: the media server asks another one.
    """
    if member.retired:
        emit(Event.CALL_REFUSED, reason="retired")
        measure("calls_refused", reason="retired")
        # Only a refusal that does not end the job is passed on.
        await request.reject(terminate=False)
        return
    try:
        choose_models(await metadata_of(request.job, settings), settings)
    except (ValidationError, NotOffered, BackendError) as error:
        reason = _reason(error)
        emit(Event.CALL_REFUSED, reason=reason[:500])
        measure("calls_refused", reason=REFUSALS[type(error)])
        await deliver(AgentReport(kind="rejected", room_name=request.room.name, reason=reason[:500]), settings)
        # Another worker may have what this one was not given: a key, a voice, a way to the API.
        await request.reject(terminate=isinstance(error, ValidationError))
        return
    member.call_taken()
    await request.accept()


def _reason(error: ValidationError | NotOffered | BackendError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    problems = field_problems(error.errors(include_input=False))
    return "; ".join(f"{problem.field}: {problem.problem}" for problem in problems)


async def run_call(ctx: JobContext) -> None:
    """One call, in a job process."""
    # Calls need the models' SDKs, the worker does not: a seventh of its memory.
    from agent.call.entrypoint import run  # noqa: PLC0415

    await run(ctx)


def load(server: AgentServer, member: Member, max_calls: int) -> float:
    """Share of the calls that this worker may hold: a count, because CPU spikes at a call's start refuse the next."""
    return 1.0 if member.retired else min(len(server.active_jobs) / max_calls, 1.0)


def build_server(settings: AgentSettings) -> tuple[CallServer, Member]:
    """The worker and its place in the fleet, not yet started."""

    def load_of(worker: AgentServer) -> float:
        return load(worker, member, settings.max_calls)

    server = CallServer(
        ws_url=str(settings.livekit_url),
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret.get_secret_value(),
        # The library's own endpoint says OK while unregistered; agent/worker/serve.py serves the real one.
        host="127.0.0.1",
        port=0,
        preload_modules=["agent.worker.preload"],
        load_fnc=load_of,
        load_threshold=0.999,
        num_idle_processes=settings.idle_processes,
        initialize_process_timeout=60,
        drain_timeout=settings.drain_seconds,
        job_memory_warn_mb=JOB_MEMORY_WARN_MB,
        job_memory_limit_mb=JOB_MEMORY_LIMIT_MB,
        # The worker dials the media server itself; the library would take a proxy even for loopback.
        http_proxy=None,
        log_level=settings.log_level,
        setup_fnc=prewarm,
    )
    server.max_calls = settings.max_calls
    member = Member(lambda: len(server.active_jobs), max_calls=settings.max_calls, service_name=settings.ecs_service)

    async def on_request(request: JobRequest) -> None:
        await accept_or_reject(request, member, settings)

    server.rtc_session(run_call, agent_name=agent_name(), on_request=on_request)
    return server, member
