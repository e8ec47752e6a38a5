"""Everything that lives as long as the process: made once, found by its class, closed in reverse order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import structlog

from api import tracing
from api.access.authenticator import Authenticator
from api.access.oidc import Issuer
from api.access.repository import KeyRepository
from api.access.room_tokens import RoomTokens
from api.access.service import KeyService
from api.access.settings import AccessSettings
from api.alerts.repository import CHECK_JOB, MAIL_JOB, AlertRepository
from api.alerts.service import AlertService
from api.budgets.ledger import ledger
from api.budgets.rates import Limiter
from api.budgets.service import BudgetService
from api.calls.repository import CallRepository
from api.calls.service import CallService
from api.database.engine import Database
from api.desk.service import DeskService
from api.flights.providers.base import FareSource, Source, make_source
from api.flights.providers.chain import FareChain
from api.flights.repository import FlightRepository
from api.flights.service import FlightService
from api.idempotency.repository import IdempotencyRepository
from api.intakes.repository import IntakeRepository
from api.intakes.service import IntakeService
from api.jobs.repository import JobRepository
from api.jobs.runner import Runner, Work
from api.livekit.client import LiveKit, MediaServer
from api.livekit.tokens import Minter
from api.metrics.registry import Metrics
from api.oversight.repository import OversightRepository
from api.oversight.service import OversightService
from api.privacy.repository import PrivacyRepository
from api.privacy.service import PrivacyService
from api.provide import Provided
from api.recordings.repository import ERASE_JOB, RecordingRepository
from api.recordings.service import RecordingService
from api.recordings.storage import Storage
from api.screens.repository import ScreenRepository
from api.screens.service import ScreenService
from api.sessions.lifecycle import CALL_ENDED_JOB, RECORD_JOB, RECORDED_JOB, SUMMARY_JOB, Lifecycle
from api.sessions.memory import call_memory
from api.sessions.repository import SessionRecord, Stores
from api.sessions.service import SessionService, again
from api.settings import Environment, Settings
from api.shared import Shared
from api.summaries.narrator import Narrator
from api.summaries.service import Summariser
from api.trips.repository import TripRepository
from api.trips.service import TripService
from api.version import api_version
from api.watch.tasks import MediaEventRepository, TaskRepository
from api.watch.watch import DispatchWatch
from api.watch.watcher import Watcher
from api.webhooks.repository import WebhookRepository
from api.webhooks.service import ATTEMPTS, DELIVER_JOB, WebhookService
from contracts.fares import SOURCES_VARIABLE, Gives
from contracts.sessions import SessionStatus

log = structlog.get_logger("polyglot.api")


@dataclass(frozen=True, slots=True)
class Services:
    """What health routes, the gateway and tests use by name."""

    settings: Settings
    started_at: datetime
    database: Database
    media: MediaServer
    watch: DispatchWatch
    sessions: SessionService
    lifecycle: Lifecycle
    fares: FareChain
    flights: FlightService
    limiter: Limiter
    authenticator: Authenticator
    jobs: Runner
    metrics: Metrics
    alerts: AlertService
    privacy: PrivacyService
    recordings: RecordingService


@asynccontextmanager
async def open_services(  # noqa: PLR0915 - the one place where everything meets
    settings: Settings, *, media: MediaServer | None = None, fares: tuple[FareSource, ...] | None = None
) -> AsyncIterator[tuple[Services, Provided]]:
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
        shared = Shared(settings.valkey_url) if settings.valkey_url else None
        if shared:
            stack.push_async_callback(shared.aclose)

        stores = Stores(database, call_memory(shared, settings.watch.longest))
        calls, answers, events = (
            CallRepository(database),
            IdempotencyRepository(database),
            MediaEventRepository(database),
        )
        budgets = BudgetService(settings.budgets, settings, ledger(shared))
        hooks = WebhookService(
            settings, WebhookRepository(database), calls, local=settings.environment is Environment.LOCAL
        )
        stack.push_async_callback(hooks.aclose)

        async def changed(watcher: Watcher, status: SessionStatus) -> None:
            await lifecycle.watched_changed(watcher, status)

        async def observe(kind: str, record: SessionRecord) -> None:
            await hooks.observe(kind, record)
            runner.nudge()

        watch = DispatchWatch(server, settings.watch, changed)
        metrics = Metrics(watch=watch, database=database)
        stack.callback(metrics.close)
        kept = FlightRepository(shared)
        chain = _chain(settings, fares, metrics, kept)
        stack.push_async_callback(chain.aclose)
        tasks, jobs = TaskRepository(database), JobRepository(database)
        lifecycle = Lifecycle(
            server,
            watch,
            stores,
            tasks,
            events,
            budgets,
            jobs,
            again=again,
            nudge_jobs=lambda: runner.nudge(),  # noqa: PLW0108 - it is made below
            observe=observe,
        )
        sessions = SessionService(settings, settings, budgets, stores, lifecycle)
        storage = Storage(settings.recording)
        stack.push_async_callback(storage.aclose)
        recordings = RecordingService(
            settings.recording, RecordingRepository(database), stores.sessions, server, storage
        )
        records = CallService(calls, stores, budgets, recordings)
        intakes = IntakeService(settings.retention, IntakeRepository(database))
        desk = DeskService(Minter(settings), server)
        privacy = PrivacyService(
            settings.retention,
            settings,
            PrivacyRepository(database),
            stores,
            records,
            calls,
            lifecycle,
            answers,
            events,
            intakes,
            recordings,
        )
        oversight = OversightService(
            settings,
            settings.retention,
            budgets,
            OversightRepository(database),
            summary_models=settings.summaries.models,
            shared=shared is not None,
        )
        narrator = Narrator(settings.summaries) if settings.summaries.models else None
        if narrator:
            stack.push_async_callback(narrator.aclose)
        summariser = Summariser(stores, calls, narrator, records.spend)
        others = _others(settings)
        for other in others:
            stack.push_async_callback(other.aclose)
        flights = FlightService(chain, kept=kept)
        trips = TripService(
            flights,
            chain,
            others,
            kept,
            TripRepository(database),
            deadline=settings.search_deadline,
            page_url=str(settings.page_url) if settings.page_url else None,
        )
        screens = ScreenService(ScreenRepository(shared, settings.watch.longest + 3600.0), kept, server)
        stores.memory.also_forget = screens.forget
        alerts = AlertService(
            settings.alerts,
            AlertRepository(database),
            flights,
            chain,
            kept,
            hooks,
            key=settings.api_secret,
            page_url=str(settings.page_url) if settings.page_url else None,
            nudge=lambda: runner.nudge(),  # noqa: PLW0108 - it is made below
        )
        runner = Runner(
            jobs,
            {
                SUMMARY_JOB: Work(summariser.make, attempts=6, failed=summariser.give_up),
                CALL_ENDED_JOB: Work(hooks.call_ended, attempts=6),
                RECORD_JOB: Work(recordings.start, attempts=3, failed=recordings.not_started),
                RECORDED_JOB: Work(recordings.finish, attempts=8),
                ERASE_JOB: Work(recordings.erase_file, attempts=12),
                DELIVER_JOB: Work(hooks.deliver, attempts=ATTEMPTS, failed=hooks.give_up),
                CHECK_JOB: Work(alerts.check, attempts=3),
                MAIL_JOB: Work(alerts.mail, attempts=8),
                "check_alerts": Work(alerts.order_checks, attempts=1, every=timedelta(minutes=5)),
                "clean_up": Work(privacy.clean_up, attempts=1, every=timedelta(hours=1)),
            },
            metrics.job,
        )
        rooms = RoomTokens(settings.livekit_keys)
        keys = KeyService(settings, KeyRepository(database))
        issuer = Issuer(settings) if settings.oidc_issuer else None
        if issuer:
            stack.push_async_callback(issuer.aclose)
        authenticator = Authenticator(settings, rooms, keys, issuer)
        limiter = Limiter(
            {
                "sessions": settings.rate_sessions,
                "tokens": settings.rate_tokens,
                "searches": settings.rate_searches,
                "places": settings.rate_places,
                "reads": settings.rate_reads,
                "receipts": settings.rate_receipts,
            },
            shared,
        )
        if settings.metrics_port is not None:
            metrics.serve(settings.host, settings.metrics_port)
            looking = asyncio.create_task(metrics.look(jobs, tasks), name="metrics")
            stack.callback(looking.cancel)
        if settings.traces_url is not None:
            tracing.start(
                str(settings.traces_url),
                environment=settings.environment.value,
                version=api_version(),
                share=settings.traces_share,
            )
            stack.callback(tracing.stop)
        await lifecycle.start()
        stack.push_async_callback(lifecycle.aclose)
        runner.start()
        stack.push_async_callback(runner.aclose)

        services = Services(
            settings=settings,
            started_at=datetime.now(UTC),
            database=database,
            media=server,
            watch=watch,
            sessions=sessions,
            lifecycle=lifecycle,
            fares=chain,
            flights=flights,
            limiter=limiter,
            authenticator=authenticator,
            jobs=runner,
            metrics=metrics,
            alerts=alerts,
            privacy=privacy,
            recordings=recordings,
        )
        by_class: Provided = {type(one): one for one in (sessions, lifecycle, limiter, authenticator, budgets, records)}
        by_class |= {
            type(one): one
            for one in (
                privacy,
                recordings,
                hooks,
                keys,
                rooms,
                answers,
                summariser,
                flights,
                trips,
                alerts,
                screens,
                intakes,
                desk,
                oversight,
            )
        }
        by_class |= {Settings: settings, AccessSettings: settings, MediaServer: server, Services: services}
        yield services, by_class


def _others(settings: Settings) -> tuple[Source, ...]:
    """Listed sources without fares."""
    prod = settings.environment is Environment.PROD
    fares = settings.gives(Gives.FARES)
    return tuple(make_source(settings.access(name, prod=prod)) for name in settings.fare_sources if name not in fares)


def _chain(
    settings: Settings, fares: tuple[FareSource, ...] | None, metrics: Metrics, kept: FlightRepository
) -> FareChain:
    prod = settings.environment is Environment.PROD
    made = (make_source(settings.access(name, prod=prod)) for name in settings.gives(Gives.FARES))
    sources = fares if fares is not None else tuple(cast("FareSource", one) for one in made)
    if not sources:
        log.warning("fares.none", variable=SOURCES_VARIABLE, mend="no search is answered; see docs/reference.md")
    return FareChain(
        sources,
        deadline=settings.search_deadline,
        cache_seconds=settings.search_cache_seconds,
        observe=metrics.fares,
        kept=kept,
    )
