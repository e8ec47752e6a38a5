"""Runs the worker until a signal: health endpoints, registration, and a drain that lets calls end."""

import asyncio
import logging
import os
import signal

from aiohttp import web
from livekit.agents.cli.log import setup_logging

from agent.fleet import Member
from agent.handover import hand_over_calls
from agent.log import keep_content_out
from agent.main import build_server
from agent.server import CallServer
from agent.settings import AgentSettings
from agent.telemetry.metrics import Metrics
from contracts import agent_name

logger = logging.getLogger("polyglot.agent.worker")


class Health:
    """`/` alive, `/ready` takes calls, `/worker` what it is doing. The library's own `/` says OK when it is not."""

    def __init__(self, server: CallServer, member: Member, settings: AgentSettings) -> None:
        self._server = server
        self._member = member
        self._settings = settings
        self._registered_once = False
        self._runner: web.AppRunner | None = None
        server.on("worker_registered", self._on_registered)

    async def start(self) -> int:
        """Listen; returns the port."""
        app = web.Application()
        app.add_routes([web.get("/", self._alive), web.get("/ready", self._ready), web.get("/worker", self._worker)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._settings.health_host, self._settings.health_port).start()
        return int(self._runner.addresses[0][1])

    async def aclose(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def calls(self) -> int:
        """Calls that run here."""
        return len(self._server.active_jobs) if self.registered else 0

    @property
    def registered(self) -> bool:
        """Now, not ever: a worker that has lost the media server takes no calls."""
        return self._registered_once and self._server.connected

    def _on_registered(self, *_: object) -> None:
        self._registered_once = True
        logger.info("registered", extra={"agent_name": agent_name()})

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="OK")

    async def _ready(self, _: web.Request) -> web.Response:
        ready = self.registered and not self._server.draining and not self._member.retired
        return web.json_response(self._state(), status=200 if ready else 503)

    async def _worker(self, _: web.Request) -> web.Response:
        return web.json_response(self._state())

    def _state(self) -> dict[str, object]:
        return {
            "agent_name": agent_name(),
            "registered": self.registered,
            "draining": self._server.draining,
            "retired": self._member.retired,
            "active_jobs": self.calls,
            "max_jobs": self._settings.max_calls,
        }


async def let_go(server: CallServer, settings: AgentSettings) -> None:
    """Take no more calls; those that run may end by themselves for a while, then another worker takes them over."""
    try:
        await server.drain(timeout=settings.drain_seconds)
    except TimeoutError:
        await hand_over_calls(server, settings)


async def serve(settings: AgentSettings) -> int:
    """Serve calls until SIGTERM or SIGINT; the process's exit code. 1: the media server could not be reached."""
    # Loaded by `agent.warm` where calls are forked from; the worker itself needs neither of the two models.
    os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")
    setup_logging(settings.log_level, devmode=False, console=False)
    keep_content_out()
    server, member = build_server(settings)
    health = Health(server, member, settings)
    metrics = Metrics() if settings.metrics_port is not None else None
    if metrics is not None and settings.metrics_port is not None:
        # Before the first job process, which is told where to send what it measures.
        metrics.gauge("calls", "Calls that run in this worker", lambda: float(health.calls))
        metrics.gauge("calls_most", "Calls that this worker may hold", lambda: settings.max_calls)
        metrics.gauge("registered", "1 while the media server can send calls here", lambda: float(health.registered))
        logger.info("metrics", extra={"port": await metrics.start(settings.health_host, settings.metrics_port)})
    port = await health.start()
    logger.info("health endpoint listening", extra={"port": port})
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sig in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sig, stop.set)
    # Only a registered worker can have calls, and only one that reports is counted as there.
    joining: list[asyncio.Task[None]] = []

    def registered(*_: object) -> None:
        if not joining:
            joining.append(asyncio.create_task(member.start()))

    server.on("worker_registered", registered)
    running = asyncio.create_task(server.run(devmode=False))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            await let_go(server, settings)
            await server.aclose()
            return 0
        if (error := running.exception()) is not None:
            logger.error("worker ended", extra={"cause": type(error).__name__, "reason": str(error)})
        return 1
    finally:
        stopping.cancel()
        await member.aclose()
        await health.aclose()
        if metrics is not None:
            await metrics.aclose()
