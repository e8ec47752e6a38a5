"""What wraps every request: an id, one log line, a bound on the body, safe headers, and a last net for errors."""

import asyncio
import contextlib
import random
import re
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

import structlog
from opentelemetry.trace import INVALID_SPAN
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import tracing
from api.problems import internal_problem, problem_response
from contracts.events import Event
from contracts.problems import TooLarge

log = structlog.get_logger("polyglot.api")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_DRAIN_BYTES: Final = 32 * 1024 * 1024
_DRAIN_SECONDS: Final = 10.0
_QUIET_PATHS: Final = ("/health", "/ready")
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}
_HSTS: Final = "max-age=31536000; includeSubDomains"
_ids: Final = random.Random()  # noqa: S311 - tells requests apart, and opens nothing
_REQUEST_ID_HEADER: Final = b"x-request-id"
_POLICY_HEADER: Final = b"content-security-policy"
_NOT_TRACED: Final = contextlib.nullcontext(INVALID_SPAN)
UNMATCHED: Final = "unmatched"
DESK: Final = "/desk"
"""Its page alone may reach the identity provider."""


def page_policy(media_url: str, *also: str, scripts: Iterable[str] = ()) -> str:
    """What the page may load and reach: this origin, the media server by both its schemes, and `also` those origins.

    `scripts` are the hashes of those that stand in the page itself.
    """
    scheme, _, host = media_url.partition("://")
    host = host.partition("/")[0]
    http = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    reached = [f"{scheme}://{host}", f"{http}://{host}"]
    if host.endswith(".livekit.cloud"):
        reached += ["wss://*.livekit.cloud", "https://*.livekit.cloud"]  # it sends clients on to a region
    reached += also
    own = " ".join(("'self'", *scripts))
    return (
        f"default-src 'self'; script-src {own}; connect-src 'self' {' '.join(reached)}; media-src 'self' blob:; "
        "img-src 'self' data:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )


def route_of(scope: Scope) -> str:
    """The template of the route that answered: paths hold ids, which belong in no log."""
    route = scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return str(path) if path else UNMATCHED


class RequestContext:
    """Outermost: names the request, logs it, adds the headers, and turns an unexpected error into a problem."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        media_url: str,
        secure: bool,
        scripts: Iterable[str] = (),
        desk_reaches: Iterable[str] = (),
    ) -> None:
        self.app = app
        self._page_policy = page_policy(media_url, scripts=scripts).encode()
        self._desk_policy = page_policy(media_url, *desk_reaches, scripts=scripts).encode()
        headers = _HEADERS | ({"Strict-Transport-Security": _HSTS} if secure else {})
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else f"{_ids.getrandbits(96):024x}"
        scope["polyglot.request_id"] = request_id
        status = 0
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._with_ours(message["headers"], request_id, scope["path"])
            await send(message)

        traced = tracing.on() and scope["path"] not in _QUIET_PATHS
        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            with tracing.serving(Headers(scope=scope)) if traced else _NOT_TRACED as span:
                try:
                    await self.app(scope, receive, send_with_headers)
                except Exception:
                    log.exception("unexpected error", route=route_of(scope), method=scope["method"])
                    if status:
                        raise
                    await problem_response(internal_problem(request_id))(scope, receive, send_with_headers)
                finally:
                    tracing.served(span, scope["method"], route_of(scope), status)
                    _log(scope, status, time.perf_counter() - started)
        finally:
            structlog.contextvars.reset_contextvars(**bound)

    def _with_ours(self, given: Iterable[tuple[bytes, bytes]], request_id: str, path: str) -> list[tuple[bytes, bytes]]:
        """The answer's headers and ours; what a route says itself stands."""
        said = [(name, value) for name, value in given if name != _REQUEST_ID_HEADER]
        names = {name for name, _ in said}
        said.append((_REQUEST_ID_HEADER, request_id.encode()))
        said += [header for header in self._headers if header[0] not in names]
        if _POLICY_HEADER not in names and any(
            name == b"content-type" and value.startswith(b"text/html") for name, value in said
        ):
            said.append((_POLICY_HEADER, self._desk_policy if path.startswith(DESK) else self._page_policy))
        return said


def _log(scope: Scope, status: int, seconds: float) -> None:
    # Neither path nor query: they hold ids, and where somebody wants to travel.
    route = route_of(scope)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning(Event.REQUEST_FAILED.value, status=status, route=route)
    level = log.debug if route in _QUIET_PATHS else log.info
    level("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
    services = getattr(scope["app"].state, "services", None)
    if services is not None:
        services.metrics.answered(scope["method"], route, status, seconds)


class HeadAsGet:
    """Answers HEAD as GET without the body: monitors probe with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, headers_only)


class BodyLimit:
    """Refuses a body over the limit with a problem: by its announced length, else as soon as it has grown too long.

    FastAPI's own limit answers in plain text, before any handler of ours.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > self.limit:
            await _drain(receive, int(announced))
            error = TooLarge(f"The body has {announced} bytes; at most {self.limit} are taken.")
            problem = error.problem(scope.get("polyglot.request_id"))
            await problem_response(problem, {"Connection": "close"})(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                if message.get("more_body"):
                    await _drain(receive, received)
                raise HTTPException(TooLarge.status)
            return message

        await self.app(scope, counted, send)


async def _drain(receive: Receive, size: int) -> None:
    """Read a refused body to its end and throw it away, within reason.

    A server that closes a connection with unread data resets it, and the client never sees why it was refused.
    """
    if size > _DRAIN_BYTES:
        return
    drained = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while drained <= _DRAIN_BYTES:
                message = await receive()
                if not message.get("more_body"):  # the end, or the client has gone
                    return
                drained += len(message["body"])
