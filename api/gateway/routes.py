"""The WebSocket `/ws`: the voice assistant for clients without WebRTC, in the messages of the first system."""

import asyncio
import contextlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, cast

import structlog
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from api.gateway.limits import GatewayLimits
from api.gateway.messages import ErrorMessage, parse
from api.gateway.origin import may_open
from api.gateway.outbox import FAILED, NORMAL, POLICY, TOO_BIG, TRY_LATER, UNEXPECTED, Ending, Outbox
from api.services import Services
from contracts.dispatch import Pipeline
from contracts.problems import InvalidInput

if TYPE_CHECKING:
    from api.gateway.call import Call
    from api.gateway.link import Link

log = structlog.get_logger("polyglot.gateway")

router = APIRouter()

Part = asyncio.Future[Ending | None]
"""Of a conversation: the first that is done ends it."""

_NEEDED: Final = ("numpy", "livekit.rtc")
_NOT_INSTALLED: Final = Ending(
    FAILED, "The voice gateway is not installed on this server; use the page, or a LiveKit client."
)
_NO_VOICE: Final = Ending(FAILED, "This server answers in writing only; the voice gateway needs a voice pipeline.")
_FULL: Final = Ending(TRY_LATER, "All lines of the voice gateway are in use; try again in a moment.")
_IDLE: Final = Ending(NORMAL, "Nothing was received for a while, so the call was ended; connect again to go on.")
_TOO_MANY_BAD: Final = Ending(POLICY, "Too many messages in a row were not valid.")


class Lines:
    """How many calls this process is in."""

    def __init__(self) -> None:
        self.busy = 0


@router.websocket("/ws")
async def voice_gateway(socket: WebSocket) -> None:
    """One socket, one call. See `docs/` and `api.gateway.messages` for what is sent."""
    services = cast("Services", socket.app.state.services)
    lines = cast("Lines", socket.app.state.gateway_lines)
    origin, host = socket.headers.get("origin"), socket.headers.get("host", "")
    if not may_open(origin, host, services.settings.cors_origins):
        log.warning("gateway refused", origin=(origin or "")[:200])
        await socket.close(POLICY)
        return
    limits = GatewayLimits.of(services.settings)
    await socket.accept()
    refusal = _refusal(services, lines, limits)
    if refusal is not None:
        await _farewell(socket, Outbox(1), refusal, limits)
        return
    lines.busy += 1
    try:
        await _converse(socket, services, limits)
    finally:
        lines.busy -= 1


def installed() -> bool:
    """Whether the extra `gateway` is there."""
    return all(find_spec(name) is not None for name in _NEEDED)


def new_link(limits: GatewayLimits) -> "Link":
    """A room that is not yet joined."""
    from api.gateway.livekit_link import LiveKitLink  # noqa: PLC0415 - an optional extra

    return LiveKitLink(limits)


def _refusal(services: Services, lines: Lines, limits: GatewayLimits) -> Ending | None:
    if not installed():
        return _NOT_INSTALLED
    if services.settings.default_pipeline is Pipeline.TEXT:
        return _NO_VOICE
    return _FULL if lines.busy >= limits.calls else None


async def _converse(socket: WebSocket, services: Services, limits: GatewayLimits) -> None:
    from api.gateway.call import Call  # noqa: PLC0415 - needs an optional extra
    from api.gateway.sessions import GatewaySessions, internal_url  # noqa: PLC0415

    outbox = Outbox(limits.outbox)
    url = internal_url(services.settings)
    call = Call(GatewaySessions(services, socket), new_link(limits), url, outbox.put, limits)
    tasks = [
        asyncio.create_task(_read(socket, call, outbox, limits)),
        asyncio.create_task(outbox.pump(socket)),
        asyncio.create_task(outbox.overflow()),
    ]
    parts: list[Part] = [*tasks, call.ended]
    try:
        done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        await _cancel(tasks)
        ending = next((found for part in done if (found := _ending(part)) is not None), None)
        if ending is not None:
            await _farewell(socket, outbox, ending, limits)
    finally:
        await _cancel(tasks)
        await call.aclose()


def _ending(part: Part) -> Ending | None:
    """What a finished part says; None when the client has gone."""
    error = part.exception()
    if error is None:
        return part.result()
    log.error("gateway failed", exc_info=error)
    return UNEXPECTED


async def _read(socket: WebSocket, call: "Call", outbox: Outbox, limits: GatewayLimits) -> Ending | None:
    """Take the client's messages until there are no more."""
    bad = 0
    while bad < limits.bad_messages:
        try:
            async with asyncio.timeout(limits.idle):
                event = await socket.receive()
        except TimeoutError:
            return _IDLE
        if event["type"] == "websocket.disconnect":
            return None
        text = event.get("text")
        if len(text or event.get("bytes") or "") > limits.message_chars:
            return Ending(TOO_BIG, f"message: is too long; allowed: at most {limits.message_chars} characters")
        try:
            if text is None:
                raise InvalidInput.of("message", "is binary", "JSON as text")
            await call.handle(parse(text))
        except InvalidInput as error:
            bad += 1
            outbox.put(ErrorMessage(error=error.detail))
        else:
            bad = 0
    return _TOO_MANY_BAD


async def _cancel(tasks: list[asyncio.Task[Ending | None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _farewell(socket: WebSocket, outbox: Outbox, ending: Ending, limits: GatewayLimits) -> None:
    """Say why, and close; a client that has gone, or takes nothing, is not waited for."""
    if socket.application_state is not WebSocketState.CONNECTED:
        return
    with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        async with asyncio.timeout(limits.farewell):
            await outbox.farewell(socket, ending)
