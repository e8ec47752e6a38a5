"""Prometheus metrics of this process: requests by route, and gauges of what it holds. Nothing of who or what is said."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any, Final
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from api.database.engine import POOL_OVERFLOW, POOL_SIZE, Database
from api.jobs.repository import JobRepository
from api.watch.tasks import TaskRepository
from api.watch.watch import DispatchWatch
from contracts.problems import Unavailable

LOOK_EVERY: Final = 10.0
log = structlog.get_logger("polyglot.metrics")

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One registry per process, so that tests may have several."""

    def __init__(self, *, watch: DispatchWatch, database: Database) -> None:
        self.registry: Final = CollectorRegistry(auto_describe=True)
        labels = ("method", "route", "status")
        self._requests = Counter("polyglot_api_requests", "Requests answered", labels, registry=self.registry)
        self._seconds = Histogram(
            "polyglot_api_request_seconds",
            "Time to the end of an answer",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._fares = Histogram(
            "polyglot_fare_source_seconds",
            "Time to a fare source's answer",
            ("source", "outcome"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._jobs = Histogram(
            "polyglot_job_seconds", "Time of one attempt", ("kind", "outcome"), buckets=_BUCKETS, registry=self.registry
        )
        self._queue = {
            name: Gauge(f"polyglot_jobs_{name}", what, registry=self.registry)
            for name, what in (
                ("due", "Jobs that should be running"),
                ("given_up", "Jobs that failed for good"),
                ("waited_seconds", "How long the oldest due job waits"),
            )
        }
        self._live = Gauge("polyglot_calls_live", "Running calls of the whole deployment", registry=self.registry)
        self._gauge("polyglot_api_watched_calls", "Calls that this task watches", lambda: len(watch))
        self._gauge("polyglot_api_agents_joined", "Calls whose agent came", lambda: watch.outcomes["joined"])
        self._gauge("polyglot_api_agents_failed", "Calls whose agent did not come", lambda: watch.outcomes["failed"])
        pool: Any = database.engine.pool
        if hasattr(pool, "checkedout"):
            self._gauge("polyglot_api_database_connections", "Connections in use", pool.checkedout)
            most = 1 if database.is_sqlite else POOL_SIZE + POOL_OVERFLOW
            self._gauge("polyglot_api_database_connections_most", "Connections that may be in use", lambda: most)
        self._server: tuple[WSGIServer, threading.Thread] | None = None

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by its route's template, never by its path."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def fares(self, source: str, outcome: str, seconds: float) -> None:
        """Note an answer of a fare source."""
        self._fares.labels(source, outcome).observe(seconds)

    def job(self, kind: str, outcome: str, seconds: float) -> None:
        """Note an attempt at a job."""
        self._jobs.labels(kind, outcome).observe(seconds)

    async def look(self, jobs: JobRepository, tasks: TaskRepository) -> None:
        """Look into the database now and then, for what no request tells; until it is cancelled."""
        while True:
            try:
                counts = await jobs.counts(datetime.now(UTC))
                for name, value in (
                    ("due", counts.due),
                    ("given_up", counts.failed),
                    ("waited_seconds", counts.waited),
                ):
                    self._queue[name].set(value)
                self._live.set(len(await tasks.running()))
            except Unavailable:
                log.info("metrics not read")
            await asyncio.sleep(LOOK_EVERY)

    def serve(self, host: str, port: int) -> int:
        """Answer `/metrics` on a port of its own; the port."""
        self._server = start_http_server(port, host, self.registry)
        return int(self._server[0].server_port)

    def close(self) -> None:
        """Stop answering."""
        if self._server is not None:
            self._server[0].shutdown()
            self._server[0].server_close()
            self._server = None

    def _gauge(self, name: str, help_: str, read: Any) -> None:  # noqa: ANN401 - a number's reader
        Gauge(name, help_, registry=self.registry).set_function(lambda: float(read()))
