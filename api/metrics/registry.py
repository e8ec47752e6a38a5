"""Prometheus metrics of this process: requests by route, and gauges of what it holds. Nothing of who or what is said."""

import threading
from typing import Any, Final
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from api.database.engine import Database
from api.watch.watch import DispatchWatch

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
        self._gauge("polyglot_api_watched_calls", "Calls that this task watches", lambda: len(watch))
        self._gauge("polyglot_api_agents_joined", "Calls whose agent came", lambda: watch.outcomes["joined"])
        self._gauge("polyglot_api_agents_failed", "Calls whose agent did not come", lambda: watch.outcomes["failed"])
        pool: Any = database.engine.pool
        if hasattr(pool, "checkedout"):
            self._gauge("polyglot_api_database_connections", "Connections in use", pool.checkedout)
        self._server: tuple[WSGIServer, threading.Thread] | None = None

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by its route's template, never by its path."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

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
