"""The WebSocket `/ws`: the voice assistant for clients without WebRTC, in the messages of the first system."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, cast

import structlog
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from api.access.caller import Caller, Scope
from api.gateway.limits import GatewayLimits
from api.gateway.origin import may_open
from api.gateway.outbox import FAILED, NORMAL, POLICY, TOO_BIG, TRY_LATER, UNEXPECTED, Ending, Outbox
from api.gateway.schemas import ErrorMessage, PingMessage, parse
from api.services import Services
from contracts.dispatch import Pipeline
from contracts.problems import InvalidInput, PolyglotError

if TYPE_CHECKING:
    from api.gateway.link import Link
    from api.gateway.service import Call

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
_OWN_FULL: Final = Ending(TRY_LATER, "As many sockets as one caller may have are open.")
_OFF: Final = Ending(POLICY, "The voice gateway is switched off on this server; use the page, or a LiveKit client.")
_REFUSED: Final = Ending(POLICY, "Authorization: credentials are needed.")
_LONGEST: Final = Ending(NORMAL, "The call has reached its longest time; connect again to go on.")
_IDLE: Final = Ending(NORMAL, "Nothing was received for a while, so the call was ended; connect again to go on.")
_TOO_MANY_BAD: Final = Ending(POLICY, "Too many messages in a row were not valid.")


class Lines:
    """How many calls this process is in, and how many sockets each caller has open, from the moment they are taken."""

    def __init__(self) -> None:
        self.busy = 0
        self.by_caller: Counter[str] = Counter()

    @contextlib.contextmanager
    def taken(self, caller: str) -> Iterator[None]:
        """Hold a line."""
        self.busy += 1
        self.by_caller[caller] += 1
        try:
            yield
        finally:
            self.busy -= 1
            self.by_caller[caller] -= 1
            if not self.by_caller[caller]:
                del self.by_caller[caller]


@router.websocket("/ws")
async def voice_gateway(socket: WebSocket) -> None:
    """One socket, one call. See `docs/` and `api.gateway.schemas` for what is sent."""
    services = cast("Services", socket.app.state.services)
    lines = cast("Lines", socket.app.state.gateway_lines)
    origin, host = socket.headers.get("origin"), socket.headers.get("host", "")
    if not may_open(origin, host, services.settings.cors_origins):
        log.warning("gateway refused", origin=(origin or "")[:200])
        await socket.close(POLICY)
        return
    limits = GatewayLimits.of(services.settings)
    await socket.accept()
    caller = await _caller(socket, services)
    refusal = caller if isinstance(caller, Ending) else _refusal(services, lines, limits, caller)
    if isinstance(refusal, Ending) or isinstance(caller, Ending):
        await _farewell(socket, Outbox(1), refusal or _REFUSED, limits)
        return
    with lines.taken(caller.id):
        await _converse(socket, services, limits, caller)


def installed() -> bool:
    """Whether the extra `gateway` is there."""
    return all(find_spec(name) is not None for name in _NEEDED)


def new_link(limits: GatewayLimits) -> "Link":
    """A room that is not yet joined."""
    from api.gateway.livekit_link import LiveKitLink  # noqa: PLC0415 - an optional extra

    return LiveKitLink(limits)


async def _caller(socket: WebSocket, services: Services) -> Caller | Ending:
    """Who opened the socket, or why they may not."""
    client = socket.client
    try:
        caller = await services.authenticator.caller(socket.headers, client.host if client else None)
    except PolyglotError as error:
        return Ending(TRY_LATER if error.retryable else POLICY, error.detail)
    return caller if caller.may(Scope.CALLS) else _REFUSED


def _refusal(services: Services, lines: Lines, limits: GatewayLimits, caller: Caller) -> Ending | None:
    if not services.settings.first_system:
        return _OFF
    if lines.by_caller[caller.id] >= limits.per_caller:
        return _OWN_FULL
    if not installed():
        return _NOT_INSTALLED
    if services.settings.default_pipeline is Pipeline.TEXT:
        return _NO_VOICE
    return _FULL if lines.busy >= limits.calls else None


async def _converse(socket: WebSocket, services: Services, limits: GatewayLimits, caller: Caller) -> None:
    from api.gateway.service import Call  # noqa: PLC0415 - needs an optional extra
    from api.gateway.sessions import GatewaySessions, internal_url  # noqa: PLC0415

    outbox = Outbox(limits.outbox)
    url = internal_url(services.settings)
    call = Call(GatewaySessions(services, caller), new_link(limits), url, outbox.put, limits)
    tasks = [
        asyncio.create_task(_read(socket, call, outbox, limits)),
        asyncio.create_task(outbox.pump(socket)),
        asyncio.create_task(outbox.overflow()),
        asyncio.create_task(_until(_LONGEST, limits.longest)),
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
    loop = asyncio.get_running_loop()
    idle_at = loop.time() + limits.idle
    while bad < limits.bad_messages:
        try:
            async with asyncio.timeout_at(idle_at):
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
            message = parse(text)
            await call.handle(message)
            if not isinstance(message, PingMessage):  # a ping shows that a client lives, not that somebody is there
                idle_at = loop.time() + limits.idle
        except InvalidInput as error:
            bad += 1
            outbox.put(ErrorMessage(error=error.detail))
        else:
            bad = 0
    return _TOO_MANY_BAD


async def _until(ending: Ending, seconds: float) -> Ending | None:
    await asyncio.sleep(seconds)
    return ending


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
