"""What a call loses when a process is killed or the database fails over in the middle of it: nothing."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import time_machine
from credentials import KEY, SECRET, agent, participant
from media import FakeMedia
from postgres_server import PostgresServer, postgres_or_skip

from api.app import create_app
from api.database.migrate import migrate
from api.jobs.repository import LEASE
from api.settings import Settings, WatchTimings

ROOT = Path(__file__).parents[3]
TURN = {"role": "user", "language": "en", "modality": "text", "started_at": "2026-11-28T10:00:00Z"}


@asynccontextmanager
async def running(url: str, media: FakeMedia, **changes: Any) -> AsyncIterator[Any]:
    settings = Settings(
        livekit_url="wss://media.example.com",
        livekit_api_key=KEY,
        livekit_api_secret=SECRET,
        database_url=url,
        watch=WatchTimings(poll_first=0.05, poll_waiting_max=0.05, poll_climbing=0.05, poll_ready=0.05),
        **changes,
    )
    app = create_app(settings, media=media)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api", timeout=30) as http,
    ):
        yield http, app.state.services


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = postgres_or_skip()
    yield server
    server.close()


async def call(http: httpx2.AsyncClient, media: FakeMedia) -> dict[str, Any]:
    session: dict[str, Any] = (await http.post("/v1/sessions", json={"consent": {"store_turns": True}})).json()
    media.join(session["room_name"], "user-1")
    media.join(session["room_name"], "agent-1", agent=True, ready=True)
    await http.get(f"/v1/sessions/{session['session_id']}", headers=participant(session))
    return session


async def patiently(ask: Any, seconds: float = 20) -> httpx2.Response:
    """As the agent asks: again after a 503, when it says."""
    until = time.monotonic() + seconds
    while True:
        answer: httpx2.Response = await ask()
        if answer.status_code != 503:
            return answer
        assert answer.headers["retry-after"]
        assert time.monotonic() < until
        await asyncio.sleep(0.2)


async def test_the_database_fails_over_in_the_middle_of_a_call(postgres: PostgresServer) -> None:
    name = await asyncio.to_thread(postgres.fresh)
    await migrate(postgres.url(name))
    media = FakeMedia()
    async with running(postgres.url(name), media) as (http, services):
        session = await call(http, media)
        path = f"/v1/sessions/{session['session_id']}"

        def say(number: int) -> Any:
            body = {**TURN, "id": f"t{number}", "text": f"Question {number}"}
            return http.post(f"{path}/turns", json=body, headers=agent(session["room_name"]))

        assert (await say(1)).is_success
        await asyncio.to_thread(postgres.stop)
        begun = time.monotonic()
        away = await say(2)
        assert (away.status_code, away.json()["type"]) == (503, "/problems/database-unavailable")
        assert time.monotonic() - begun < 10, "its times are bounded"
        assert "postgresql" not in away.text
        ended = await http.post(f"{path}/end", headers=participant(session))
        assert ended.status_code == 503
        assert services.watch.get(session["session_id"]) is not None, "the watch goes on"
        await asyncio.to_thread(postgres.start)
        assert (await patiently(lambda: say(2))).is_success
        assert (await patiently(lambda: say(2))).is_success, "a repeat is the same turn"
        ended = await patiently(lambda: http.post(f"{path}/end", headers=participant(session)))
        assert ended.json()["verdict"] == "ended"
        async with asyncio.timeout(20):
            while (await http.get(f"{path}/summary", headers=participant(session))).json()["status"] != "ready":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        turns = (await http.get(f"{path}/turns", headers=participant(session))).json()["turns"]
        assert [turn["text"] for turn in turns] == ["Question 1", "Question 2"]


CHILD = """
import asyncio, sys
sys.path[:0] = ["tests/support", "tests/integration/api"]
from media import FakeMedia
from test_loss import TURN, call, running
from credentials import agent, participant
from api.summaries.settings import SummarySettings

async def main():
    media = FakeMedia()
    async with running(sys.argv[1], media, summaries=SummarySettings(model="server/never-answers")) as (http, _):
        session = await call(http, media)
        path = f"/v1/sessions/{session['session_id']}"
        body = {**TURN, "id": "t1", "text": "Madrid to Berlin"}
        await http.post(f"{path}/turns", json=body, headers=agent(session["room_name"]))
        await http.post(f"{path}/end", headers=participant(session))
        print("SESSION", session["session_id"], session["participant_token"], flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_process_that_is_killed_while_it_summarises_loses_no_summary(tmp_path: Path) -> None:
    asked, killed = asyncio.Event(), asyncio.Event()
    answering: list[asyncio.Task[Any] | None] = []

    async def never(_reader: Any, writer: Any) -> None:
        answering.append(asyncio.current_task())
        asked.set()
        await killed.wait()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    url = f"sqlite+aiosqlite:///{tmp_path}/api.db"
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CHILD,
        url,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "POLYGLOT_CHAT_BASE_URL": address, "POLYGLOT_STATE_DIR": str(tmp_path)},
    )
    try:
        assert child.stdout is not None
        async with asyncio.timeout(60):
            while not (line := (await child.stdout.readline()).decode()).startswith("SESSION"):
                assert line, "it ended by itself"
            _, session_id, token = line.split()
            await asked.wait()
    finally:
        child.kill()
        await child.wait()
        killed.set()
        await asyncio.gather(*(task for task in answering if task))
        server.close()
        await server.wait_closed()
    path, headers = f"/v1/sessions/{session_id}/summary", {"Authorization": f"Bearer {token}"}
    async with running(url, FakeMedia()) as (http, services):
        assert (await http.get(path, headers=headers)).json()["status"] == "pending"
        with time_machine.travel(datetime.now(UTC) + LEASE + timedelta(seconds=1), tick=True):
            await services.jobs.drain()
        found = (await http.get(path, headers=headers)).json()
        assert (found["status"], found["text"]) == ("ready", "“Madrid to Berlin”")
