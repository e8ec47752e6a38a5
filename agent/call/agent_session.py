"""An agent session made for a call, and closed whatever state it is in."""

import asyncio
import contextlib
from typing import Any, Final

from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions, TextOutputOptions

from agent import budgets
from agent.call.pipelines import SESSION_CONNECT, PipelineModels
from agent.call.state import Call
from agent.hearing.eager_transcription import eager_ears
from agent.hearing.heard_silence import HeardSilence
from agent.hearing.turn_end_detector import TurnEndDetector
from contracts.desk import OPERATOR_PREFIX
from contracts.dispatch import Pipeline
from contracts.names import COMPANION_PREFIX

LOOKS: Final = 0.2
"""Seconds between two looks at whether a session is closed."""

CASCADE_RATE: Final = 16_000
"""Samples per second of what voice activity, turn detector and recognisers listen to."""
REALTIME_RATE: Final = 24_000
"""Of what realtime models are sent, by OpenAI's API."""


def new_session(models: PipelineModels, call: Call) -> AgentSession[Call]:
    """The session of a pipeline, not started; every clock that the library would set is ours."""
    options: dict[str, Any] = {
        name: built.model for name in ("stt", "tts") if (built := getattr(models, name)) is not None
    }
    session: AgentSession[Call] = AgentSession(
        llm=models.llm.model,
        vad=models.vad,
        turn_handling=models.turn_handling,
        userdata=call,
        conn_options=SESSION_CONNECT,
        aec_warmup_duration=None,
        user_away_timeout=None,
        transcription_timeout=budgets.NO_WORDS_AFTER if models.pipeline is Pipeline.CASCADE else None,
        session_close_transcript_timeout=budgets.LAST_WORDS,
        **options,
    )
    detector = models.turn_handling.get("turn_detection")
    if isinstance(detector, TurnEndDetector):
        detector.wait = lambda seconds: session.update_options(endpointing_opts={"max_delay": seconds})
        if isinstance(models.vad, HeardSilence):
            detector.silence = models.vad.hears_silence
        detector.ears = eager_ears(models.stt.model) if models.stt is not None else ()
    return session


def room_options(pipeline: Pipeline) -> RoomOptions:
    """How a session is in the room; what is typed comes by our own listener, which outlives a pipeline."""
    audio = pipeline is not Pipeline.TEXT
    return RoomOptions(
        text_input=False,
        # Frames as they come from the network: the default of 50 ms is added to every answer.
        audio_input=AudioInputOptions(
            pre_connect_audio=True,
            frame_size_ms=20,
            # Of the rate that the cascade's ears work at, so that none of them changes it anew. A realtime model has its own.
            sample_rate=CASCADE_RATE if pipeline is Pipeline.CASCADE else REALTIME_RATE,
        )
        if audio
        else False,
        audio_output=audio,
        text_output=TextOutputOptions(),
        close_on_disconnect=True,
        delete_room_on_close=False,
    )


def is_speaking_traveller(participant: rtc.RemoteParticipant) -> bool:
    """Whether somebody in the room is who the assistant listens to: no agent, person of the house, or further screen."""
    others = (OPERATOR_PREFIX, COMPANION_PREFIX)
    agent = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return not agent and not participant.identity.startswith(others)


async def hear_the_traveller(session: AgentSession[Call], room: rtc.Room) -> None:
    """Link a session to the traveller, where the library has linked it to whoever it met first."""
    with contextlib.suppress(RuntimeError):  # the session has ended
        room_io = session.room_io
        await room_io.wait_for_ready()
        linked = room_io.linked_participant
        if linked is None or is_speaking_traveller(linked):
            return
        traveller = next(filter(is_speaking_traveller, room.remote_participants.values()), None)
        if traveller is not None:
            room_io.set_participant(traveller.identity)


async def close_quietly(session: AgentSession[Call] | None) -> None:
    """Close a session and its room input and output, also when the library's own close failed half-way."""
    if session is None:
        return
    room_io = None
    with contextlib.suppress(RuntimeError):
        room_io = session.room_io
    closing = asyncio.ensure_future(session.aclose())
    while not closing.done():
        await asyncio.wait([closing], timeout=LOOKS)
        with contextlib.suppress(RuntimeError):
            if not closing.done():
                # The library interrupts what is being said, and waits for what begins a moment later, a tool's answer (1.8).
                session.interrupt(force=True)
    if not closing.cancelled():
        closing.exception()  # taken, or asyncio would print it
    if room_io is not None:
        with contextlib.suppress(Exception):
            await room_io.aclose()
