"""The API on a loopback port, beside a real livekit-server that sends it webhooks."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import untimed  # noqa: F401 - before the first property is declared
import uvicorn
from duffel_api import Started, with_duffel
from duffel_server import FareServer, fare_server
from in_room import KEY, SECRET
from livekit import api as livekit
from livekit.rtc._ffi_client import FfiClient

from api.app import create_app
from api.settings import Settings, WatchTimings
from cli.stack import media
from cli.stack.processes import Child, free_port, start
from contracts.sessions import SessionStarted, SessionStatus

FAST = WatchTimings(no_worker_after=0.6, backoff=0.3, ready_deadline=3.0, poll_ready=0.5, poll_gave_up=0.5)


def pytest_sessionfinish() -> None:
    """Stop the client library's native threads while Python is whole: one that calls back into a finalising
    interpreter aborts the process, with all tests green.
    """
    if FfiClient._instance is not None:
        FfiClient.instance._dispose()
        time.sleep(0.2)


@dataclass
class Media:
    """A running livekit-server."""

    url: str
    api_port: int
    """Where its webhooks go."""


@pytest_asyncio.fixture
async def media_server(tmp_path: Path) -> AsyncIterator[Media]:
    ports = (free_port(), free_port())
    api_port = free_port()
    path = tmp_path / "livekit.json"
    hook = f"http://127.0.0.1:{api_port}/v1/livekit/webhook"
    path.write_text(media.config(ports=ports, key=KEY, secret=SECRET, webhook_url=hook))
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    child: Child = await start("livekit-server", [str(media.find_server()), "--config", str(path)], env, tmp_path)
    try:
        async with httpx2.AsyncClient() as http:

            async def answers() -> bool:
                try:
                    return (await http.get(f"http://127.0.0.1:{ports[0]}/")).is_success
                except httpx2.HTTPError:
                    return False

            await child.wait_until(answers, 20)
        yield Media(f"ws://127.0.0.1:{ports[0]}", api_port)
    finally:
        await child.stop()


class Quiet(uvicorn.Server):
    """Leaves the test runner's signal handlers alone."""

    def capture_signals(self) -> Any:
        return nullcontext()


@dataclass
class Api:
    """The running API and a client of it."""

    http: httpx2.AsyncClient
    services: Any
    media_url: str
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    """Credentials of the sessions that were started."""

    async def session(self, **body: Any) -> SessionStarted:
        response = await self.http.post("/v1/sessions", json=body)
        assert response.status_code == 201, response.text
        started = SessionStarted.model_validate_json(response.content)
        self.own[started.session_id] = {"Authorization": f"Bearer {started.participant_token}"}
        return started

    async def status(self, session_id: str) -> SessionStatus:
        response = await self.http.get(f"/v1/sessions/{session_id}", headers=self.own[session_id])
        return SessionStatus.model_validate_json(response.content)

    async def until(self, session_id: str, good: Callable[[SessionStatus], bool], seconds: float = 20) -> SessionStatus:
        async with asyncio.timeout(seconds):
            while not good(status := await self.status(session_id)):  # noqa: ASYNC110 - as a page asks
                await asyncio.sleep(0.05)
        return status

    def server_api(self) -> livekit.LiveKitAPI:
        return livekit.LiveKitAPI(self.media_url, KEY, SECRET)


@pytest_asyncio.fixture
async def api(media_server: Media, tmp_path: Path) -> AsyncIterator[Api]:
    settings = Settings(
        livekit_url=media_server.url,
        livekit_api_key=KEY,
        livekit_api_secret=SECRET,
        state_dir=tmp_path / "state",
        watch=FAST,
    )
    app = create_app(settings)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", media_server.api_port))
    server = Quiet(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    base = f"http://127.0.0.1:{media_server.api_port}"
    async with httpx2.AsyncClient(base_url=base, timeout=10) as http:
        yield Api(http, app.state.services, media_server.url)
    server.should_exit = True
    await serving
    listener.close()


@pytest.fixture
async def duffel() -> AsyncIterator[FareServer]:
    async with fare_server() as server:
        yield server


@pytest.fixture
def serve(duffel: FareServer, tmp_path: Path) -> Started:
    """Starts the API with Duffel's stand-in; keywords are settings."""
    return with_duffel(duffel, tmp_path)
