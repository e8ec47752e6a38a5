"""The worker's side of metrics: gathers what its job processes measure, and answers Prometheus on a port of its own."""

import asyncio
import os
import re
import secrets
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from agent.telemetry.measures import ADDRESS, METRICS, decode, send_to_worker

LABELS_MAX: Final = 300
"""Sets of labels of one metric; more are counted together, as none of ours has so many."""
_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")
"""Names as contracts have them; anything else, words above all, is written as `other`."""


class Metrics(asyncio.DatagramProtocol):
    """One registry per worker."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry(auto_describe=True)
        self._word = secrets.token_hex(16)
        self._known: dict[str, set[tuple[str, ...]]] = {name: set() for name in METRICS}
        self._metrics: dict[str, Any] = {
            name: Counter(f"polyglot_agent_{name}", metric.help, metric.labels, registry=self.registry)
            if metric.kind == "counter"
            else Histogram(
                f"polyglot_agent_{name}", metric.help, metric.labels, buckets=metric.buckets, registry=self.registry
            )
            for name, metric in METRICS.items()
        }
        self._runner: web.AppRunner | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def gauge(self, name: str, help_: str, read: Callable[[], float]) -> None:
        """Something that is looked up whenever it is asked for."""
        Gauge(f"polyglot_agent_{name}", help_, registry=self.registry).set_function(read)

    def observe(self, name: str, value: float, labels: dict[str, str]) -> None:
        """Take down one measure of `METRICS`."""
        metric = METRICS[name]
        key = tuple(labels[label] if _LABEL.fullmatch(labels[label]) else "other" for label in metric.labels)
        known = self._known[name]
        if key not in known and len(known) >= LABELS_MAX:
            key = ("other",) * len(key)
        known.add(key)
        one = self._metrics[name].labels(*key) if key else self._metrics[name]
        if metric.kind == "counter":
            one.inc(value)
        else:
            one.observe(value)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002
        """One measure of a job process, or noise."""
        measured = decode(self._word, data)
        if measured is not None:
            self.observe(*measured)

    async def start(self, host: str, port: int) -> int:
        """Listen to job processes that start from now on, and answer `/metrics`; the port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        own: int = self._transport.get_extra_info("sockname")[1]
        os.environ[ADDRESS] = f"{own}/{self._word}"
        send_to_worker()
        app = web.Application()
        app.add_routes([web.get("/metrics", self._answer)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def aclose(self) -> None:
        """Stop."""
        os.environ.pop(ADDRESS, None)
        send_to_worker()
        if self._transport is not None:
            self._transport.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
