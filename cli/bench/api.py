"""The API by itself: what a token, a search and a watched call cost its processor, and a page of many calls.

Seconds of processor time of the server's own process, so that neither the client beside it nor a busy machine counts.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import psutil

from cli.bench.figures import Figure
from cli.stack.postgres import PostgresServer
from cli.stack.processes import free_port

KEY: Final = "bench-key"
SECRET: Final = "a-secret-of-the-bench-of-more-than-thirty-two-bytes"  # noqa: S105 - of a server on loopback
OPERATOR: Final = "operator-key-of-the-bench-of-more-than-thirty-two-bytes"
REQUESTS: Final = 960
ROUNDS: Final = 7
AT_ONCE: Final = 32
"""Requests at once: what a request costs is asked of a server that has something to do."""
CALLS: Final = 100_000
WATCHED: Final = 1000
WATCHED_SECONDS: Final = 30

# The same routes with the same requests, answers and mint, by FastAPI alone: what is more is access, limits, log and rows.
BARE: Final = """
import sys
import uvicorn
from typing import Annotated
from fastapi import FastAPI, Query, Request
from api.flights.schemas import SearchParams
from api.livekit.schemas import TokenRequest, TokenResponse
from api.livekit.tokens import Minter, fresh_identity, fresh_room
from api.settings import Settings
from contracts.dispatch import DispatchMetadata
from contracts.flights import SearchResult

app, minter, known = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False}), Minter(Settings()), {}

@app.post("/v1/token", status_code=201)
async def token(request: TokenRequest | None = None) -> TokenResponse:
    metadata = DispatchMetadata(session_id="bench-session-of-a-bare-app")
    grant = minter.mint(room=fresh_room(), identity=fresh_identity(), name="", dispatch=metadata)
    return TokenResponse(server_url="ws://bench", participant_token=grant.token, room_name=grant.room,
        session_id=metadata.session_id, receipt="", serverUrl="ws://bench", participantToken=grant.token,
        roomName=grant.room)

@app.post("/known")
async def learn(request: Request) -> None:
    known["result"] = SearchResult.model_validate_json(await request.body())

@app.get("/v1/flights/search")
async def search(params: Annotated[SearchParams, Query()]) -> SearchResult:
    return known["result"]

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
"""

WATCH: Final = """
import asyncio, json, sys, time
import structlog
from api.livekit.client import Participant, RoomView
from api.settings import WatchTimings
from api.watch.watch import DispatchWatch
from api.watch.watcher import Watched
from contracts.dispatch import DispatchMetadata
from contracts.sessions import AgentReport

VIEW = RoomView((Participant("user", False), Participant("agent", True, ready=True)), ())

class Media:
    asked = 0
    async def look(self, room, *, dispatches):
        self.asked += 1
        return VIEW
    async def rooms_open(self):
        self.asked += 1
        return {}

async def main(count, seconds):
    async def told(_watcher, _status):
        pass
    media = Media()
    watch = DispatchWatch(media, WatchTimings(), told)
    for number in range(count):
        name = f"session-{number}"
        watch.start(Watched(name, f"room-{number}", DispatchMetadata(session_id=name), "en", expires_in=600.0))
        watch.report(AgentReport(kind="ready", room_name=f"room-{number}"))
    await asyncio.sleep(10)
    asked, cpu, begun = media.asked, time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    lasted = time.monotonic() - begun
    print(json.dumps([(time.process_time() - cpu) / lasted, (media.asked - asked) * 60 / lasted]), flush=True)
    await watch.aclose()

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
"""

MANY_CALLS: Final = f"""
INSERT INTO sessions (id, tenant, room, metadata_json, created_at, token_expires_at, started_at, ended_at, end_reason,
                      language, caller, failures, turns)
SELECT name, 'default', 'room-' || n, '{{"session_id": "' || name || '"}}', at, at, at, at + interval '4 minutes',
       CASE WHEN n % 49 = 0 THEN 'agent_missing' ELSE 'traveller_left' END,
       (ARRAY['en','es','fr','de','it','pt','ja','zh'])[1 + n % 8], 'bench', 0, 6
FROM (SELECT n, 'call-' || lpad(n::text, 20, '0') AS name, now() - n * interval '25 seconds' AS at FROM generate_series(1, {CALLS}) AS n) AS numbered
"""  # noqa: S608 - a number of ours


async def api_figures() -> list[Figure]:
    """Tokens, cached searches, watched calls, and a page of a hundred thousand calls."""
    with tempfile.TemporaryDirectory() as folder:
        figures = [*await _requests(Path(folder)), *await _watched()]
        try:
            server = await asyncio.to_thread(PostgresServer)
        except FileNotFoundError as missing:
            sys.stderr.write(f"no figure for the list of calls: {missing}\n")
            return figures
        try:
            figures.append(await _list(server, Path(folder)))
        finally:
            await asyncio.to_thread(server.close)
    return figures


def _environ(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "LIVEKIT_URL": "ws://127.0.0.1:9",
        "LIVEKIT_API_KEY": KEY,
        "LIVEKIT_API_SECRET": SECRET,
        "POLYGLOT_STATE_DIR": str(folder),
        "POLYGLOT_OPERATOR_KEY": OPERATOR,
        "POLYGLOT_RATE_TOKENS": "900000/second",
        "POLYGLOT_RATE_SEARCHES": "900000/second",
        "POLYGLOT_RATE_READS": "900000/second",
        "POLYGLOT_BUDGET_CALLER_DAILY_SEARCHES": "1000000",
        "POLYGLOT_BUDGET_CALLER_DAILY_CALLS": "1000000",
    }


@asynccontextmanager
async def _serving(
    command: list[str], environ: dict[str, str], port: int
) -> AsyncIterator[tuple[httpx2.AsyncClient, psutil.Process]]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environ, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            async with asyncio.timeout(60):
                while True:
                    with contextlib.suppress(httpx2.TransportError):
                        await http.get("/health")
                        break
                    await asyncio.sleep(0.1)
            yield http, psutil.Process(child.pid)
    finally:
        child.terminate()
        await child.wait()


async def _cost(process: psutil.Process, ask: Callable[[], Awaitable[httpx2.Response]]) -> tuple[float, ...]:
    """Milliseconds of the server's processor for each request, once a round."""

    async def some() -> None:
        for _ in range(REQUESTS // AT_ONCE):
            (await ask()).raise_for_status()

    costs = []
    for _ in range(ROUNDS + 1):
        before = process.cpu_times()
        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        after = process.cpu_times()
        costs.append((after.user + after.system - before.user - before.system) * 1000 / REQUESTS)
    return tuple(costs[1:])  # the first round fills caches


async def _requests(folder: Path) -> list[Figure]:
    search = {"origin": "MAD", "destination": "BER", "departure_date": _soon()}
    ports = free_port(), free_port()
    environ = _environ(folder)
    async with (
        _serving(["-m", "api"], environ | {"POLYGLOT_PORT": str(ports[0])}, ports[0]) as (http, process),
        _serving(["-c", BARE, str(ports[1])], environ, ports[1]) as (bare, bare_process),
    ):
        wanted = {"name": "bench", "scopes": ["calls", "search"]}
        operator = {"Authorization": f"Bearer {OPERATOR}"}
        made = (await http.post("/v1/keys", json=wanted, headers=operator)).raise_for_status().json()
        headers = {"Authorization": f"Bearer {made['secret']}"}
        result = (await http.get("/v1/flights/search", params=search, headers=headers)).raise_for_status()
        (await bare.post("/known", content=result.content)).raise_for_status()
        tokens = await _cost(process, lambda: http.post("/v1/token", headers=headers))
        bare_tokens = await _cost(bare_process, lambda: bare.post("/v1/token"))
        searches = await _cost(process, lambda: http.get("/v1/flights/search", params=search, headers=headers))
        bare_searches = await _cost(bare_process, lambda: bare.get("/v1/flights/search", params=search))
    return [
        Figure("token, with key, limits, log, row", tokens, "ms CPU", "bare FastAPI, same mint", bare_tokens),
        Figure("search from the cache", searches, "ms CPU", "bare FastAPI, same answer", bare_searches),
    ]


async def _watched() -> list[Figure]:
    async def run(count: int) -> tuple[float, float]:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WATCH, str(count), str(WATCHED_SECONDS), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await child.communicate()
        share, asked = json.loads(out)
        return float(share), float(asked)

    (many, asked), (few, asked_few) = await run(WATCHED), await run(10)
    name = f"{WATCHED} watched calls"
    return [
        Figure(f"{name}: core", (many * 100,), "%", "10 calls", (max(few * 100, 0.01),), 10),
        Figure(f"{name}: LiveKit requests", (asked,), "a minute", "10 calls", (max(asked_few, 0.01),), 60),
    ]


async def _list(server: PostgresServer, folder: Path) -> Figure:
    port = free_port()
    environ = _environ(folder) | {"POLYGLOT_PORT": str(port), "POLYGLOT_DATABASE_URL": server.url()}
    migrating = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", "migrate", env=environ, stdout=asyncio.subprocess.DEVNULL
    )
    if await migrating.wait() != 0:
        raise RuntimeError("the bench's database could not be migrated")
    await asyncio.to_thread(server.run, MANY_CALLS)
    await asyncio.to_thread(server.run, "ANALYZE sessions")
    async with _serving(["-m", "api"], environ, port) as (http, _):
        headers = {"Authorization": f"Bearer {OPERATOR}"}

        async def times(path: str, params: dict[str, Any]) -> tuple[float, ...]:
            taken = []
            for _ in range(21):
                begun = time.perf_counter()
                (await http.get(path, params=params, headers=headers)).raise_for_status()
                taken.append((time.perf_counter() - begun) * 1000)
            return tuple(taken[1:])

        filters: dict[str, Any] = {"language": "es", "failed": "true", "limit": 50}
        page = (await http.get("/v1/calls", params=filters, headers=headers)).raise_for_status().json()
        if len(page["calls"]) != filters["limit"]:
            raise RuntimeError("the list of calls lacks calls that were written")
        return Figure(
            f"{CALLS} calls, a page by filters",
            await times("/v1/calls", filters),
            "ms",
            "status of the API",
            await times("/status", {}),
            50,
        )


def _soon() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * 86_400))
