"""Everything that lives as long as the process: made once, closed in reverse order."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from api.db import Database
from api.fare_settings import SOURCES_VARIABLE, FareSourceName, key_of
from api.flights.providers.base import FareSource
from api.flights.providers.chain import FareChain
from api.flights.providers.duffel import VARIABLE as DUFFEL_VARIABLE
from api.flights.providers.duffel import DuffelFares
from api.flights.providers.sample import SampleFares
from api.flights.providers.serpapi import SerpApiFares
from api.flights.service import FlightService
from api.limits import Limiter
from api.livekit.client import LiveKit, MediaServer
from api.livekit.watch import DispatchWatch
from api.sessions.memory import call_memory
from api.sessions.repository import Stores
from api.sessions.service import SessionService
from api.settings import Environment, Settings
from api.shared import Shared
from contracts.sessions import SessionStatus

log = structlog.get_logger("polyglot.api")


@dataclass(frozen=True, slots=True)
class Services:
    """What routes use."""

    settings: Settings
    started_at: datetime
    database: Database
    media: MediaServer
    watch: DispatchWatch
    sessions: SessionService
    fares: FareChain
    flights: FlightService
    limiter: Limiter


def _sample(settings: Settings) -> FareSource:
    return SampleFares(delay=settings.sample_delay)


def _duffel(settings: Settings) -> FareSource:
    in_prod = settings.environment is Environment.PROD
    return DuffelFares(key_of(settings.duffel_api_token), str(settings.duffel_url), refuse_test_mode=in_prod)


def _serpapi(settings: Settings) -> FareSource:
    return SerpApiFares(key_of(settings.serpapi_api_key), str(settings.serpapi_url))


FARE_SOURCES: Final[dict[FareSourceName, Callable[[Settings], FareSource]]] = {
    "duffel": _duffel,
    "serpapi": _serpapi,
    "sample": _sample,
}
"""How each source is made. A new source: an entry here, its name and key in `api.fare_settings`, and its module."""


def fare_source(name: FareSourceName, settings: Settings) -> FareSource:
    """The source of that name."""
    return FARE_SOURCES[name](settings)


@asynccontextmanager
async def open_services(
    settings: Settings, *, media: MediaServer | None = None, fares: tuple[FareSource, ...] | None = None
) -> AsyncIterator[Services]:
    """Make the services; `media` and `fares` replace the real ones in tests."""
    async with AsyncExitStack() as stack:
        if settings.database.startswith("sqlite"):
            settings.state_dir.mkdir(parents=True, exist_ok=True)
        database = Database(settings.database)
        stack.push_async_callback(database.aclose)
        await database.start()
        server = media or LiveKit(
            str(settings.livekit_url), settings.livekit_api_key, settings.api_secret, settings.livekit_timeout
        )
        stack.push_async_callback(server.aclose)
        sources = fares if fares is not None else tuple(fare_source(name, settings) for name in settings.fare_sources)
        if not sources:
            log.warning("fares.none", variable=SOURCES_VARIABLE, mend=f"set {DUFFEL_VARIABLE}; no search is answered")
        chain = FareChain(sources, deadline=settings.search_deadline, cache_seconds=settings.search_cache_seconds)
        stack.push_async_callback(chain.aclose)

        shared = Shared(settings.valkey_url) if settings.valkey_url else None
        if shared:
            stack.push_async_callback(shared.aclose)

        async def changed(session_id: str, status: SessionStatus) -> None:
            await sessions.changed(session_id, status)

        watch = DispatchWatch(server, settings.watch, changed)
        stack.push_async_callback(watch.aclose)
        stores = Stores(database, call_memory(shared, settings.watch.longest))
        sessions = SessionService(settings, server, watch, stores)
        yield Services(
            settings=settings,
            started_at=datetime.now(UTC),
            database=database,
            media=server,
            watch=watch,
            sessions=sessions,
            fares=chain,
            flights=FlightService(chain),
            limiter=Limiter(settings, shared),
        )
