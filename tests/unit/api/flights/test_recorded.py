"""Answers of the services as others have recorded them: the shapes that nobody here would have thought of."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from api.flights.providers.amadeus.offers import read_answer
from api.flights.providers.aviationstack.source import read_status
from contracts.flights import SearchQuery
from contracts.places import resolve
from contracts.trips import FlightState

DATA = Path(__file__).parents[3] / "data" / "fares"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def place(code: str) -> Any:
    return resolve(code).place.to_place("en")  # type: ignore[union-attr]


def test_an_answer_of_amadeus_s_own_client_library_is_read() -> None:
    """Business there and economy back, a night in the air, a segment without an operator, a child without bags."""
    query = SearchQuery(
        origin=place("GIG"),
        destination=place("MAD"),
        departure_date=date(2020, 8, 1),
        return_date=date(2020, 8, 5),
        currency="USD",
        children=(8,),
    )
    (offer,) = read_answer((DATA / "amadeus_offers.json").read_bytes(), query, NOW).offers
    there, back = offer.slices
    assert (offer.total.amount, offer.total.currency, offer.carrier.name) == ("3842.10", "USD", "British Airways")
    assert [part.flight_number for part in (*there.segments, *back.segments)] == ["BA248", "BA462", "IB6827", "LA4508"]
    # As the answer says the journeys to take: 15 h 55 and 13 h 35, over five time zones.
    assert (there.duration_minutes, back.duration_minutes) == (15 * 60 + 55, 13 * 60 + 35)
    assert (there.departs_at.isoformat(), back.arrives_at.isoformat()) == (
        "2020-08-01T21:50:00-03:00",
        "2020-08-06T08:30:00-03:00",
    )
    assert offer.bags.checked is None, "the adult has one at least, and of the child's nobody says anything"


HND_BKK = {
    "flight_date": "2025-08-21",
    "flight_status": "active",
    "departure": {
        "airport": "Haneda Airport",
        "timezone": "Asia/Tokyo",
        "iata": "HND",
        "icao": "RJTT",
        "terminal": "2",
        "gate": "73",
        "delay": 48,
        "scheduled": "2025-08-21T00:05:00+00:00",
        "estimated": "2025-08-21T00:05:00+00:00",
        "actual": "2025-08-21T00:53:00+00:00",
        "estimated_runway": "2025-08-21T00:53:00+00:00",
        "actual_runway": "2025-08-21T00:53:00+00:00",
    },
    "arrival": {
        "airport": "Suvarnabhumi International",
        "timezone": "Asia/Bangkok",
        "iata": "BKK",
        "icao": "VTBS",
        "terminal": "MAIN",
        "gate": None,
        "baggage": "20",
        "scheduled": "2025-08-21T04:35:00+00:00",
        "delay": None,
        "estimated": "2025-08-21T04:20:00+00:00",
        "actual": None,
    },
    "airline": {"name": "Thai Airways International", "iata": "TG", "icao": "THA"},
    "flight": {"number": "661", "iata": "TG661", "icao": "THA661", "codeshared": None},
    "aircraft": None,
    "live": None,
}
AMS_BRU = {
    "flight_date": "2022-04-02",
    "flight_status": "scheduled",
    "departure": {
        "airport": "Schiphol",
        "timezone": "Europe/Amsterdam",
        "iata": "AMS",
        "icao": "EHAM",
        "terminal": "1",
        "gate": "B18",
        "delay": None,
        "scheduled": "2022-04-02T06:45:00+00:00",
        "estimated": "2022-04-02T06:45:00+00:00",
        "actual": None,
    },
    "arrival": {
        "airport": "Brussels Airport",
        "timezone": "Europe/Brussels",
        "iata": "BRU",
        "icao": "EBBR",
        "terminal": "1",
        "gate": None,
        "baggage": "4",
        "delay": None,
        "scheduled": "2022-04-02T07:30:00+00:00",
        "estimated": "2022-04-02T07:30:00+00:00",
        "actual": None,
    },
    "airline": {"name": "China Eastern Airlines", "iata": "MU", "icao": "CES"},
    "flight": {
        "number": "1833",
        "iata": "MU1833",
        "icao": "CES1833",
        "codeshared": {
            "airline_name": "klm",
            "airline_iata": "kl",
            "airline_icao": "klm",
            "flight_number": "1721",
            "flight_iata": "kl1721",
            "flight_icao": "klm1721",
        },
    },
    "aircraft": None,
    "live": None,
}
MISLABELLED = {
    **AMS_BRU,
    "flight_date": "2021-09-02",
    "departure": {
        "airport": "Chongqing Jiangbei International",
        "timezone": "Asia/Qatar",
        "iata": "DOH",
        "icao": "ZUCK",
        "terminal": None,
        "gate": "E21",
        "delay": None,
        "scheduled": "2021-09-02T01:45:00+00:00",
        "estimated": "2021-09-02T01:45:00+00:00",
        "actual": None,
    },
}
"""An answer of 2021 that calls Doha by the name of another airport: the code is what counts."""


def status(flight: str, day: date, *items: Any) -> Any:
    return read_status(json.dumps({"pagination": {}, "data": list(items)}).encode(), flight, day, NOW)


def test_a_flight_in_the_air_whose_arrival_nobody_has_measured() -> None:
    told = status("TG661", date(2025, 8, 21), HND_BKK)
    assert (told.status, told.departure.delay_minutes, told.arrival.baggage) == (FlightState.ACTIVE, 48, "20")
    assert told.departure.actual.isoformat() == "2025-08-21T00:53:00+09:00"
    assert told.arrival.estimated.isoformat() == "2025-08-21T04:20:00+07:00"
    assert (told.arrival.actual, told.arrival.gate, told.arrival.terminal) == (None, None, "MAIN")


@pytest.mark.parametrize(("item", "code", "day"), [(AMS_BRU, "AMS", (2022, 4, 2)), (MISLABELLED, "DOH", (2021, 9, 2))])
def test_a_codeshare_and_a_wrong_name_change_nothing(item: Any, code: str, day: tuple[int, int, int]) -> None:
    told = status("MU1833", date(*day), item)
    assert (told.departure.airport.code, told.carrier.name) == (code, "China Eastern Airlines")
    assert told.status is FlightState.SCHEDULED


def test_of_two_days_the_one_that_was_asked_for() -> None:
    earlier = {**HND_BKK, "flight_date": "2025-08-20"}
    earlier["departure"] = {**HND_BKK["departure"], "scheduled": "2025-08-20T00:05:00+00:00"}  # type: ignore[dict-item]
    told = status("TG661", date(2025, 8, 21), earlier, HND_BKK)
    assert told.departure.scheduled.date() == date(2025, 8, 21)
