"""Two processes' worth of API on one real Valkey: one count, one memory, and both answer when it dies."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from in_room import KEY, SECRET
from livekit import api as livekit
from media import FakeMedia
from valkey_server import ValkeyServer

from api import shared
from api.app import create_app
from api.sessions.memory import MARGIN
from api.settings import Settings, WatchTimings
from contracts.sessions import SessionStarted
from contracts.turns import Turn

PROMPT = 1.0
"""Seconds in which a request is answered however Valkey is: a few of its time limits, on a busy machine."""
SAID = "a sentence that nobody agreed to keep"


@dataclass
class Pair:
    """Two applications with one database, as two tasks have."""

    first: httpx2.AsyncClient
    second: httpx2.AsyncClient
    server: ValkeyServer
    state: Path


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ValkeyServer]:
    made = ValkeyServer(tmp_path / "valkey")
    await made.run()
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture
async def pair(server: ValkeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    monkeypatch.setattr(shared, "REST", 0.2)
    media = FakeMedia()
    settings = Settings(
        livekit_url="wss://media.example.com",
        livekit_api_key=KEY,
        livekit_api_secret=SECRET,
        state_dir=tmp_path / "state",
        valkey_url=f"redis://127.0.0.1:{server.port}",
        rate_sessions="3/hour",
        watch=WatchTimings(longest=600),
    )
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(2):
            app = create_app(settings, media=media)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx2.ASGITransport(app)
            clients.append(
                await stack.enter_async_context(httpx2.AsyncClient(transport=transport, base_url="http://api"))
            )
        yield Pair(clients[0], clients[1], server, settings.state_dir)


async def prompt(answer: Any) -> httpx2.Response:
    begun = time.monotonic()
    response: httpx2.Response = await answer
    assert time.monotonic() - begun < PROMPT
    return response


def agent(room: str) -> dict[str, str]:
    grants = livekit.VideoGrants(room=room)
    token = livekit.AccessToken(KEY, SECRET).with_identity(f"agent-{room}").with_grants(grants)
    return {"Authorization": f"Bearer {token.with_attributes({'polyglot-agent': '1'}).to_jwt()}"}


async def session(client: httpx2.AsyncClient, *, keep: bool = False) -> tuple[str, dict[str, str]]:
    """The path of a new session, and its agent's credentials."""
    response = await prompt(client.post("/v1/sessions", json={"consent": {"store_turns": keep}}))
    made = SessionStarted.model_validate_json(response.content)
    return f"/v1/sessions/{made.session_id}", agent(made.room_name)


async def say(client: httpx2.AsyncClient, where: tuple[str, dict[str, str]], number: int) -> int:
    path, headers = where
    at = datetime(2026, 11, 21, 10, 0, number, tzinfo=UTC)
    made = Turn(id=f"turn-{number}", role="user", text=SAID, language="en", modality="voice", started_at=at)
    response = await prompt(client.post(f"{path}/turns", json=made.model_dump(mode="json"), headers=headers))
    return response.status_code


async def heard(client: httpx2.AsyncClient, where: tuple[str, dict[str, str]]) -> list[str]:
    path, headers = where
    response = await prompt(client.get(f"{path}/turns", headers=headers))
    assert response.status_code == 200, response.text
    return [turn["id"] for turn in response.json()["turns"]]


async def test_both_count_one_limit(pair: Pair) -> None:
    answers = [await client.post("/v1/sessions") for client in (pair.first, pair.second, pair.first, pair.second)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert [answer.headers.get("ratelimit-remaining") for answer in answers[:3]] == ["2", "1", "0"]
    assert 3500 <= int(answers[3].headers["retry-after"]) <= 3600
    lifetimes = await pair.server.lifetimes()
    assert min(lifetimes.values()) > 0, "nothing stays for ever"
    (left,) = [left for key, left in lifetimes.items() if "127.0.0.1" in key]
    assert left <= 2 * 3600, "the addresses of clients expire with the window that weighs theirs"


async def test_a_replacing_agent_finds_the_conversation_at_either(pair: Pair) -> None:
    where = await session(pair.first)
    assert await say(pair.first, where, 2) == 201
    assert await say(pair.second, where, 1) == 201
    assert await say(pair.second, where, 2) == 200, "it was there already"
    assert await heard(pair.first, where) == await heard(pair.second, where) == ["turn-1", "turn-2"]
    (left,) = [left for key, left in (await pair.server.lifetimes()).items() if key.endswith(":turns")]
    assert 600 + MARGIN - 10 < left <= 600 + MARGIN


async def test_the_end_at_either_leaves_nothing_anywhere(pair: Pair) -> None:
    where = await session(pair.first)
    await say(pair.first, where, 1)
    assert (await pair.second.post(f"{where[0]}/end", headers=where[1])).status_code == 200
    assert not [key for key in await pair.server.lifetimes() if "call" in key]
    assert await say(pair.first, where, 2) == 200, "too late"
    assert await heard(pair.first, where) == await heard(pair.second, where) == []
    for file in (path for folder in (pair.state, pair.server.folder) for path in folder.rglob("*") if path.is_file()):
        assert SAID.encode() not in file.read_bytes()


async def test_a_summary_knows_the_searches_that_the_other_made(pair: Pair) -> None:
    path, headers = await session(pair.first, keep=True)
    departure = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    params = {"origin": "Madrid", "destination": "Berlin", "departure_date": departure}
    assert (await pair.second.get("/v1/flights/search", params=params, headers=headers)).status_code == 200
    await pair.first.post(f"{path}/end", headers=headers)
    async with asyncio.timeout(10):
        while (summary := (await pair.first.get(f"{path}/summary", headers=headers)).json())["status"] == "pending":  # noqa: ASYNC110 - as a page asks
            await asyncio.sleep(0.05)
    assert "Madrid (MAD) → Berlin (BER)" in summary["text"]
    assert not [key for key in await pair.server.lifetimes() if "call" in key]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_both_go_on_without_it_and_meet_again(pair: Pair, how: signal.Signals) -> None:
    where = await session(pair.first)
    await say(pair.first, where, 1)
    pair.server.signal(how)
    await asyncio.sleep(0.1)
    assert await say(pair.first, where, 2) == 201
    assert await heard(pair.first, where) == ["turn-2"], "what this process was told since"
    for client in (pair.first, pair.second):
        assert await heard(client, where) is not None
        statuses = [(await prompt(client.post("/v1/sessions"))).status_code for _ in range(4)]
        assert statuses == [201, 201, 201, 429], "each counts for itself"

    if how is signal.SIGSTOP:
        pair.server.signal(signal.SIGCONT)
    else:
        await pair.server.run()
    await asyncio.sleep(0.3)
    assert await say(pair.first, where, 3) == 201
    expected = ["turn-1", "turn-2", "turn-3"] if how is signal.SIGSTOP else ["turn-2", "turn-3"]
    assert await heard(pair.second, where) == expected, "handed over; what died with the server is lost"


async def test_both_start_and_answer_when_it_was_never_there(pair: Pair) -> None:
    pair.server.signal(signal.SIGKILL)
    async with asyncio.timeout(PROMPT):
        results = await asyncio.gather(*(client.get("/health") for client in (pair.first, pair.second)))
    assert {result.status_code for result in results} == {200}
    where = await session(pair.second)
    assert await say(pair.second, where, 1) == 201
    assert await heard(pair.second, where) == ["turn-1"]
