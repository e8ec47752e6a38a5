"""An ASGI application on a loopback port, within this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import uvicorn

from cli.stack.processes import free_port

START_SECONDS = 30.0


class Quiet(uvicorn.Server):
    """Leaves the test runner's signal handlers alone."""

    def capture_signals(self) -> Any:
        return nullcontext()


@asynccontextmanager
async def serving(app: Any, port: int | None = None) -> AsyncIterator[str]:
    """Its address, once it answers; closed at the end."""
    port = port or free_port()
    server = Quiet(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", access_log=False))
    task = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(START_SECONDS):
            while not server.started:
                assert not task.done(), "the server did not start"
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await asyncio.wait({task}, timeout=START_SECONDS)
