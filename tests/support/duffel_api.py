"""The API with Duffel's stand-in behind it, as a traveller's page asks it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from duffel_server import TOKEN, FareServer
from in_room import KEY, SECRET
from media import FakeMedia

from api.app import create_app
from api.settings import Settings
from contracts.flights import SearchResult
from contracts.problems import Problem

DAY = datetime.now(UTC).date() + timedelta(days=30)
GOOD = {"origin": "Madrid", "destination": "Ámsterdam", "departure_date": DAY.isoformat(), "language": "es"}


@dataclass
class Api:
    """The running API."""

    http: httpx2.AsyncClient

    async def search(self, **changes: Any) -> httpx2.Response:
        return await self.http.get("/v1/flights/search", params=GOOD | changes)

    async def found(self, **changes: Any) -> SearchResult:
        response = await self.search(**changes)
        assert response.status_code == 200, response.text
        return SearchResult.model_validate_json(response.content)

    async def problem(self, **changes: Any) -> Problem:
        response = await self.search(**changes)
        assert response.status_code >= 400
        return Problem.model_validate_json(response.content)

    async def ready(self) -> str:
        return str((await self.http.get("/ready")).json()["checks"]["fares"])


Started = Callable[..., AbstractAsyncContextManager[Api]]
"""Starts the API; keywords are settings."""


def with_duffel(duffel: FareServer, state: Path) -> Started:
    """The API that asks this stand-in."""

    @asynccontextmanager
    async def run(**changes: Any) -> AsyncIterator[Api]:
        values: dict[str, Any] = {
            "livekit_url": "wss://media.example.com",
            "livekit_api_key": KEY,
            "livekit_api_secret": SECRET,
            "state_dir": state,
            "fare_values": {"DUFFEL_API_TOKEN": TOKEN, "POLYGLOT_DUFFEL_URL": duffel.url},
        }
        app = create_app(Settings(**(values | changes)), media=FakeMedia())
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api", timeout=20) as http,
        ):
            yield Api(http)

    return run
