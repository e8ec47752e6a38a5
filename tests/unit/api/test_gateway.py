"""The socket in process: the real application and sessions, a room that does what the test says."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import structlog
from fastapi import FastAPI
from media import FakeMedia

from api.app import create_app
from api.gateway import routes
from api.gateway.limits import FRAME_SAMPLES, GatewayLimits
from api.gateway.link import LinkError, Listener
from api.settings import Settings, WatchTimings
from contracts.languages import LANGUAGES
from contracts.names import RPC_LANGUAGE, RPC_STOP
from contracts.room import NoticeKind, NoticeMessage

SPEECH = base64.b64encode(np.full(4800, 900, "<i2").tobytes()).decode()
LOUD = np.full(FRAME_SAMPLES, 8000, np.int16)
LIMITS = GatewayLimits(
    agent=0.01, greeting=0.05, trailing=0.04, language=0.01, settled=0.08, wordless=0.2, farewell=0.5, leave=1.0
)


@dataclass
class Room:
    """A link to a room that does not exist; the test speaks through `listener`."""

    listener: Listener | None = None
    joined: list[tuple[str, str]] = field(default_factory=list)
    spoken: list[Any] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    left: int = 0
    join_error: Exception | None = None
    rpc_error: Exception | None = None
    hang: bool = False

    async def join(self, url: str, token: str, listener: Listener) -> None:
        self.joined.append((url, token))
        if self.join_error:
            raise self.join_error
        self.listener = listener

    async def send(self, frame: Any) -> None:
        self.spoken.append(frame)
        await asyncio.sleep(0.001)

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

    def arrive(self, language: str = "en") -> None:
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
        async with asyncio.timeout(3):
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
            await asyncio.wait_for(task, 5)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


WorldFactory = Callable[..., Any]


@pytest.fixture
def world(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> WorldFactory:
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


def sessions(world: World) -> int:
    return len(world.app.state.services.watch)


async def test_a_ping_is_answered_and_starts_nothing(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("ping")
        client.say("interrupt")
        await client.until(lambda: client.of("pong"))
        assert client.got == [{"type": "pong"}]
        assert not here.room.joined
        assert sessions(here) == 0


async def test_sound_starts_one_session_in_its_language_and_is_spoken(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("audio", audio=SPEECH, language="es")
        client.say("audio", audio=SPEECH, language="es")
        await client.until(lambda: here.room.listener)
        assert sessions(here) == 1
        ((url, token),) = here.room.joined
        assert url == "ws://media.internal:7880"
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        metadata = json.loads(claims["roomConfig"]["agents"][0]["metadata"])
        assert (metadata["language"], metadata["pipeline"]) == ("es", "realtime")
        assert not here.room.spoken, "nobody is there to hear it"
        here.room.arrive("es")
        await client.until(lambda: len(here.room.spoken) == 22)
        assert sum(bool(frame.any()) for frame in here.room.spoken) == 20
        await asyncio.sleep(0.05)
        assert len(here.room.spoken) == 22, "a microphone that is not continuous closes"
        assert not here.room.asked, "the session was opened in that language"


async def test_the_question_that_opens_a_call_replaces_the_greeting(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("audio", audio=SPEECH)
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.answer("Hello, I am Polyglot.")
        await client.until(lambda: here.room.spoken)
        here.room.agent.on_user_words("To Rome")
        here.room.answer("Three flights.")
        complete = (await client.until(lambda: client.of("response_complete")))[0]
        assert (complete["text"], complete["input_text"]) == ("Three flights.", "To Rome")
        kinds = [message["type"] for message in client.got]
        assert kinds.count("audio_delta") == 2
        assert kinds.index("status") < kinds.index("audio_delta") < kinds.index("response_complete")
        assert client.of("user_transcript") == [{"type": "user_transcript", "text": "To Rome", "language": "en"}]


async def test_a_client_that_first_configures_hears_the_greeting(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config", language="fr", continuous=True)
        await client.until(lambda: here.room.listener)
        here.room.arrive("fr")
        here.room.answer("Bonjour.")
        complete = (await client.until(lambda: client.of("response_complete")))[0]
        assert (complete["text"], complete["input_text"], complete["language"]) == ("Bonjour.", "", "fr")
        count = len(here.room.spoken)
        await client.until(lambda: len(here.room.spoken) > count + 10)


async def test_the_transcript_has_the_language_that_the_agent_changed_to(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive("en")
        here.room.agent.on_user_words("Un vuelo a Roma")
        here.room.agent.on_agent("thinking", "es")
        transcript = (await client.until(lambda: client.of("user_transcript")))[0]
        assert transcript["language"] == "es"


async def test_languages_are_asked_of_the_agent_once_each(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config", language="es")
        await client.until(lambda: here.room.listener)
        client.say("config", language="fr")
        client.say("ping")
        await client.until(lambda: client.of("pong"))
        assert not here.room.asked, "there is nobody to ask yet"
        here.room.arrive()
        await client.until(lambda: here.room.asked)
        client.say("audio", audio=SPEECH, language="fr")
        client.say("config", language="auto")
        await client.until(lambda: len(here.room.asked) > 1)
        assert [(method, json.loads(payload)["language"]) for method, payload in here.room.asked] == [
            (RPC_LANGUAGE, "fr"),
            (RPC_LANGUAGE, "auto"),
        ]


async def test_an_agent_that_replaces_a_lost_one_is_told_the_language(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config", language="es")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.agent.on_agent("", None)
        here.room.arrive()
        await client.until(lambda: here.room.asked)
        assert here.room.asked == [(RPC_LANGUAGE, '{"language":"es"}')]


async def test_interrupt_stops_the_agent_and_forgets_unsent_sound(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.agent.on_agent("speaking", None)
        here.room.agent.on_sound(LOUD)
        for _ in range(20):
            client.say("audio", audio=SPEECH)
        client.say("interrupt")
        await client.until(lambda: here.room.asked)
        assert here.room.asked == [(RPC_STOP, "")]
        deltas = len(client.of("audio_delta"))
        for _ in range(10):
            here.room.agent.on_sound(LOUD)
        await asyncio.sleep(0.05)
        assert len(client.of("audio_delta")) == deltas
        assert sum(bool(frame.any()) for frame in here.room.spoken) < 200


@pytest.mark.parametrize("kind", ["config", "interrupt"])
async def test_an_agent_that_does_not_answer_is_said(world: WorldFactory, kind: str) -> None:
    async with world() as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.rpc_error = LinkError("The assistant does not answer.")
        client.say(kind, language="es")
        await client.until(lambda: client.of("error"))
        assert client.of("error") == [{"type": "error", "error": "The assistant does not answer."}]
        assert client.code is None


async def test_requests_on_their_way_are_bounded_and_hold_up_nothing(world: WorldFactory) -> None:
    async with world(limits=GatewayLimits(requests=2)) as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.hang = True
        for _ in range(3):
            client.say("interrupt")
        client.say("ping")
        await client.until(lambda: client.of("pong"))
        assert len(client.of("error")) == 1
        await client.until(lambda: len(here.room.asked) == 2)


async def test_notices_of_trouble_are_errors_in_the_users_language(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config", language="de")
        await client.until(lambda: here.room.listener)
        here.room.arrive("de")
        line = LANGUAGES["de"].lines.model_unavailable
        for kind, severity, text in (
            (NoticeKind.SEARCHING, "info", "nicht zu zeigen"),
            (NoticeKind.MODEL_UNAVAILABLE, "warning", line),
            (NoticeKind.REQUEST_REJECTED, "error", ""),
        ):
            here.room.agent.on_notice(
                NoticeMessage.model_validate({"kind": kind, "severity": severity, "text": text, "language": "de"})
            )
        await client.until(lambda: len(client.of("error")) == 2)
        assert [message["error"] for message in client.of("error")] == [line, "request rejected"]


async def test_bad_messages_are_answered_and_change_nothing(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.raw("{")
        client.to_app.put_nowait({"type": "websocket.receive", "bytes": b"\0\1"})
        client.say("audio", audio="AAA")
        client.say("config", language="xx")
        client.say("ping")
        await client.until(lambda: client.of("pong"))
        assert [message["error"].split(":")[0] for message in client.of("error")] == [
            "message",
            "message",
            "audio",
            "language",
        ]
        assert not here.room.joined


async def test_endless_bad_messages_close_the_socket(world: WorldFactory) -> None:
    async with world(limits=GatewayLimits(bad_messages=3)) as here, here.client() as client:
        for _ in range(2):
            client.raw("{")
        client.say("ping")  # a good one forgives
        for _ in range(3):
            client.raw("{")
        await client.until(lambda: client.code)
        assert client.code == 1008
        assert client.got[-1] == {"type": "error", "error": "Too many messages in a row were not valid."}


@pytest.mark.parametrize("part", ["text", "bytes"])
async def test_a_message_over_the_limit_closes_the_socket(world: WorldFactory, part: str) -> None:
    async with world(limits=GatewayLimits(message_chars=100)) as here, here.client() as client:
        client.to_app.put_nowait({"type": "websocket.receive", part: " " * 101 if part == "text" else b" " * 101})
        await client.until(lambda: client.code)
        assert client.code == 1009
        assert "at most 100 characters" in client.got[-1]["error"]


async def test_an_idle_socket_is_closed_politely_and_its_session_ends(world: WorldFactory) -> None:
    async with world(limits=GatewayLimits(idle=0.1)) as here, here.client() as client:
        client.say("config")
        await client.until(lambda: client.code)
        assert client.code == 1000
        assert "connect again" in client.got[-1]["error"]
        await client.until(lambda: here.room.left and not sessions(here))


async def test_a_client_that_leaves_ends_the_session_and_every_task(world: WorldFactory) -> None:
    async with world() as here:
        before = len(asyncio.all_tasks())
        async with here.client() as client:
            client.say("config", continuous=True)
            await client.until(lambda: here.room.listener)
            here.room.arrive()
            await client.until(lambda: here.room.spoken)
        assert here.room.left == 1
        assert sessions(here) == 0
        assert len(asyncio.all_tasks()) <= before
        assert here.app.state.gateway_lines.busy == 0


async def test_a_client_that_reads_nothing_loses_the_call(world: WorldFactory) -> None:
    limits = GatewayLimits(outbox=5, farewell=0.05)
    async with world(limits=limits) as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        client.app_waits = True
        for _ in range(60):
            here.room.agent.on_sound(LOUD)
        await client.until(lambda: here.room.left)


async def test_a_call_that_ends_in_the_room_is_said(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.agent.on_gone()
        await client.until(lambda: client.code)
        assert client.code == 1000
        assert client.got[-1] == {"type": "error", "error": "The call has ended; connect again for another one."}


async def test_a_room_that_cannot_be_joined_is_said_without_its_secrets(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        here.room.join_error = LinkError("The call could not be connected; try again in a moment.")
        client.say("audio", audio=SPEECH)
        await client.until(lambda: client.code)
        assert client.code == 1013
        assert client.got[-1]["error"] == "The call could not be connected; try again in a moment."
        await client.until(lambda: not sessions(here))


async def test_what_was_not_expected_is_not_told(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        here.room.join_error = ValueError("token eyJhbGciOi at /srv/app.py")
        client.say("audio", audio=SPEECH)
        await client.until(lambda: client.code)
        assert client.code == 1011
        assert client.got[-1]["error"].startswith("Something went wrong on our side")


async def test_session_starts_are_limited_as_over_http(world: WorldFactory) -> None:
    async with world(rate_sessions="1/hour") as here:
        async with here.client() as client:
            client.say("config")
            await client.until(lambda: here.room.listener)
        async with here.client() as client:
            client.say("config")
            await client.until(lambda: client.code)
            assert client.code == 1013
            assert "More than 1 requests" in client.got[-1]["error"]
        assert len(here.room.joined) == 1


async def test_lines_are_limited_and_freed(world: WorldFactory) -> None:
    async with world(limits=GatewayLimits(calls=1)) as here:
        async with here.client(), here.client() as second:
            await second.until(lambda: second.code)
            assert second.code == 1013
            assert "in use" in second.got[-1]["error"]
        async with here.client() as third:
            third.say("ping")
            await third.until(lambda: third.of("pong"))


async def test_without_the_extra_the_socket_says_so(world: WorldFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "find_spec", lambda _name: None)
    async with world() as here, here.client() as client:
        await client.until(lambda: client.code)
        assert client.code == 1011
        assert "gateway is not installed" in client.got[-1]["error"]


async def test_a_server_that_only_writes_says_so(world: WorldFactory) -> None:
    async with world(default_pipeline="text") as here, here.client() as client:
        await client.until(lambda: client.code)
        assert client.code == 1011
        assert "writing only" in client.got[-1]["error"]


async def test_an_agent_that_never_comes_is_said_in_the_users_language(world: WorldFactory) -> None:
    watch = WatchTimings(
        poll_first=0.01, poll_waiting_max=0.01, poll_climbing=0.01, no_worker_after=0.02, backoff=0.01, redispatches=0
    )
    async with world(watch=watch) as here, here.client() as client:
        client.say("config", language="fr")
        await client.until(lambda: here.room.listener)
        room = here.app.state.services.watch
        name = next(iter(room._watchers.values())).session.room
        here.media.join(name, "user-1")
        await client.until(lambda: client.code)
        assert client.code == 1013
        assert client.got[-1]["error"] == LANGUAGES["fr"].lines.agent_missing


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        ("https://api.example.com", True),
        ("https://travel.example.com", True),
        ("https://evil.example.com", False),
        ("null", False),
    ],
)
async def test_pages_of_other_origins_are_refused_before_the_handshake(
    world: WorldFactory, origin: str, taken: bool
) -> None:
    async with world(cors_origins="https://travel.example.com") as here, here.client(origin=origin) as client:
        first = client.events[0]["type"]
        assert first == ("websocket.accept" if taken else "websocket.close")
