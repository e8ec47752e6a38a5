"""What Travelpayouts' calendar looks like, and what of it may be told."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from api.flights.providers.faults import AnswerUnreadable, SourceDown
from api.flights.providers.travelpayouts.source import Travelpayouts, read_month
from contracts.flights import SearchQuery
from contracts.places import resolve

DAY = date(2026, 12, 4)


def price(day: str, amount: Any = 86, **changes: Any) -> dict[str, Any]:
    made = {
        "origin": "MAD",
        "destination": "BER",
        "origin_airport": "MAD",
        "destination_airport": "BER",
        "price": amount,
        "airline": "IB",
        "flight_number": "3270",
        "departure_at": f"{day}T09:05:00+01:00",
        "transfers": 0,
        "duration": 185,
        "link": "/search/MAD0412BER1?t=IB17",
    }
    return made | changes


def read(data: Any, *, returning: bool = False, **changes: Any) -> dict[date, Decimal]:
    body = {"success": True, "data": data, "currency": "eur"} | changes
    return read_month(json.dumps(body).encode(), "EUR", returning=returning)


def test_the_lowest_price_of_each_day() -> None:
    found = read({"2026-12-04": price("2026-12-04"), "2026-12-05": price("2026-12-05", 70.5)})
    assert found == {DAY: Decimal(86), date(2026, 12, 5): Decimal("70.5")}


def test_one_way_and_return_are_told_apart() -> None:
    both = {"a": price("2026-12-04"), "b": price("2026-12-04", 150, return_at="2026-12-11T18:00:00+01:00")}
    assert read(both) == {DAY: Decimal(86)}
    assert read(both, returning=True) == {DAY: Decimal(150)}


def test_nothing_found_is_an_empty_list_there() -> None:
    assert read([]) == {}
    assert read({"x": price("2026-12-04", 0), "y": price("when?"), "z": None}) == {}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"success": true}', b'{"success": true, "data": {}, "currency": "rub"}']
)
def test_what_is_no_calendar_is_a_fault(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read_month(body, "EUR", returning=False)


def test_a_question_that_failed_there_is_a_fault() -> None:
    with pytest.raises(SourceDown):
        read({}, success=False, error="bad request")


async def test_a_month_that_is_not_answered_makes_no_cheapest_day(monkeypatch: pytest.MonkeyPatch) -> None:
    async def month(_self: Travelpayouts, _query: SearchQuery, asked: str, *_: Any) -> dict[date, Decimal]:
        if asked == "2027-01":
            raise SourceDown("travelpayouts: does not answer")
        return {DAY: Decimal(86)}

    monkeypatch.setattr(Travelpayouts, "_month", month)
    query = SearchQuery(
        origin=resolve("MAD").place.to_place("en"), destination=resolve("BER").place.to_place("en"), departure_date=DAY
    )
    source = Travelpayouts(SecretStr("token"), "http://127.0.0.1")
    found = await source.calendar(query, [DAY], None, 1.0)
    assert found[DAY].amount == "86"
    with pytest.raises(SourceDown):
        await source.calendar(query, [DAY, date(2027, 1, 4)], None, 1.0)
    await source.aclose()
