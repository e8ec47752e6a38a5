"""SerpApi behind the API: second in line, indicative, and its key never seen."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from duffel import error
from duffel_server import TOKEN, Asked, FareServer, Reply, fare_server
from in_room import KEY as LIVEKIT_KEY
from in_room import SECRET
from media import FakeMedia
from serpapi import KEY, flight, nothing, option, page

from api.app import create_app
from api.settings import Settings
from contracts.flights import SearchResult

DAY = datetime.now(UTC).date() + timedelta(days=30)
BACK = DAY + timedelta(days=4)
GOOD = {"origin": "MAD", "destination": "AMS", "departure_date": DAY.isoformat()}


@pytest.fixture
async def serp() -> AsyncIterator[FareServer]:
    async with fare_server() as server:
        yield server


async def ask(serp: FareServer, state: Path, *, duffel: str = "", **params: Any) -> tuple[httpx2.Response, str]:
    """One search of an API that asks Duffel, where it has an address, then SerpApi; and what `/ready` says of fares."""
    values = {"SERPAPI_API_KEY": KEY, "POLYGLOT_SERPAPI_URL": serp.url}
    values |= {"DUFFEL_API_TOKEN": TOKEN, "POLYGLOT_DUFFEL_URL": duffel} if duffel else {}
    settings = Settings(
        livekit_url="wss://media.example.com",
        livekit_api_key=LIVEKIT_KEY,
        livekit_api_secret=SECRET,
        state_dir=state,
        fare_sources="duffel,serpapi" if duffel else "serpapi",
        fare_values=values,
    )
    app = create_app(settings, media=FakeMedia())
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api", timeout=20) as http,
    ):
        response = await http.get("/v1/flights/search", params=GOOD | params)
        return response, (await http.get("/ready")).json()["checks"]["fares"]


def out(number: str = "IB 3270", hour: int = 9, **changes: Any) -> dict[str, Any]:
    return option(flight("MAD", "AMS", f"{DAY} {hour:02}:05", f"{DAY} {hour + 2:02}:30", 145, number), **changes)


async def test_prices_are_indicative(serp: FareServer, tmp_path: Path) -> None:
    serp.plays(Reply(page(out(price=200), out("BA 77", 12, price=99), currency="USD")))
    response, ready = await ask(serp, tmp_path)
    result = SearchResult.model_validate_json(response.content)
    assert (result.provider, result.price_kind, result.query.currency, ready) == ("serpapi", "metasearch", "USD", "ok")
    assert [made.total.amount for made in result.offers] == ["99", "200"]
    (asked,) = serp.asked
    assert (asked.path, asked.query["engine"], asked.query["api_key"]) == ("/search", "google_flights", KEY)


async def test_a_return_journey_has_both_ways_and_its_whole_price(serp: FareServer, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        token = asked.query.get("departure_token")
        if token is None:
            slow = out("IB 1", 12, price=180, departure_token="cheap", total_duration=900)
            return Reply(page(out(price=200, departure_token="fast"), slow))
        price = {"cheap": 190, "fast": 210}[token]
        return Reply(page(option(flight("AMS", "MAD", f"{BACK} 18:00", f"{BACK} 20:30", 150, "KL 1701"), price=price)))

    serp.plays(answer)
    response, _ = await ask(serp, tmp_path, return_date=BACK.isoformat())
    result = SearchResult.model_validate_json(response.content)
    assert [(made.total.amount, len(made.slices)) for made in result.offers] == [("190", 2), ("210", 2)]
    assert result.offers[0].slices[1].segments[0].flight_number == "KL1701"
    assert len(serp.asked) == 3


async def test_one_lost_way_out_costs_only_itself(serp: FareServer, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        match asked.query.get("departure_token"):
            case None:
                slow = out("IB 1", 12, price=180, departure_token="cheap", total_duration=900)
                return Reply(page(out(price=200, departure_token="fast"), slow))
            case "cheap":
                return Reply(status=500)
            case _:
                way_back = flight("AMS", "MAD", f"{BACK} 18:00", f"{BACK} 20:30", 150, "KL 1701")
                return Reply(page(option(way_back, price=210)))

    serp.plays(answer)
    response, _ = await ask(serp, tmp_path, return_date=BACK.isoformat())
    assert [made["total"]["amount"] for made in response.json()["offers"]] == ["210"]


async def test_nothing_found_is_an_answer(serp: FareServer, tmp_path: Path) -> None:
    serp.plays(Reply(nothing()))
    response, _ = await ask(serp, tmp_path)
    assert (response.status_code, response.json()["offers"]) == (200, [])
    response, _ = await ask(serp, tmp_path, return_date=BACK.isoformat())
    assert (response.status_code, response.json()["offers"]) == (200, [])


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_it_answers_when_duffel_does_not(serp: FareServer, tmp_path: Path, status: int) -> None:
    serp.plays(Reply(page(out(price=200))))
    async with fare_server() as duffel:
        duffel.plays(Reply(error("api_error", "any", status), status))
        response, ready = await ask(serp, tmp_path, duffel=duffel.url)
    assert (response.json()["provider"], ready) == ("serpapi", "ok")


@pytest.mark.parametrize(("status", "ready"), [(401, "failed"), (429, "failed"), (500, "ok"), (400, "ok")])
async def test_its_key_is_in_no_answer_and_no_log(
    serp: FareServer, tmp_path: Path, caplog: Any, status: int, ready: str
) -> None:
    caplog.set_level("DEBUG")
    serp.plays(Reply({"error": f"Invalid API key {KEY}"}, status))
    response, said = await ask(serp, tmp_path)
    assert (response.status_code, said) == (503, ready)
    assert "nobody-may-see" not in response.text
    ours = [record for record in caplog.records if not record.name.startswith(("httpx2", "httpcore2", "aiohttp"))]
    assert "nobody-may-see" not in "".join(record.getMessage() for record in ours)
