"""AviationStack's documented shape, its clocks that claim to be UTC, and what may be null."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from api.flights.providers.aviationstack.source import read_status
from api.flights.providers.faults import AnswerUnreadable
from contracts.trips import FlightStatus

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 28)


def end(code: str, zone: str, scheduled: str | None, **changes: Any) -> dict[str, Any]:
    made = {
        "airport": f"{code} International",
        "timezone": zone,
        "iata": code,
        "icao": f"X{code}",
        "terminal": "1",
        "gate": None,
        "delay": None,
        "scheduled": scheduled,
        "estimated": scheduled,
        "actual": None,
        "estimated_runway": None,
        "actual_runway": None,
    }
    return made | changes


def flight(day: date = DAY, **changes: Any) -> dict[str, Any]:
    """As in its documentation: times are the airports' clocks and end in +00:00 all the same."""
    made = {
        "flight_date": day.isoformat(),
        "flight_status": "active",
        "departure": end("ICN", "Asia/Seoul", f"{day}T12:40:00+00:00", delay=42, actual=f"{day}T13:21:00+00:00"),
        "arrival": end("NRT", "Asia/Tokyo", f"{day}T14:55:00+00:00", baggage=None),
        "airline": {"name": "Asiana Airlines", "iata": "OZ", "icao": "AAR"},
        "flight": {"number": "104", "iata": "OZ104", "icao": "AAR104", "codeshared": None},
        "aircraft": None,
        "live": None,
    }
    return made | changes


def read(*flights: Any) -> FlightStatus | None:
    body = {"pagination": {"limit": 100, "offset": 0, "count": len(flights), "total": len(flights)}, "data": flights}
    return read_status(json.dumps(body).encode(), "OZ104", DAY, NOW)


def test_clocks_are_those_of_the_airports() -> None:
    told = read(flight())
    assert told is not None
    assert told.departure.scheduled.isoformat() == "2026-11-28T12:40:00+09:00"
    assert told.departure.actual is not None
    assert (told.departure.actual.isoformat(), told.departure.delay_minutes) == ("2026-11-28T13:21:00+09:00", 42)
    assert (told.status, told.carrier.name, told.sample, told.departure.gate) == (
        "active",
        "Asiana Airlines",
        False,
        None,
    )


def test_the_day_is_the_one_that_was_asked_for() -> None:
    assert read(flight(date(2026, 11, 27))) is None
    assert read() is None
    told = read(flight(date(2026, 11, 27)), flight(flight_status="landed"))
    assert told is not None
    assert told.status == "landed"


@pytest.mark.parametrize(("said", "told"), [("incident", "unknown"), (None, "unknown"), ("cancelled", "cancelled")])
def test_states_that_nobody_knows_are_unknown(said: str | None, told: str) -> None:
    found = read(flight(flight_status=said, airline=None))
    assert found is not None
    assert (found.status, found.carrier.name) == (told, "OZ")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"error": {"code": "invalid_access_key"}}', b'{"data": null}', b'{"data": [{}]}']
)
def test_what_is_no_answer_is_a_fault(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read_status(body, "OZ104", DAY, NOW)


def test_a_flight_without_airports_is_a_fault() -> None:
    with pytest.raises(AnswerUnreadable):
        read(flight(arrival=end("", "", None)))
