"""Where the assistant's sound leaves for the room."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.room_io._output import _ParticipantAudioOutput


async def once_subscribed(
    session: AgentSession[Any],
    frames: AsyncGenerator[rtc.AudioFrame, None],
    sent: Callable[[rtc.AudioFrame], None] = lambda _frame: None,
) -> AsyncIterator[rtc.AudioFrame]:
    """The frames, held until the user is subscribed to the assistant's track; `sent` is told of each.

    The library waits for that too, on one future for the whole call, and unshielded: a speech that is interrupted
    meanwhile cancels the future with it, and nothing is ever heard of that session again (livekit-agents 1.8,
    `_ParticipantAudioOutput.capture_frame`). Who begins to talk with the call does just that to the greeting.
    """
    async with aclosing(frames):
        async for frame in frames:
            subscribed = _subscribed(session)
            if subscribed is not None:
                await asyncio.shield(subscribed)
            sent(frame)
            yield frame


def silent_at_once(session: AgentSession[Any]) -> None:
    """Have a pause take back the sound that waits to be sent, a fifth of a second of it, and an end give back none of it.

    The library takes it back when it comes to the next piece of 50 ms, and of the last piece of a speech never. Where a speech
    is ended while it is paused, as by a spoken stop, the library goes on before it has thrown away what is left of that
    speech (livekit-agents 1.8, `AgentActivity._cancel_speech_pause`): on a busy machine some of it is heard after the stop.
    """
    try:
        output: Any = session.room_io.audio_output
    except RuntimeError:
        return  # a session without a room
    while output is not None and not isinstance(output, _ParticipantAudioOutput):
        output = output.next_in_chain
    if output is None:
        return
    source, pause, resume = output._audio_source, output.pause, output.resume  # noqa: SLF001

    def paused() -> None:
        pause()
        output._source_discarded_duration += source.queued_duration  # noqa: SLF001 - what was heard is counted without it
        source.clear_queue()

    def resumed() -> None:
        speech = session.current_speech
        if speech is not None and speech.interrupted:
            output.clear_buffer()
        resume()

    output.pause = paused  # type: ignore[method-assign]
    output.resume = resumed  # type: ignore[method-assign]


def _subscribed(session: AgentSession[Any]) -> asyncio.Future[None] | None:
    try:
        return session.room_io.subscribed_fut
    except RuntimeError:
        return None  # a session without a room
