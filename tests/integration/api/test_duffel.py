"""Searches through the API with Duffel's stand-in behind it: what a traveller gets, whatever Duffel does."""

import asyncio
import gzip
import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import structlog
from duffel import answer, error, offer, part, segment, simple
from duffel_api import DAY, Started
from duffel_server import TEST_TOKEN, TOKEN, FareServer, Reply
from pydantic import SecretStr

from api import logs
from api.flights.providers import http, race
from api.flights.providers.base import Progress
from api.flights.providers.duffel import source as duffel_source
from api.flights.providers.duffel.source import DuffelFares
from api.flights.providers.faults import SourceDown
from contracts.flights import Cabin, SearchQuery
from contracts.places import resolve

Printed = Callable[[], str]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Printed]:
    """The real log set-up, with loggers that no other test has used; gives what was printed since it was asked last."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure("DEBUG")
    for module in (race, duffel_source, http):
        monkeypatch.setattr(module, "log", structlog.get_logger("polyglot.flights"))
    yield lambda: capsys.readouterr().err
    root.handlers[:], root.level = before


async def test_a_traveller_gets_live_offers_in_their_language(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer(simple(DAY, total_amount="200.00"), simple(DAY, "BA77", 12, total_amount="99.90"))))
    async with serve() as api:
        result = await api.found(adults=2, cabin="business", max_stops=1)
        assert (await api.http.get("/status")).json()["fare_sources"] == ["duffel"]
        assert await api.ready() == "ok"
    assert [found.total.amount for found in result.offers] == ["99.90", "200.00"]
    assert (result.provider, result.price_kind, result.offers[0].bookable) == ("duffel", "live", True)
    assert result.offers[0].slices[0].segments[0].destination.city == "Ámsterdam"
    assert result.expires_at is not None
    (asked,) = duffel.asked
    assert (asked.path, duffel.looks) == ("/air/batch_offer_requests", 1)
    assert 4000 < int(asked.query["supplier_timeout"]) <= 5000
    assert (asked.headers["Authorization"], asked.headers["Duffel-Version"]) == (f"Bearer {TOKEN}", "v2")
    assert asked.headers["Accept-Encoding"] == "gzip"
    data = asked.body["data"]
    assert (data["slices"][0]["origin"], data["cabin_class"], data["max_connections"]) == ("MAD", "business", 1)
    assert len(data["passengers"]) == 2


async def test_the_same_search_in_another_language_is_not_asked_again(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer(simple(DAY))))
    async with serve() as api:
        for language, city in (("es", "Ámsterdam"), ("en", "Amsterdam"), ("ja", "アムステルダム")):
            result = await api.found(language=language, currency="EUR")
            assert result.offers[0].slices[0].segments[0].destination.city == city
    assert len(duffel.asked) == 1


async def test_prices_are_in_the_accounts_currency_and_say_so(duffel: FareServer, serve: Started) -> None:
    pounds = [simple(DAY, f"BA{number}", total_amount=f"{number}.00", total_currency="GBP") for number in (300, 200)]
    duffel.plays(Reply(answer(*pounds, simple(DAY, "IB1", total_amount="1.00", total_currency="JPY"))))
    async with serve() as api:
        result = await api.found(language="en", currency="USD")
    assert [(found.total.amount, found.total.currency) for found in result.offers] == [
        ("200.00", "GBP"),
        ("300.00", "GBP"),
    ]
    assert result.query.currency == "GBP"


async def test_test_mode_is_shown_as_sample_data(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer(simple(DAY, live_mode=False))))
    async with serve(fare_values={"DUFFEL_API_TOKEN": TEST_TOKEN, "POLYGLOT_DUFFEL_URL": duffel.url}) as api:
        result = await api.found()
    assert (result.price_kind, result.offers[0].price_kind) == ("sample", "sample")


async def test_production_serves_no_answer_of_test_mode(duffel: FareServer) -> None:
    duffel.plays(Reply(answer(simple(DAY, live_mode=False))))
    source = DuffelFares(SecretStr(TOKEN), duffel.url, refuse_test_mode=True)
    places = [resolve(code).place.to_place("en") for code in ("MAD", "AMS")]
    with pytest.raises(SourceDown, match="test mode"):
        await source.search(SearchQuery(origin=places[0], destination=places[1], departure_date=DAY), 5, Progress())
    await source.aclose()


async def test_nothing_found_passes_to_the_next_source(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer()))
    async with serve(fare_sources="duffel,sample") as api:
        assert (await api.found()).provider == "sample"


async def test_nothing_found_in_little_time_is_said_to_be_no_proof(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer()))
    async with serve() as api:
        result = await api.found()
    assert (result.offers, result.provider, result.price_kind, result.complete) == ((), "duffel", "live", False)


async def test_one_bad_offer_costs_only_itself(duffel: FareServer, serve: Started) -> None:
    broken = [offer(part(segment("MAD", "AMS", f"{DAY}T11:00:00", f"{DAY}T09:00:00", "PT2H"))), {"id": "off_x"}]
    odd = offer(part(segment("MAD", "AMS", f"{DAY}T09:00:00", f"{DAY}T11:00:00", "PT9H", "BA77")))
    duffel.plays(Reply(answer(*broken, odd, simple(DAY))))
    async with serve() as api:
        found = [made.slices[0].segments[0].times_doubtful for made in (await api.found()).offers]
    assert sorted(found) == [False, True], "times that contradict each other are told as such"


async def test_thousands_of_offers_become_fifty_in_time(duffel: FareServer, serve: Started) -> None:
    out = [segment("MAD", "LHR", f"{DAY}T06:05:00", f"{DAY}T07:30:00", "PT2H25M", "BA1")]
    many = [
        offer(
            part(*out, segment("LHR", "AMS", f"{DAY}T{9 + n % 12:02}:{n % 60:02}:00", f"{DAY}T{11 + n % 12:02}:{n % 60:02}:00", "PT1H", f"BA{n}")),
            total_amount=f"{100 + n}.00",
        )
        for n in range(1, 4001)
    ]  # fmt: skip
    body = json.dumps(answer(*many)).encode()
    duffel.plays(Reply(gzip.compress(body, 1), headers={"Content-Encoding": "gzip"}))
    lags: list[float] = []

    async def pulse() -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(0.01)
            lags.append(time.monotonic() - begun - 0.01)

    async with serve() as api:
        beating = asyncio.create_task(pulse())
        result = await api.found()
        beating.cancel()
    assert len(result.offers) == 50
    assert result.offers[0].total.amount == "101.00"
    assert max(lags) < 1.0, "calls run on this loop"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_an_operators_matter(
    duffel: FareServer, serve: Started, status: int, printed: Printed
) -> None:
    duffel.plays(Reply(error("authentication_error", "access_token_not_found", status), status))
    async with serve(fare_sources="duffel,sample") as api:
        assert (await api.found()).provider == "sample"
        assert (await api.found(adults=2)).provider == "sample"
        assert await api.ready() == "ok"
    assert len(duffel.asked) == 1, "a refused token is not tried again at once"
    said = printed()
    assert "DUFFEL_API_TOKEN" in said
    assert '"event": "fares.failed"' in said
    assert "TokenRefused" in said
    assert "nobody-may-see" not in said
    async with serve() as api:
        problem = await api.problem()
        assert await api.ready() == "failed"
    assert (problem.status, problem.retryable, problem.spoken) == (503, True, "search_unavailable")
    assert "nobody-may-see" not in problem.model_dump_json()
    assert "theirs" not in problem.model_dump_json()


@pytest.mark.parametrize(
    "header",
    [
        lambda wait: {"ratelimit-reset": format_datetime(datetime.now(UTC) + timedelta(seconds=wait), usegmt=True)},
        lambda wait: {"ratelimit-reset": str(wait)},
        lambda wait: {"ratelimit-reset": str(int(time.time()) + wait)},
        lambda wait: {"Retry-After": str(wait)},
    ],
)
async def test_a_limit_that_soon_ends_is_waited_for(duffel: FareServer, serve: Started, header: Any) -> None:
    duffel.plays(
        lambda _: Reply(error("rate_limit_error", "rate_limit_exceeded", 429), 429, header(1)),
        Reply(answer(simple(DAY))),
    )
    async with serve() as api:
        assert (await api.found()).provider == "duffel"
    assert len(duffel.asked) == 2


@pytest.mark.parametrize("headers", [{"ratelimit-reset": "60"}, {}, {"ratelimit-reset": "whenever"}])
async def test_a_limit_that_lasts_is_respected(duffel: FareServer, serve: Started, headers: dict[str, str]) -> None:
    duffel.plays(Reply(error("rate_limit_error", "rate_limit_exceeded", 429), 429, headers))
    async with serve(fare_sources="duffel,sample") as api:
        for adults in (1, 2, 3):
            assert (await api.found(adults=adults)).provider == "sample"
    assert len(duffel.asked) == 1


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        (Reply(error("api_error", "unavailable", 503), 503), 2),
        (Reply(b"<html>gateway</html>", 504, {"Content-Type": "text/html"}), 2),
        (Reply(cut=True), 2),
        (Reply(b'{"data": {"off'), 2),
        (Reply(b"not gzip at all", headers={"Content-Encoding": "gzip"}), 2),
        # A batch is handed out once, so that what cannot be read is lost.
        (Reply(answer({"id": "off_x"})), 1),
        # Duffel asks for no repeat of these.
        (Reply(error("api_error", "internal_server_error", 500), 500), 1),
        (Reply(error("api_error", "bad_gateway", 502), 502), 1),
        (Reply(error("invalid_request_error", "not_acceptable", 406), 406), 1),
        (Reply(b"", 302, {"Location": "https://elsewhere.example"}), 1),
    ],
)
async def test_a_passing_fault_is_asked_once_more(duffel: FareServer, serve: Started, first: Reply, asked: int) -> None:
    duffel.plays(first, Reply(answer(simple(DAY))))
    async with serve(fare_sources="duffel,sample", search_deadline=8) as api:
        result = await api.found()
    assert result.provider == ("duffel" if asked == 2 else "sample")
    assert len(duffel.asked) == asked


async def test_a_fault_that_stays_is_asked_twice_at_most(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(error("api_error", "unavailable", 503), 503))
    async with serve() as api:
        assert (await api.problem()).type == "/problems/fares-unavailable"
        assert len(duffel.asked) == 2
        duffel.plays(Reply(answer(simple(DAY))))
        assert (await api.found()).provider == "duffel", "a failure is not remembered"


async def test_without_time_for_it_nothing_is_asked_again(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(error("api_error", "unavailable", 503), 503))
    async with serve(search_deadline=2) as api:
        await api.problem()
    assert len(duffel.asked) == 1


async def test_a_slow_duffel_costs_neither_the_deadline_nor_the_next_source(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer(simple(DAY)), delay=30))
    begun = time.monotonic()
    async with serve(fare_sources="duffel,sample", search_deadline=1) as api:
        assert (await api.found()).provider == "sample"
    assert time.monotonic() - begun < 3


async def test_an_answer_without_end_is_not_read(
    duffel: FareServer, serve: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "ANSWER_BYTES", 100_000)
    packed = gzip.compress(json.dumps(answer(simple(DAY))).encode() + b" " * 1_000_000)
    assert len(packed) < 10_000
    duffel.plays(Reply(packed, headers={"Content-Encoding": "gzip"}))
    async with serve(fare_sources="duffel,sample") as api:
        assert (await api.found()).provider == "sample"
    assert len(duffel.asked) == 1


async def test_a_duffel_that_is_not_there(serve: Started) -> None:
    async with serve(
        fare_values={"DUFFEL_API_TOKEN": TOKEN, "POLYGLOT_DUFFEL_URL": "http://127.0.0.1:9"},
        fare_sources="duffel,sample",
    ) as api:
        assert (await api.found()).provider == "sample"


async def test_what_the_traveller_can_mend_is_told_in_our_words(duffel: FareServer, serve: Started) -> None:
    pointer = "/slices/0/departure_date"
    duffel.plays(Reply(error("validation_error", "validation_too_late", 422, pointer), 422))
    async with serve(fare_sources="duffel,sample") as api:
        problem = await api.problem()
    assert (problem.status, problem.errors[0].field) == (422, "departure_date")
    assert "theirs" not in problem.model_dump_json()


async def test_what_the_traveller_cannot_mend_is_asked_elsewhere(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(error("validation_error", "validation_unknown", 422, "/supplier_timeout"), 422))
    async with serve(fare_sources="duffel,sample") as api:
        assert (await api.found()).provider == "sample"


async def test_only_so_many_searches_run_at_once(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer(simple(DAY)), delay=0.2))
    async with serve(rate_searches="1000/minute") as api:
        days = [DAY + timedelta(days=number) for number in range(20)]
        await asyncio.gather(*(api.found(departure_date=day.isoformat()) for day in days))
    assert len(duffel.asked) == 20
    assert duffel.most_at_once == 8


async def test_the_first_systems_routes_answer_too(duffel: FareServer, serve: Started) -> None:
    duffel.plays(Reply(answer(simple(DAY, total_currency="GBP"))))
    async with serve() as api:
        body = {
            "origin": "MAD",
            "destination": "AMS",
            "departure_date": DAY.isoformat(),
            "cabin_class": Cabin.ECONOMY.value,
        }
        (flight,) = (await api.http.post("/search_flights", json=body)).json()["flights"]
    assert (flight["price"], flight["currency"], flight["flight_number"], flight["stops"]) == (
        120.5,
        "GBP",
        "IB3270",
        0,
    )


async def test_the_token_is_nowhere_in_the_logs(duffel: FareServer, serve: Started, printed: Printed) -> None:
    async with serve(fare_sources="duffel,sample") as api:
        for reply in (Reply(answer(simple(DAY))), Reply(b"{", 200), Reply({}, 503), Reply({}, 401)):
            duffel.plays(reply)
            await api.search(adults=1 + len(duffel.asked))
    said = printed()
    assert "fares.answered" in said
    assert TOKEN not in said
    assert "nobody-may-see" not in said
