"""The built page and the API that serves it in this process, for browser tests that need no call."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from media import FakeMedia
from playwright.async_api import Page, async_playwright

from api.app import create_app
from api.settings import Settings

UI_DIR = Path(__file__).resolve().parents[2] / "ui" / "dist"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Signals are the test runner's."""
        yield


def free_socket() -> tuple[socket.socket, str]:
    """A listening place on this machine, and its origin."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound, f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextlib.asynccontextmanager
async def served(app: Any, bound: socket.socket) -> AsyncIterator[None]:
    """Serve an ASGI application there."""
    server = _Server(uvicorn.Config(app, log_level="critical", lifespan="on", ws="none", timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        async with asyncio.timeout(30):
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await running


@contextlib.asynccontextmanager
async def page_api(state_dir: Path, **settings: Any) -> AsyncIterator[str]:
    """The real API with sample fares and a media server of dictionaries: its origin."""
    bound, origin = free_socket()
    values: dict[str, Any] = {
        "livekit_url": "ws://127.0.0.1:9",  # nobody: who tries to talk is told that it does not work
        "livekit_api_key": "test-key",
        "livekit_api_secret": "a-secret-of-more-than-thirty-two-bytes",
        "state_dir": state_dir,
        "ui_dir": UI_DIR,
    }
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        async with served(create_app(Settings(**(values | settings)), media=FakeMedia()), bound):
            yield origin
    finally:
        structlog.reset_defaults()


@contextlib.asynccontextmanager
async def browsing(chromium: str, *, lang: str = "en-GB", **context: Any) -> AsyncIterator[Page]:
    """A page in a browser without sound; `context` as `new_context` takes it."""
    options = {"viewport": {"width": 1280, "height": 900}, "locale": lang} | context
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = await (await launched.new_context(**options)).new_page()
        page.set_default_timeout(30_000)
        try:
            yield page
        finally:
            await launched.close()
