"""The application: settings in, ASGI out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute

from api import description, problems
from api.flights import routes as flights
from api.flights.providers.base import FareSource
from api.gateway import routes as gateway
from api.health import routes as health
from api.livekit import routes as livekit
from api.livekit.client import MediaServer
from api.middleware import BodyLimit, RequestContext
from api.places import routes as places
from api.services import open_services
from api.sessions import routes as sessions
from api.settings import Settings


def create_app(
    settings: Settings, *, media: MediaServer | None = None, fares: tuple[FareSource, ...] | None = None
) -> FastAPI:
    """The API with these settings. `media` and `fares` replace the media server and the fare sources in tests."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings, media=media, fares=fares) as services:
            app.state.services = services
            yield

    app = FastAPI(
        title="Polyglot",
        version=health.api_version(),
        description="Sessions, tokens and flight searches for the Polyglot voice assistant.",
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        responses=problems.RESPONSES,
        generate_unique_id_function=_operation_id,
        telemetry=None,
    )
    app.state.settings = settings
    app.state.gateway_lines = gateway.Lines()
    problems.install(app)
    description.install(app)
    for module in (health, sessions, livekit, flights, places, gateway):
        app.include_router(module.router)
    if settings.ui_dir is not None:
        # Single-page addresses are answered by the 404 handler, so that a wrong API path stays a problem.
        app.frontend("/", directory=settings.ui_dir, fallback=None)
    app.add_middleware(BodyLimit, limit=settings.body_limit)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
            expose_headers=["X-Request-Id", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
            max_age=600,
        )
    app.add_middleware(RequestContext)
    return app


def _operation_id(route: APIRoute) -> str:
    """Names for generated clients: the function's, made unique by the path where it serves two."""
    return route.name if not route.path.endswith("-token") else f"{route.name}_at_page"
