"""A deploy of the API while somebody speaks to it over the socket."""

import asyncio
import json
import socket
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from gateway import SPEECH, sessions, worlds
from websockets.asyncio.client import connect

RESTARTS = 1012
"""Service Restart, of IANA's registry of close codes: the client is meant to connect again."""


class Quiet(uvicorn.Server):
    """Leaves the test runner's signal handlers alone."""

    def capture_signals(self) -> Any:
        return nullcontext()


async def test_a_call_over_the_socket_is_told_of_a_deploy_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ECS sends SIGTERM to the old task, on which the server stops as here."""
    async with worlds(tmp_path, monkeypatch)() as here, asyncio.timeout(60):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            server = Quiet(uvicorn.Config(here.app, lifespan="off", log_config=None, timeout_graceful_shutdown=10))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            async with connect(f"ws://127.0.0.1:{listener.getsockname()[1]}/ws") as client:
                await client.send(json.dumps({"type": "audio", "audio": SPEECH}))
                while not here.room.joined:  # noqa: ASYNC110 - the room is a list
                    await asyncio.sleep(0.01)
                server.should_exit = True
                await client.wait_closed()
                assert client.close_code == RESTARTS
            await serving
        assert here.room.left == 1, "the room was left, not only the socket"
        assert sessions(here) == 0, "nothing goes on that nobody hears"
