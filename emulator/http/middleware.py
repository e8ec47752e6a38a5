"""What every request under /v1 passes: a request id, the key check, faults, the log, errors in OpenAI's shape."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from emulator.errors import ApiError
from emulator.faults import Fault, FaultBook, Route, Striker, Struck
from emulator.runtime import RUNTIME, LogEntry

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STRIKER: Final = web.RequestKey("striker", Striker)
ENTRY: Final = web.RequestKey("entry", LogEntry)
_LOGGER: Final = logging.getLogger("emulator")
_ROUTES: Final[tuple[tuple[str, Route], ...]] = (
    ("/v1/models", "models"),
    ("/v1/chat/completions", "chat"),
    ("/v1/audio/transcriptions", "transcriptions"),
    ("/v1/audio/speech", "speech"),
    ("/v1/realtime", "realtime"),
)
_STREAMED: Final[frozenset[Route]] = frozenset({"chat", "speech"})
"""Routes whose handlers strike by themselves, chunk by chunk."""
_COUNTED: Final[frozenset[Route]] = frozenset({"chat", "speech", "transcriptions"})
"""Routes of which each request counts; in realtime each response does."""


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: the headers that the real service sends with every answer."""
    response.headers.setdefault("x-request-id", f"req_{uuid.uuid4().hex}")
    if route_of(request.path) in _COUNTED:
        for name, value in request.app[RUNTIME].limit.headers().items():
            response.headers.setdefault(name, value)


def failure(error: ApiError) -> web.Response:
    """An error as a response."""
    return web.json_response({"error": error.body()}, status=error.status)


def route_of(path: str) -> Route | None:
    """The fault route of a path."""
    return next((route for prefix, route in _ROUTES if path == prefix or path.startswith(f"{prefix}/")), None)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns every failure into OpenAI's shape; nothing of the cause leaks."""
    try:
        return await handler(request)
    except ApiError as error:
        return failure(error)
    except web.HTTPRequestEntityTooLarge:
        return failure(ApiError(413, "The request body is too large.", code="request_too_large"))
    except web.HTTPException as error:
        return failure(ApiError(error.status, f"Invalid URL ({request.method} {request.path})", param=None))
    except (asyncio.CancelledError, ConnectionError):
        raise
    except Exception:
        _LOGGER.exception("request failed")
        return failure(ApiError(500))


@web.middleware
async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Wants a bearer token under /v1; any will do."""
    if request.path.startswith("/v1/"):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            message = "You didn't provide an API key. Provide it in an Authorization header using Bearer auth."
            raise ApiError(401, message, code="missing_api_key")
    return await handler(request)


@web.middleware
async def strike(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Logs the request and carries out the faults that come before an answer's first byte."""
    route = route_of(request.path)
    if route is None:
        return await handler(request)
    runtime = request.app[RUNTIME]
    entry, started = runtime.enter(route), time.perf_counter()
    fault = _due(runtime.faults, route)
    entry.fault = fault.kind if fault else None
    request[ENTRY], request[STRIKER] = entry, Striker(fault if route in _STREAMED else None)
    try:
        response = await _answer(request, handler, route, fault)
    except ApiError as error:
        entry.status = error.status
        raise
    else:
        entry.status = response.status
        return response
    finally:
        entry.total_ms = (time.perf_counter() - started) * 1000


def _due(faults: FaultBook, route: Route) -> Fault | None:
    """The fault of this request. A realtime session refuses at its handshake; its other faults strike later."""
    fault = faults.peek(route)
    at_handshake = fault is not None and (fault.kind == "status" or (fault.kind == "disconnect" and not fault.after))
    if route == "realtime" and not at_handshake:
        return None
    return faults.take(route)


async def _answer(request: web.Request, handler: Handler, route: Route, fault: Fault | None) -> web.StreamResponse:
    if route in _COUNTED and not request.app[RUNTIME].limit.take():
        raise ApiError(429)
    if fault is not None and fault.status is not None:
        raise ApiError(fault.status)
    if route in _STREAMED:
        return await handler(request)
    try:
        await Striker(fault.model_copy(update={"after": 0}) if fault else None).chunk()
    except Struck as struck:
        if struck.kind == "malformed":
            return web.Response(body=b'{"object": "list", "data": [', content_type="application/json")
        if struck.kind == "empty":
            return web.json_response({"text": ""} if route == "transcriptions" else {"object": "list", "data": []})
        cut(request)
    return await handler(request)


def cut(request: web.Request) -> None:
    """Breaks the connection as a dying server would; the handler ends here."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("cut by a fault")


def first_byte(request: web.Request) -> None:
    """Notes in the log when an answer began."""
    entry = request[ENTRY]
    if entry.first_ms is None:
        entry.first_ms = (time.time() - entry.at) * 1000


__all__ = ["ENTRY", "STRIKER", "add_headers", "authorise", "cut", "errors", "first_byte", "strike"]
