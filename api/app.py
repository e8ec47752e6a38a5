"""The application: settings in, ASGI out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.routing import APIRoute

from api import description, pages, problems
from api.access import routes as access
from api.access.page_tokens import HEADER as PAGE_TOKEN_HEADER
from api.alerts import routes as alerts
from api.calls import routes as calls
from api.desk import routes as desk
from api.flights import routes as flights
from api.flights.providers.base import FareSource
from api.gateway import routes as gateway
from api.health import routes as health
from api.idempotency.repository import HEADER as IDEMPOTENCY_HEADER
from api.intakes import routes as intakes
from api.livekit import routes as livekit
from api.livekit.client import MediaServer
from api.middleware import BodyLimit, HeadAsGet, RequestContext
from api.oversight import routes as oversight
from api.places import routes as places
from api.privacy import routes as privacy
from api.screens import routes as screens
from api.services import open_services
from api.sessions import routes as sessions
from api.settings import Environment, Settings
from api.trips import routes as trips
from api.version import api_version
from api.webhooks import routes as webhooks

CORS_HEADERS = [
    "traceparent",
    "Authorization",
    "Content-Type",
    "X-Request-Id",
    PAGE_TOKEN_HEADER,
    "X-Alert-Token",
    IDEMPOTENCY_HEADER,
    "X-Sandbox-Id",  # LiveKit's own front ends send it always
    "traceparent",
    "tracestate",
]


def create_app(
    settings: Settings, *, media: MediaServer | None = None, fares: tuple[FareSource, ...] | None = None
) -> FastAPI:
    """The API with these settings. `media` and `fares` replace the media server and the fare sources in tests."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, media=media, fares=fares) as (services, found):
            app.state.services, app.state.provided = services, found
            yield

    app = FastAPI(
        title="Polyglot",
        version=api_version(),
        description="Sessions, tokens and flight searches for the Polyglot voice assistant.",
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        responses=problems.RESPONSES,
        generate_unique_id_function=_operation_id,
        telemetry=None,
        redirect_slashes=False,  # behind a proxy that speaks http to us, it would send browsers there
    )
    app.state.settings = settings
    app.state.gateway_lines = gateway.Lines()
    problems.install(app)
    description.install(app)
    for module in (
        livekit,
        sessions,
        flights,
        places,
        calls,
        health,
        privacy,
        access,
        webhooks,
        trips,
        screens,
        alerts,
        intakes,
        desk,
        oversight,
        gateway,
    ):  # busiest first
        app.include_router(module.router)
    if settings.ui_dir is not None:
        pages.install_desk(app)
        # Single-page addresses are answered by the 404 handler, so that a wrong API path stays a problem.
        app.frontend("/", directory=settings.ui_dir, fallback=None)
        app.add_middleware(pages.KeptFiles)
        app.add_middleware(GZipMiddleware, minimum_size=pages.COMPRESSED_FROM, compresslevel=6)
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit, limit=settings.body_limit)
    app.add_middleware(
        RequestContext,
        media_url=settings.public_url,
        secure=settings.environment is not Environment.LOCAL,
        desk_reaches=settings.desk_reaches,
        scripts=pages.inline_scripts(settings.ui_dir),
    )
    if settings.cors_origins:
        # Outermost, so that a page of another origin can read our errors too.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=CORS_HEADERS,
            expose_headers=[
                "X-Request-Id",
                "Retry-After",
                "RateLimit-Limit",
                "RateLimit-Remaining",
                "RateLimit-Reset",
                "Idempotency-Replayed",
            ],
            max_age=600,
        )
    return app


def _operation_id(route: APIRoute) -> str:
    """Names for generated clients: the function's, made unique by the path where it serves two."""
    if route.path.endswith("-token"):
        return f"{route.name}_at_page"
    return f"{route.name}_at_sandbox" if route.path.endswith("/connection-details") else route.name
