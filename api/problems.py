"""Every error leaves the API as RFC 9457 problem details; none carries a stack trace, a secret or an input's value."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from api.pages import give_page_token
from contracts.problems import (
    PROBLEM_MEDIA_TYPE,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    PolyglotError,
    Problem,
    TooLarge,
    TooManyRequests,
    Unauthorised,
    Unavailable,
    field_problems,
)

log = structlog.get_logger("polyglot.api")

_KINDS: Final[tuple[type[PolyglotError], ...]] = (
    InvalidInput,
    NotFound,
    Unauthorised,
    Forbidden,
    Conflict,
    TooLarge,
    TooManyRequests,
    Unavailable,
)
_BY_STATUS: Final = {kind.status: kind for kind in _KINDS}
_OWN_PATHS: Final = ("/v1", "/api", "/health", "/ready", "/status", "/search_flights", "/problems", "/openapi", "/docs")

RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {
        "description": "A problem with the request: RFC 9457 problem details",
        "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
    "5XX": {
        "description": "A problem on our side or behind us: RFC 9457 problem details",
        "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}
"""Declared on every route, so that the generated clients know the one error shape."""


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """The problem as an HTTP response."""
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=problem.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def internal_problem(instance: str | None) -> Problem:
    """What a caller may know about an error that we did not expect."""
    return PolyglotError("The error was logged; the request id names it.").problem(instance)


def request_id(request: Request) -> str | None:
    """Id that the middleware gave the request."""
    value = request.scope.get("polyglot.request_id")
    return str(value) if value else None


def install(app: FastAPI) -> None:
    """Register the handlers."""
    handlers: dict[Any, Callable[[Request, Any], Awaitable[Response]]] = {
        PolyglotError: _expected,
        RequestValidationError: _invalid,
        HTTPException: _http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _expected(request: Request, error: PolyglotError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request failed", problem=error.slug, detail=error.detail)
    return problem_response(error.problem(request_id(request)), error.headers())


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    problems = field_problems(list(error.errors()))
    detail = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems)
    return problem_response(InvalidInput(detail, errors=problems).problem(request_id(request)))


async def _http(request: Request, error: HTTPException) -> Response:
    page = _page(request) if error.status_code == HTTPStatus.NOT_FOUND else None
    if page:
        return page
    status = HTTPStatus(error.status_code)
    kind = _BY_STATUS.get(status, PolyglotError)
    problem = Problem(
        type=f"/problems/{kind.slug}" if status in _BY_STATUS else "about:blank",
        title=kind.title if status in _BY_STATUS else status.phrase,
        status=status,
        detail=TooLarge.title if status == TooLarge.status else _detail(request, status),
        instance=request_id(request),
        retryable=kind.retryable,
    )
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request)) or headers.get("allow", "")
    return problem_response(problem, headers)


def _allowed(request: Request) -> list[str]:
    """Every method of a path: each route knows of its own alone. `…/start` is no id, although one could look so."""
    paths: dict[str, dict[str, object]] = request.app.openapi()["paths"]
    path = request.url.path
    templates = [path] if path in paths else [name for name in paths if compile_path(name)[0].match(path)]
    matching = [paths[name] for name in templates]
    methods = {name.upper() for found in matching for name in found}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def _detail(request: Request, status: HTTPStatus) -> str:
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} is not possible on this path; the Allow header says what is."
    if status == HTTPStatus.NOT_FOUND:
        return "There is nothing at this path."
    if status == HTTPStatus.BAD_REQUEST:
        return "The body could not be read."
    return status.description or status.phrase


def _page(request: Request) -> Response | None:
    """The single-page application for a browser that opens one of its addresses, never for a path of the API."""
    ui_dir = request.app.state.settings.ui_dir
    if (
        ui_dir is None
        or request.method not in ("GET", "HEAD")
        or "text/html" not in request.headers.get("accept", "")
        or request.url.path.startswith(_OWN_PATHS)
    ):
        return None
    page = FileResponse(ui_dir / "index.html", headers={"Cache-Control": "no-cache"})
    state = request.app.state
    give_page_token(page, state.services.authenticator.pages, state.settings)
    return page
