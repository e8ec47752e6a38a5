"""Participants of a real room, for tests of the API against a real livekit-server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livekit import api as livekit
from livekit import rtc

from contracts.names import ATTRIBUTE_AGENT_STATE

KEY, SECRET = "integration-key", "integration-secret-of-thirty-two-bytes"


@asynccontextmanager
async def joined(url: str, token: str) -> AsyncIterator[rtc.Room]:
    """A participant in a room."""
    room = rtc.Room()
    await room.connect(url, token)
    try:
        yield room
    finally:
        await room.disconnect()


def agent_token(room: str, *, marked: bool = False) -> str:
    """What a worker's agent joins with; `marked`: what it proves itself to the API with."""
    grants = livekit.VideoGrants(room_join=True, room=room, agent=True, can_update_own_metadata=True)
    token = livekit.AccessToken(KEY, SECRET).with_identity(f"agent-of-{room}").with_kind("agent")
    if marked:
        token = token.with_attributes({"polyglot-agent": "1"})
    return token.with_grants(grants).to_jwt()


async def publish_state(room: rtc.Room) -> None:
    """What AgentSession.start does once it can hear."""
    await room.local_participant.set_attributes({ATTRIBUTE_AGENT_STATE: "listening"})
