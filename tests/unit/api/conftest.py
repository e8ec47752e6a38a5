"""The API in process: real application, real SQLite file, a media server made of dictionaries."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog

from api.app import create_app
from api.livekit.client import Dispatch, Participant, RoomView
from api.services import Services
from api.settings import Settings, WatchTimings
from contracts import agent_name
from contracts.problems import MediaUnavailable

KEY = "test-key"
SECRET = "a-secret-of-more-than-thirty-two-bytes"


@dataclass
class FakeRoom:
    participants: dict[str, Participant] = field(default_factory=dict)
    dispatches: dict[str, Dispatch] = field(default_factory=dict)


@dataclass
class FakeMedia:
    """A media server that does what it is told, and fails when `down`."""

    rooms: dict[str, FakeRoom] = field(default_factory=dict)
    created: list[tuple[str, str, str]] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False
    closed: bool = False
    on_create: Callable[[str], None] = lambda _room: None

    def join(self, room: str, identity: str, *, agent: bool = False, ready: bool = False) -> None:
        self.rooms.setdefault(room, FakeRoom()).participants[identity] = Participant(identity, agent, ready)

    def leave(self, room: str, identity: str) -> None:
        del self.rooms[room].participants[identity]

    def dispatch(self, room: str, name: str, *, jobs: int = 0, agent: str | None = None) -> None:
        self.rooms.setdefault(room, FakeRoom()).dispatches[name] = Dispatch(name, agent or agent_name(), jobs)

    def _check(self) -> None:
        if self.down:
            raise MediaUnavailable("The media server does not answer: TimeoutError.")

    async def look(self, room: str, *, dispatches: bool) -> RoomView | None:
        self._check()
        found = self.rooms.get(room)
        if found is None:
            return None
        listed = tuple(found.dispatches.values()) if dispatches else None
        return RoomView(tuple(found.participants.values()), listed)

    async def create_dispatch(self, room: str, agent_name: str, metadata: str) -> None:
        self._check()
        self.created.append((room, agent_name, metadata))
        self.dispatch(room, f"again-{len(self.created)}", agent=agent_name)
        self.on_create(room)

    async def delete_dispatch(self, room: str, dispatch_id: str) -> None:
        self._check()
        self.deleted.append((room, dispatch_id))
        self.rooms[room].dispatches.pop(dispatch_id, None)

    async def delete_room(self, room: str) -> None:
        self._check()
        self.rooms.pop(room, None)

    async def ping(self) -> None:
        self._check()

    async def aclose(self) -> None:
        self.closed = True


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


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings for a test; keywords replace single ones."""

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
