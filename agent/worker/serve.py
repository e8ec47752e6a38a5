"""Runs the worker until a signal: health endpoints, registration, and a drain that lets calls end."""

import asyncio
import logging
import os
import signal

from livekit.agents.cli.log import setup_logging

from agent.call.handover import hand_over_calls
from agent.settings import AgentSettings
from agent.telemetry.log_filter import keep_content_out
from agent.telemetry.metrics import Metrics
from agent.worker.call_server import CallServer
from agent.worker.health import Health
from agent.worker.jobs import build_server

logger = logging.getLogger("polyglot.agent.worker.serve")


async def let_go(server: CallServer, settings: AgentSettings) -> None:
    """Take no more calls; those that run may end by themselves for a while, then another worker takes them over."""
    try:
        await server.drain(timeout=settings.drain_seconds)
    except TimeoutError:
        await hand_over_calls(server, settings)


async def serve(settings: AgentSettings) -> int:
    """Serve calls until SIGTERM or SIGINT; the process's exit code. 1: the media server could not be reached."""
    # Loaded by `agent.worker.preload` where calls are forked from; the worker itself needs neither of the two models.
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
