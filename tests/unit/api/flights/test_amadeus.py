"""Amadeus' flight offers (search v2) become ours; what cannot be read costs nothing else."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from api.flights.providers.amadeus.offers import Reading, read_answer
from api.flights.providers.amadeus.source import question, read_token
from api.flights.providers.faults import AnswerUnreadable
from contracts.flights import Cabin, Filters, Leg, SearchQuery
from contracts.places import resolve

DAY = date(2026, 12, 4)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MAD, LHR, JFK = (resolve(code).place.to_place("en") for code in ("MAD", "LHR", "JFK"))  # type: ignore[union-attr]


def query(**changes: Any) -> SearchQuery:
    return SearchQuery(origin=MAD, destination=LHR, departure_date=DAY).model_copy(update=changes)


def segment(number: str = "3166", **changes: Any) -> dict[str, Any]:
    made = {
        "departure": {"iataCode": "MAD", "terminal": "4S", "at": f"{DAY}T09:05:00"},
        "arrival": {"iataCode": "LHR", "at": f"{DAY}T10:30:00"},
        "carrierCode": "IB",
        "number": number,
        "aircraft": {"code": "320"},
        "operating": {"carrierCode": "I2"},
        "duration": "PT2H25M",
        "id": "1",
        "numberOfStops": 0,
        "blacklistedInEU": False,
    }
    return made | changes


def offer(*segments: dict[str, Any], total: str = "120.50", bags: Any = None, **changes: Any) -> dict[str, Any]:
    detail = {
        "segmentId": "1",
        "cabin": "ECONOMY",
        "fareBasis": "O",
        "brandedFare": "BASIC",
        "includedCheckedBags": bags,
    }
    made = {
        "type": "flight-offer",
        "id": "1",
        "source": "GDS",
        "itineraries": [{"duration": "PT2H25M", "segments": list(segments or (segment(),))}],
        "price": {"currency": "EUR", "total": total, "base": "90.00", "fees": [], "grandTotal": total},
        "validatingAirlineCodes": ["IB"],
        "travelerPricings": [{"travelerId": "1", "travelerType": "ADULT", "fareDetailsBySegment": [detail]}],
    }
    return made | changes


def read(*offers: Any, **changes: Any) -> Reading:
    return read_answer(
        json.dumps({"meta": {"count": len(offers)}, "data": list(offers)}).encode(), query(**changes), NOW
    )


def test_an_offer_is_read_with_its_clocks() -> None:
    (made,) = read(offer(bags={"quantity": 1})).offers
    leg = made.slices[0].segments[0]
    assert (made.total.amount, made.carrier.name, made.fare_brand, made.bags.checked) == (
        "120.50",
        "Iberia",
        "BASIC",
        1,
    )
    assert (leg.departs_at.isoformat(), leg.arrives_at.isoformat(), leg.flight_number) == (
        "2026-12-04T09:05:00+01:00",
        "2026-12-04T10:30:00+00:00",
        "IB3166",
    )


@pytest.mark.parametrize(
    ("said", "bags"), [({"weight": 23, "weightUnit": "KG"}, 1), ({"quantity": 0}, 0), (None, None), ({}, None)]
)
def test_bags_are_pieces_a_weight_or_unknown(said: Any, bags: int | None) -> None:
    assert read(offer(bags=said)).offers[0].bags.checked == bags


def test_one_bad_offer_costs_only_itself() -> None:
    bad = [offer(segment(number="X")), {"id": "2"}, offer(total="0")]
    reading = read(*bad, offer())
    assert (len(reading.offers), reading.received, reading.unreadable) == (1, 4, 3)
    assert not reading.offers[0].slices[0].segments[0].times_doubtful
    with pytest.raises(AnswerUnreadable):
        read(*bad)


def test_times_that_contradict_the_duration_are_the_clocks_and_doubtful() -> None:
    (made,) = read(offer(segment(number="1", duration="PT9H"))).offers
    (flight,) = made.slices[0].segments
    assert flight.times_doubtful
    assert flight.duration_minutes != 9 * 60


def test_stops_on_the_way_count() -> None:
    assert read(offer(segment(numberOfStops=1)), max_stops=0).offers == ()
    assert read().offers == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"errors": []}', b'{"data": {}}'])
def test_what_is_no_answer_is_a_fault(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read_answer(body, query(), NOW)


def test_the_question_has_every_leg_and_passenger() -> None:
    onward = (Leg(origin=LHR, destination=JFK, date=date(2026, 12, 8)),)
    asked = question(query(adults=2, children=(5,), infants=1, cabin=Cabin.BUSINESS, max_stops=0, further=onward))
    assert [one["originLocationCode"] for one in asked["originDestinations"]] == [MAD.code, LHR.code]
    assert asked["travelers"] == [
        {"id": "1", "travelerType": "ADULT"},
        {"id": "2", "travelerType": "ADULT"},
        {"id": "3", "travelerType": "CHILD"},
        {"id": "4", "travelerType": "HELD_INFANT", "associatedAdultId": "1"},
    ]
    filters = asked["searchCriteria"]["flightFilters"]
    assert filters["connectionRestriction"] == {"maxNumberOfConnections": 0}
    assert filters["cabinRestrictions"][0]["cabin"] == "BUSINESS"


def test_a_token_has_an_end() -> None:
    assert read_token(b'{"access_token": "abc", "expires_in": 1799, "state": "approved"}') == ("abc", 1799.0)
    with pytest.raises(AnswerUnreadable):
        read_token(b'{"error": "invalid_client"}')


def test_who_is_twelve_pays_as_an_adult() -> None:
    asked = question(query(adults=1, children=(5, 12, 16), infants=1))["travelers"]
    assert [one["travelerType"] for one in asked] == ["ADULT", "ADULT", "ADULT", "CHILD", "HELD_INFANT"]
    assert len({one["id"] for one in asked}) == 5


def test_wanted_and_unwanted_airlines_are_asked_for() -> None:
    def restrictions(**filters: Any) -> Any:
        asked = question(query(filters=Filters(**filters)))
        return asked["searchCriteria"]["flightFilters"].get("carrierRestrictions")

    assert restrictions(airlines=("IB",)) == {"includedCarrierCodes": ["IB"]}
    assert restrictions(without_airlines=("FR",)) == {"excludedCarrierCodes": ["FR"]}
    assert restrictions() is None


def test_a_flight_that_lands_on_the_way_is_not_called_non_stop() -> None:
    landing = {"iataCode": "BIO", "arrivalAt": f"{DAY}T09:55:00", "departureAt": f"{DAY}T10:30:00", "duration": "PT35M"}
    with_stop = segment(arrival={"iataCode": "LHR", "at": f"{DAY}T11:30:00"}, numberOfStops=1, stops=[landing])
    found = read(offer(with_stop)).offers[0].slices[0]
    assert [part.destination.code for part in found.segments] == ["BIO", "LHR"]
    assert found.stops == 1
    nowhere = read(offer(segment("44", numberOfStops=1)), offer())
    assert [one.slices[0].stops for one in nowhere.offers] == [0]
    assert nowhere.unreadable == 1
