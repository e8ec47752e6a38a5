"""The socket's limits and its ends: bad messages, strangers, slow and silent clients, rooms and agents that fail."""

import asyncio
from pathlib import Path

import pytest
from gateway import LOUD, SPEECH, WorldFactory, sessions, the_room, worlds

from api.gateway import routes
from api.gateway.limits import GatewayLimits
from api.gateway.link import LinkError
from api.settings import WatchTimings
from contracts.languages import LANGUAGES


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorldFactory:
    return worlds(tmp_path, monkeypatch)


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
        async with asyncio.timeout(20):  # the end's own work, such as telling it, is short
            while sessions(here) or len(asyncio.all_tasks()) > before:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
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
        here.media.join(the_room(here), "user-1")
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
