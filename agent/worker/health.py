"""The worker's health endpoints: alive, taking calls, what it is doing."""

import logging

from aiohttp import web

from agent.settings import AgentSettings
from agent.worker.call_server import CallServer
from agent.worker.fleet import Member
from contracts import agent_name

logger = logging.getLogger("polyglot.agent.worker.health")


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
