"""GET /v1/realtime: the WebSocket around a session, and the faults that hit it."""

import asyncio
import contextlib
import json
from http import HTTPStatus
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from contracts.models import Stage
from emulator.errors import ApiError, check_model
from emulator.http.middleware import ENTRY
from emulator.realtime.config import invalid_event
from emulator.realtime.faulty import FaultyWire
from emulator.realtime.session import Session
from emulator.runtime import RUNTIME

_MAX_MESSAGE: Final = 16 * 1024 * 1024


async def realtime(request: web.Request) -> web.StreamResponse:
    """Opens a session for the model of the query and serves it until either side closes."""
    model = request.query.get("model", "")
    request[ENTRY].model = model
    if request.query.get("intent") == "transcription":
        raise ApiError(400, "Transcription sessions are not supported by this service.", param="intent")
    check_model(model, Stage.REALTIME)
    socket = web.WebSocketResponse(max_msg_size=_MAX_MESSAGE, heartbeat=None)
    await socket.prepare(request)
    request[ENTRY].status = HTTPStatus.SWITCHING_PROTOCOLS
    wire = FaultyWire(socket, request)
    runtime = request.app[RUNTIME]
    session = Session(runtime, model, wire.deliver)
    over = asyncio.Event()
    runtime.sessions.add(wire.cut)
    runtime.expiring.add(over)
    ending = asyncio.create_task(_expire(socket, session, over, runtime.settings.session_seconds))
    try:
        await session.open()
        await _serve(socket, session)
    except ConnectionError:
        wire.cut()
    finally:
        ending.cancel()
        runtime.sessions.discard(wire.cut)
        runtime.expiring.discard(over)
        await session.close()
    return socket


async def _expire(socket: web.WebSocketResponse, session: Session, over: asyncio.Event, seconds: float) -> None:
    """End a session whose time is over, in the middle of whatever it does."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()
    with contextlib.suppress(ConnectionError):
        message = "Your session hit the maximum duration of 60 minutes."
        await session.refuse(ApiError(400, message, code="session_expired"))
        await socket.close(code=WSCloseCode.GOING_AWAY)


async def _serve(socket: web.WebSocketResponse, session: Session) -> None:
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            try:
                event = json.loads(message.data)
            except json.JSONDecodeError:
                await session.refuse(invalid_event("Invalid JSON."))
                continue
            await session.handle(event)
