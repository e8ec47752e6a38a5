"""Participants of a real room, for tests of the API against a real livekit-server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from livekit import api as livekit
from livekit import rtc

from cli.stack.local import LocalStack
from contracts.desk import DeskToken
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


@asynccontextmanager
async def helping(stack: LocalStack, session_id: str) -> AsyncIterator[rtc.Room]:
    """An operator called Marta in a call."""
    headers = {"Authorization": f"Bearer {stack.operator_key.split(',')[0]}"}
    async with httpx2.AsyncClient(base_url=stack.api_url, headers=headers) as http:
        answer = await http.post(f"/v1/desk/calls/{session_id}/join", json={"name": "Marta"})
    token = DeskToken.model_validate_json(answer.content)
    async with joined(token.server_url, token.participant_token) as room:
        yield room


async def show_screen(room: rtc.Room) -> None:
    """Share a screen of 320 by 180, all of one colour, until the room is left."""
    source = rtc.VideoSource(320, 180, is_screencast=True)
    track = rtc.LocalVideoTrack.create_video_track("screen", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_SCREENSHARE)
    await room.local_participant.publish_track(track, options)
    frame = rtc.VideoFrame(320, 180, rtc.VideoBufferType.RGBA, b"\x20\x80\xc0\xff" * (320 * 180))

    async def paint() -> None:
        while room.isconnected():
            source.capture_frame(frame)
            await asyncio.sleep(0.1)

    painting = asyncio.create_task(paint())
    room.on("disconnected", lambda *_: painting.cancel())
