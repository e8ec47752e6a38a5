"""A stand-in of api.duffel.com on loopback: real HTTP, scripted answers, and what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from duffel import answer, created

TOKEN = "duffel_live_a-token-that-nobody-may-see-4711"
TEST_TOKEN = "duffel_test_a-token-that-nobody-may-see-4712"


@dataclass
class Reply:
    """One answer. `body` is JSON, or bytes as they are; `delay` in seconds; `cut` ends the connection instead."""

    body: Any = field(default_factory=answer)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False


@dataclass
class Asked:
    """A request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class FareServer:
    """Answers in the order of `script`; the last one is given again and again."""

    url: str = ""
    script: list[Reply | Callable[[Asked], Reply]] = field(default_factory=lambda: [Reply()])
    asked: list[Asked] = field(default_factory=list)
    """Searches, and looks that were repeated; not the first look at a search, which always comes."""
    looks: int = 0
    held: list[Reply] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def plays(self, *script: Reply | Callable[[Asked], Reply]) -> None:
        self.script = list(script)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else {}
        asked = Asked(request.path, dict(request.query), dict(request.headers), body)
        reply = self._batch(asked) if "/batch_offer_requests" in request.path else self._next(asked)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(reply.delay)
        finally:
            self.at_once -= 1
        if reply.cut and request.transport is not None:
            request.transport.abort()
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        response = web.Response(
            body=content, status=reply.status, headers={"Content-Type": "application/json", **reply.headers}
        )
        if "Content-Encoding" not in reply.headers:
            response.enable_compression(web.ContentCoding.gzip)
        return response

    def _next(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        scripted = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return scripted if isinstance(scripted, Reply) else scripted(asked)

    def _batch(self, asked: Asked) -> Reply:
        """A search is created without offers; the scripted answer is that of the looks at it, a failure its own."""
        created_now = asked.path.endswith("/batch_offer_requests")
        if not created_now:
            self.looks += 1
            return self.held.pop(0) if self.held else self._next(asked)
        reply = self._next(asked)
        if reply.status != 200 or reply.cut:
            return reply
        self.held.append(reply)
        return Reply(created())


@asynccontextmanager
async def fare_server() -> AsyncIterator[FareServer]:
    server = FareServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
