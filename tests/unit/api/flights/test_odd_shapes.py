"""Answers of sources with one thing wrong in them: it costs the field or the offer, and never raises what nobody catches."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest

from api.flights.providers.aviationstack.source import read_status
from api.flights.providers.duffel.batches import Gathered, read_batch
from api.flights.providers.faults import AnswerUnreadable, FareFault, LimitReached, SourceDown
from api.flights.providers.http import FareHttp
from api.flights.providers.serpapi.offers import offers_of, read_page
from api.flights.providers.travelpayouts.source import read_month
from contracts.flights import Offer, SearchQuery
from contracts.places import resolve

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WRONG = (None, "", 0, "x", [], {}, -1, True, "9" * 400, 1e308, "2026-13-45", [None], {"a": None})
MISSING = object()
JFK = {"iata_code": "JFK", "name": "John F. Kennedy", "city_name": "New York", "time_zone": "America/New_York"}
LHR = {"iata_code": "LHR", "name": "Heathrow", "city_name": "London", "time_zone": "Europe/London"}
BA = {"iata_code": "BA", "name": "British Airways"}
DUFFEL = {
    "id": "off_1", "live_mode": True, "total_amount": "45.00", "total_currency": "GBP", "total_emissions_kg": "460",
    "expires_at": "2026-11-28T12:30:00Z", "owner": BA,
    "conditions": {"refund_before_departure": {"allowed": True, "penalty_amount": "10.00", "penalty_currency": "GBP"}},
    "slices": [{
        "duration": "PT7H30M", "fare_brand_name": "Basic",
        "segments": [{
            "origin": LHR, "destination": JFK, "departing_at": "2026-12-04T10:00:02", "arriving_at": "2026-12-04T12:30:02",
            "duration": "PT7H30M", "marketing_carrier": BA, "marketing_carrier_flight_number": "117",
            "operating_carrier": BA, "operating_carrier_flight_number": "117", "aircraft": {"name": "A380"}, "stops": [],
            "passengers": [{"cabin_class": "economy", "baggages": [{"type": "checked", "quantity": 1}]}],
        }],
    }],
}  # fmt: skip
SERPAPI = {
    "search_metadata": {"status": "Success", "google_flights_url": "https://www.google.com/travel/flights?x=1"},
    "search_parameters": {"currency": "GBP"},
    "best_flights": [{
        "flights": [{
            "departure_airport": {"name": "Heathrow", "id": "LHR", "time": "2026-12-04 10:00"},
            "arrival_airport": {"name": "John F. Kennedy", "id": "JFK", "time": "2026-12-04 12:30"},
            "duration": 450, "airplane": "Airbus A380", "airline": "British Airways", "travel_class": "Economy",
            "flight_number": "BA 117",
        }],
        "total_duration": 450, "carbon_emissions": {"this_flight": 525000}, "price": 520, "booking_token": "token",
    }],
}  # fmt: skip
STACK_END = {
    "airport": "Heathrow",
    "timezone": "Europe/London",
    "iata": "LHR",
    "delay": 5,
    "scheduled": "2026-12-04T10:00:00+00:00",
}
STACK = {
    "data": [{
        "flight_date": "2026-12-04", "flight_status": "active", "airline": {"name": "British Airways"},
        "departure": STACK_END,
        "arrival": STACK_END | {"iata": "JFK", "timezone": "America/New_York", "scheduled": "2026-12-04T12:30:00+00:00"},
    }]
}  # fmt: skip
CALENDAR = {
    "success": True, "currency": "eur",
    "data": {"2026-12-04": {"price": 120, "departure_at": "2026-12-04T09:05:00+01:00", "return_at": "", "transfers": 0}},
}  # fmt: skip


def query() -> SearchQuery:
    origin, destination = (resolve(code).place for code in ("LHR", "JFK"))
    assert origin is not None
    assert destination is not None
    return SearchQuery(
        origin=origin.to_place("en"),
        destination=destination.to_place("en"),
        departure_date=date(2026, 12, 4),
        currency="GBP",
    )


def duffel(answer: Any) -> tuple[Offer, ...]:
    gathered = Gathered(query(), lambda: NOW, lambda _: None)
    batch = {"data": {"id": "orq_1", "remaining_batches": 0, "offers": [answer]}}
    gathered.add(read_batch(json.dumps(batch).encode()))
    if gathered.fault:
        raise gathered.fault
    return gathered.offers


def serpapi(answer: Any) -> tuple[Offer, ...]:
    page = read_page(json.dumps(answer).encode(), query())
    return offers_of([(option,) for option in page.options], page, query(), NOW, {})[0].offers


def status(answer: Any) -> Any:
    return read_status(json.dumps(answer).encode(), "BA117", date(2026, 12, 4), NOW)


def calendar(answer: Any) -> Any:
    return read_month(json.dumps(answer).encode(), "EUR", returning=False)


READERS: list[tuple[Any, Callable[[Any], Any]]] = [
    (DUFFEL, duffel),
    (SERPAPI, serpapi),
    (STACK, status),
    (CALENDAR, calendar),
]


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield (*before, key)
        yield from paths(inner, (*before, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    whole = copy.deepcopy(value)
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    if new is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return whole


@pytest.mark.parametrize(("good", "read"), READERS, ids=["duffel", "serpapi", "aviationstack", "travelpayouts"])
def test_one_wrong_value_anywhere_is_read_or_refused_by_a_fault(good: Any, read: Callable[[Any], Any]) -> None:
    assert read(good)
    raised = {}
    for path in paths(good):
        for wrong in (*WRONG, MISSING):
            try:
                read(changed(good, path, wrong))
            except FareFault:
                continue
            except Exception as error:  # noqa: BLE001 - that is what must not be
                raised[path, repr(wrong)[:20]] = repr(error)[:80]
    assert raised == {}


FLIGHT = ("best_flights", 0, "flights", 0)
SEGMENT = ("slices", 0, "segments", 0)


@pytest.mark.parametrize(
    ("good", "read", "path"),
    [
        *[(SERPAPI, serpapi, (*FLIGHT, name)) for name in ("airline", "airplane", "travel_class", "duration")],
        *[(SERPAPI, serpapi, (*FLIGHT, end, "name")) for end in ("departure_airport", "arrival_airport")],
        *[
            (SERPAPI, serpapi, ("best_flights", 0, name))
            for name in ("total_duration", "carbon_emissions", "booking_token")
        ],
        *[
            (DUFFEL, duffel, (*SEGMENT, name))
            for name in ("duration", "aircraft", "operating_carrier", "stops", "passengers")
        ],
        *[(DUFFEL, duffel, (*SEGMENT, "passengers", 0, "baggages", 0, name)) for name in ("type", "quantity")],
        *[(STACK, status, ("data", 0, name)) for name in ("airline", "flight_status", "flight_date")],
    ],
)
def test_what_need_not_be_told_may_be_null_or_missing(
    good: Any, read: Callable[[Any], Any], path: tuple[Any, ...]
) -> None:
    for wrong in (None, MISSING):
        assert read(changed(good, path, wrong)), wrong


def test_bags_that_nobody_can_read_are_not_told() -> None:
    (offer,) = duffel(changed(DUFFEL, (*SEGMENT, "passengers", 0, "baggages", 0, "quantity"), None))
    assert offer.bags.checked is None, "and neither none nor one"


def test_one_flight_that_cannot_be_read_does_not_cost_the_others() -> None:
    found = status({"data": [{"departure": 7}, *STACK["data"]]})
    assert found is not None
    assert found.departure.airport.code == "LHR"
    with pytest.raises(AnswerUnreadable):
        status({"data": [{"departure": 7}]})


class Drip(httpx2.AsyncByteStream):
    """Each byte comes in time, and the last one never."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)


def asked_of(answer: httpx2.Response, seconds: float = 0.3) -> Any:
    service = FareHttp("theirs", "https://fares.example", variable="KEY", clock=lambda: 1000.0)
    service._http = httpx2.AsyncClient(
        transport=httpx2.MockTransport(lambda _: answer), base_url="https://fares.example"
    )

    async def read(body: bytes) -> bytes:
        return body

    return service.ask(lambda http, _: http.build_request("GET", "/"), read, seconds)


async def test_an_answer_that_drips_ends_with_its_time() -> None:
    async with asyncio.timeout(30):
        with pytest.raises(SourceDown):
            await asked_of(httpx2.Response(200, stream=Drip()))


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ("2.5", 2.5),
        ("40", 40),
        (" 40 ", 40),
        ("1.0", 1),
        ("-5", 30),
        ("nan", 30),
        ("soon", 30),
        ("", 30),
        ("1e9", 30),
        (None, 30),
    ],
)
async def test_how_long_a_limit_lasts_is_read_in_every_spelling(told: str | None, waits: float) -> None:
    headers = {} if told is None else {"Retry-After": told}
    with pytest.raises(LimitReached) as reached:
        await asked_of(httpx2.Response(429, headers=headers))
    assert reached.value.again_in == pytest.approx(waits)
