"""The API in process: real application, real SQLite file, a media server made of dictionaries.

With `POLYGLOT_TEST_STORES=postgresql,valkey` (each or both) the same tests run on real servers of these.
"""

import asyncio
import logging
import os
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
from postgres_server import PostgresServer, postgres_or_skip
from valkey.asyncio import Valkey
from valkey_server import ValkeyServer

from api.app import create_app
from api.database.engine import Database
from api.database.migrate import migrate
from api.database.settings import DatabaseSettings
from api.services import Services
from api.settings import Settings, WatchTimings

KEY = "test-key"
SECRET = "a-secret-of-more-than-thirty-two-bytes"

STORES = frozenset(os.environ.get("POLYGLOT_TEST_STORES", "").split(",")) - {""}


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer | None]:
    """A real server, migrated, where `POLYGLOT_TEST_STORES` asks for it."""
    if "postgresql" not in STORES:
        yield None
        return
    server = postgres_or_skip()
    server.run("CREATE DATABASE blank")
    asyncio.run(migrate(server.url("blank")))
    yield server
    server.close()


@pytest.fixture
def database_url(postgres: PostgresServer | None, blank: Path, tmp_path: Path) -> Iterator[str | None]:
    """An empty database; None: a file in the state's folder."""
    if postgres is None:
        if not (tmp_path / "api.db").exists():
            shutil.copy(blank, tmp_path / "api.db")
        yield None
        return
    name = postgres.fresh("blank")
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def valkey_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer | None]:
    """A real server, where `POLYGLOT_TEST_STORES` asks for it."""
    if "valkey" not in STORES:
        yield None
        return
    server = ValkeyServer(tmp_path_factory.mktemp("valkey"))
    with asyncio.Runner() as runner:  # one loop from its start to its end
        runner.run(server.run())
        yield server
        runner.run(server.stop())


@pytest.fixture
def valkey_url(valkey_process: ValkeyServer | None) -> str | None:
    """An empty Valkey; None: each process for itself."""
    if valkey_process is None:
        return None

    async def empty() -> None:
        async with Valkey(port=valkey_process.port) as client:
            await client.flushall()

    asyncio.run(empty())
    return f"redis://127.0.0.1:{valkey_process.port}"


@pytest.fixture
def settings(tmp_path: Path, database_url: str | None, valkey_url: str | None) -> Callable[..., Settings]:
    """Settings for a test; keywords replace single ones."""

    def make(**changes: Any) -> Settings:
        values: dict[str, Any] = {
            "livekit_url": "wss://media.example.com",
            "livekit_api_key": KEY,
            "livekit_api_secret": SECRET,
            "state_dir": tmp_path,
            "database_url": database_url,
            "valkey_url": valkey_url,
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
