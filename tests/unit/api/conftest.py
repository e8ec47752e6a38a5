"""The API in process: real application, real SQLite file, a media server made of dictionaries."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from media import FakeMedia

from api.app import create_app
from api.database.engine import Database
from api.database.settings import DatabaseSettings
from api.services import Services
from api.settings import Settings, WatchTimings

KEY = "test-key"
SECRET = "a-secret-of-more-than-thirty-two-bytes"


@dataclass
class Running:
    """A running application and its insides."""

    http: httpx2.AsyncClient
    services: Services
    media: FakeMedia


type_of_start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """No log lines: rendering tracebacks for a terminal takes seconds."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def media() -> FakeMedia:
    """A media server without rooms."""
    return FakeMedia()


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, whole: making one takes as long as most tests."""
    folder = tmp_path_factory.mktemp("blank")
    made = DatabaseSettings(state_dir=folder)

    async def make() -> None:
        database = Database(made.database)
        await database.start()
        await database.aclose()

    asyncio.run(make())
    return folder / "api.db"


@pytest.fixture
def settings(tmp_path: Path, blank: Path) -> Callable[..., Settings]:
    """Settings for a test; keywords replace single ones."""
    if not (tmp_path / "api.db").exists():
        shutil.copy(blank, tmp_path / "api.db")

    def make(**changes: Any) -> Settings:
        values: dict[str, Any] = {
            "livekit_url": "wss://media.example.com",
            "livekit_api_key": KEY,
            "livekit_api_secret": SECRET,
            "state_dir": tmp_path,
            "watch": WatchTimings(poll_first=0.01, poll_waiting_max=0.01, poll_climbing=0.01, poll_ready=0.01),
        }
        return Settings(**(values | changes))

    return make


@pytest.fixture
def start(settings: Callable[..., Settings]) -> type_of_start:
    """Starts the application; keywords are settings, `media` and `fares` the fakes."""

    @asynccontextmanager
    async def run(*, media: FakeMedia | None = None, fares: Any = None, **changes: Any) -> AsyncIterator[Running]:
        fake = media or FakeMedia()
        app = create_app(settings(**changes), media=fake, fares=fares)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as http,
        ):
            yield Running(http, app.state.services, fake)

    return run


@pytest.fixture
async def api(start: type_of_start) -> AsyncIterator[Running]:
    """The application with default settings."""
    async with start() as running:
        yield running
