"""A worker is ready while a media server has it registered, and only then: before, without, and after."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import aiohttp
import httpx2
import pytest
from aiohttp import web
from livekit.protocol import agent as protocol

from agent.settings import AgentSettings
from agent.worker.call_server import CallServer
from agent.worker.fleet import Member
from agent.worker.health import Health

SECRET = "s" * 32


class Media:
    """As much of a media server as a worker meets: it registers whoever comes."""

    def __init__(self) -> None:
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/agent", self._agent)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _agent(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive_bytes()
        answer = protocol.ServerMessage(register=protocol.RegisterWorkerResponse(worker_id="AW_1"))
        await socket.send_bytes(answer.SerializeToString())
        async for _ in socket:
            pass
        return socket


async def until(port: int, *, ready: bool) -> None:
    async def says() -> bool:
        async with httpx2.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{port}/ready")
            assert answer.json()["registered"] is answer.is_success
            return answer.is_success

    async with asyncio.timeout(50):
        while await says() is not ready:  # noqa: ASYNC110 - it is asked over HTTP
            await asyncio.sleep(0.02)


# The media server of this test leaves with its connections open, as one that is killed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_ready_follows_the_media_server() -> None:
    media = Media()
    await media.start()
    settings = AgentSettings.model_validate(
        {
            "LIVEKIT_URL": f"ws://127.0.0.1:{media.port}",
            "LIVEKIT_API_KEY": "key",
            "LIVEKIT_API_SECRET": SECRET,
            "OPENAI_API_KEY": "sk-test",
            "POLYGLOT_AGENT_HEALTH_PORT": "0",
        }
    )
    server = CallServer(ws_url=f"ws://127.0.0.1:{media.port}", api_key="key", api_secret=SECRET)
    # The pool of processes has no part in it, and takes seconds.
    server._proc_pool = SimpleNamespace(processes=[])  # type: ignore[assignment]
    server._closed, server._agent_name = False, "agent"
    health = Health(server, Member(lambda: 0, max_calls=1, service_name=None), settings)
    port = await health.start()

    async with aiohttp.ClientSession() as session:
        server._http_session = session
        await until(port, ready=False)
        connection = asyncio.create_task(server._connection_task())
        await until(port, ready=True)
        await media.stop()
        await until(port, ready=False)
        await media.start()
        await until(port, ready=True)
        connection.cancel()
        with suppress(asyncio.CancelledError):
            await connection
    await health.aclose()
    await media.stop()
