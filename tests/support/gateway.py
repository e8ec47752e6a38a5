"""The gateway's socket in process: the real application and sessions, a room that does what the test says."""

import asyncio
import base64
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from media import FakeMedia

from api.app import create_app
from api.gateway import routes
from api.gateway.limits import FRAME_SAMPLES, GatewayLimits
from api.gateway.link import Listener
from api.settings import Settings, WatchTimings

SPEECH = base64.b64encode(np.full(4800, 900, "<i2").tobytes()).decode()
LOUD = np.full(FRAME_SAMPLES, 8000, np.int16)
LIMITS = GatewayLimits(
    leading=0.0,
    agent=0.01,
    greeting=0.05,
    trailing=0.04,
    language=0.01,
    settled=0.08,
    wordless=0.2,
    farewell=0.5,
    leave=1.0,
)


@dataclass
class Room:
    """A link to a room that does not exist; the test speaks through `listener`."""

    listener: Listener | None = None
    joined: list[tuple[str, str]] = field(default_factory=list)
    spoken: list[Any] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    left: int = 0
    unsent: int = 0
    join_error: Exception | None = None
    rpc_error: Exception | None = None
    hang: bool = False
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by `arrive`, unless the test says when."""

    async def join(self, url: str, token: str, listener: Listener) -> None:
        self.joined.append((url, token))
        if self.join_error:
            raise self.join_error
        self.listener = listener

    async def listened_to(self) -> None:
        await self.subscribed.wait()

    async def send(self, frame: Any) -> None:
        self.spoken.append(frame)
        await asyncio.sleep(0.001)

    def unsend(self) -> None:
        self.unsent += 1

    async def rpc(self, method: str, payload: str) -> str:
        self.asked.append((method, payload))
        if self.hang:
            await asyncio.Event().wait()
        if self.rpc_error:
            raise self.rpc_error
        return "{}"

    async def leave(self) -> None:
        self.left += 1

    @property
    def agent(self) -> Listener:
        assert self.listener is not None, "nobody has joined"
        return self.listener

    def arrive(self, language: str = "en", *, subscribed: bool = True) -> None:
        if subscribed:
            self.subscribed.set()
        self.agent.on_agent("listening", language)

    def answer(self, text: str) -> None:
        self.agent.on_agent("speaking", None)
        for _ in range(10):
            self.agent.on_sound(LOUD)
        self.agent.on_agent_words(text, text, final=True)
        self.agent.on_agent("listening", None)


@dataclass
class Socket:
    """The client's end, spoken in ASGI."""

    to_app: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    events: list[dict[str, Any]] = field(default_factory=list)
    app_waits: bool = False

    async def receive(self) -> dict[str, Any]:
        return await self.to_app.get()

    async def send(self, event: Any) -> None:
        if self.app_waits:
            await asyncio.Event().wait()
        self.events.append(event)

    def say(self, kind: str, **fields: Any) -> None:
        self.raw(json.dumps({"type": kind, **fields}))

    def raw(self, text: str) -> None:
        self.to_app.put_nowait({"type": "websocket.receive", "text": text})

    @property
    def got(self) -> list[dict[str, Any]]:
        return [json.loads(event["text"]) for event in self.events if event["type"] == "websocket.send"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.got if message["type"] == kind]

    @property
    def code(self) -> int | None:
        return next((event["code"] for event in self.events if event["type"] == "websocket.close"), None)

    async def until(self, check: Callable[[], Any]) -> Any:
        async with asyncio.timeout(30):
            while not (value := check()):  # noqa: ASYNC110 - the socket is a list
                await asyncio.sleep(0.002)
        return value


@dataclass
class World:
    """An application whose gateway joins `room`."""

    app: FastAPI
    media: FakeMedia
    room: Room

    @asynccontextmanager
    async def client(self, **headers: str) -> AsyncIterator[Socket]:
        socket = Socket()
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/ws",
            "raw_path": b"/ws",
            "query_string": b"",
            "root_path": "",
            "headers": [
                (name.encode(), value.encode()) for name, value in ({"host": "api.example.com"} | headers).items()
            ],
            "client": ("203.0.113.7", 5),
            "server": ("api.example.com", 80),
            "subprotocols": [],
            "state": {},
            "extensions": {},
        }
        socket.to_app.put_nowait({"type": "websocket.connect"})
        task = asyncio.create_task(self.app(scope, socket.receive, socket.send))
        try:
            await socket.until(lambda: socket.events)
            yield socket
        finally:
            socket.to_app.put_nowait({"type": "websocket.disconnect", "code": 1005})
            await asyncio.wait_for(task, 30)


WorldFactory = Callable[..., Any]


def worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorldFactory:
    """Makes applications; keywords are settings, `limits` the gateway's."""

    @asynccontextmanager
    async def make(limits: GatewayLimits = LIMITS, **changes: Any) -> AsyncIterator[World]:
        settings = Settings(
            **{
                "livekit_url": "http://media.internal:7880/",
                "livekit_public_url": "wss://media.example.com",
                "livekit_api_key": "test-key",
                "livekit_api_secret": "a-secret-of-more-than-thirty-two-bytes",
                "state_dir": tmp_path,
                "watch": WatchTimings(poll_first=0.01, poll_waiting_max=0.01),
                **changes,
            }
        )
        room, media = Room(), FakeMedia()
        monkeypatch.setattr(routes, "new_link", lambda _limits: room)
        monkeypatch.setattr(GatewayLimits, "of", lambda _settings: limits)
        app = create_app(settings, media=media)
        async with app.router.lifespan_context(app):
            yield World(app, media, room)

    return make


def _rooms(world: World) -> list[str]:
    """Of the sessions that have not ended."""
    path = world.app.state.settings.database.partition(":///")[2]
    with closing(sqlite3.connect(path)) as file:
        return [row[0] for row in file.execute("SELECT room FROM sessions WHERE ended_at IS NULL")]


def sessions(world: World) -> int:
    """How many run."""
    return len(_rooms(world))


def the_room(world: World) -> str:
    """Of the only session."""
    (room,) = _rooms(world)
    return room
