"""One call in its job process, from joining the room to leaving it."""

from livekit.agents import JobContext

from agent.call.backend import Backend, deliver, metadata_of
from agent.call.room import RoomLink
from agent.call.screen import Screen
from agent.call.session import CallSession
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.settings import AgentSettings
from agent.speaking.fixed_lines import Speaker
from agent.telemetry import traces
from agent.turns.tracker import Turns
from contracts.marks import session_mark
from contracts.sessions import AgentReport


async def run(ctx: JobContext) -> None:
    """Assemble the call and start it; one that does not start is reported."""
    settings: AgentSettings = ctx.proc.userdata["settings"]
    metadata = await metadata_of(ctx.job, settings)
    ctx.log_context_fields = {"session": session_mark(metadata.session_id), "pipeline": metadata.pipeline.value}
    backend = Backend(settings, ctx.job.room.name, traceparent=metadata.traceparent)
    ctx.add_shutdown_callback(backend.aclose)
    ctx.add_shutdown_callback(traces.aclose)
    room, turns, language = RoomLink(ctx.room), Turns(), LanguageTracker(metadata)
    call_session: CallSession | None = None
    speaker = Speaker(
        session=lambda: call_session.session if call_session else None,
        room=room,
        turns=turns,
        language=language,
        own=lambda code: call.persona.lines(code, metadata),
    )
    call = Call(
        metadata=metadata,
        settings=settings,
        pipeline=metadata.pipeline,
        backend=backend,
        room=room,
        turns=turns,
        language=language,
        speaker=speaker,
        screen=Screen(),
    )
    call_session = CallSession(ctx, call)
    traces.begin_call(metadata.traceparent, pipeline=metadata.pipeline.value, language=language.code)
    try:
        await call_session.start()
        ready = AgentReport(kind="ready", room_name=ctx.job.room.name, session_id=metadata.session_id)
        await deliver(ready, settings, backend)
    except Exception as error:
        await deliver(
            AgentReport(
                kind="failed",
                room_name=ctx.job.room.name,
                session_id=metadata.session_id,
                reason=f"the session did not start: {type(error).__name__}",
            ),
            settings,
        )
        raise
