"""Where the assistant's sound leaves for the room."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession


async def once_subscribed(
    session: AgentSession[Any], frames: AsyncGenerator[rtc.AudioFrame, None]
) -> AsyncIterator[rtc.AudioFrame]:
    """The frames, held until the user is subscribed to the assistant's track.

    The library waits for that too, on one future for the whole call, and unshielded: a speech that is interrupted
    meanwhile cancels the future with it, and nothing is ever heard of that session again (livekit-agents 1.8,
    `_ParticipantAudioOutput.capture_frame`). Who begins to talk with the call does just that to the greeting.
    """
    async with aclosing(frames):
        async for frame in frames:
            subscribed = _subscribed(session)
            if subscribed is not None:
                await asyncio.shield(subscribed)
            yield frame


def _subscribed(session: AgentSession[Any]) -> asyncio.Future[None] | None:
    try:
        return session.room_io.subscribed_fut
    except RuntimeError:
        return None  # a session without a room
