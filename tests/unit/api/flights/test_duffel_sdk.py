"""An offer and a booking link as Duffel's own client libraries have them in their tests."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from api.flights.providers.duffel.offers import read_link, read_offer
from api.flights.providers.faults import AnswerUnreadable
from contracts.flights import Cabin, Offer, PriceKind, SearchQuery, Tristate
from contracts.places import resolve
from contracts.tools import brief

DATA = Path(__file__).parents[3] / "data" / "fares" / "duffel_offer.json"
NOW = datetime(2020, 1, 17, 10, 20, tzinfo=UTC)


def place(code: str) -> Any:
    return resolve(code).place.to_place("en")  # type: ignore[union-attr]


def read(body: bytes, now: datetime = NOW) -> Offer | None:
    query = SearchQuery(origin=place("LHR"), destination=place("JFK"), departure_date=date(2020, 6, 13), currency="GBP")
    return read_offer(body, query, now)


def landing(at: str) -> bytes:
    answer = json.loads(DATA.read_bytes())
    answer["data"]["slices"][0]["segments"][0]["arriving_at"] = at
    return json.dumps(answer).encode()


def test_the_sdk_s_offer_is_read_with_its_nulls_its_odd_duration_and_its_seconds() -> None:
    """Two hours and 26 minutes after 16:38:02 in London it is four minutes past two in New York."""
    offer = read(landing("2020-06-13T14:04:02"))
    assert offer is not None
    (only,) = offer.slices
    (flight,) = only.segments
    assert not flight.times_doubtful
    assert (flight.flight_number, flight.duration_minutes, only.duration_minutes) == ("BA1234", 146, 146)
    assert (flight.departs_at.isoformat(), flight.arrives_at.isoformat()) == (
        "2020-06-13T16:38:00+01:00",
        "2020-06-13T14:04:00-04:00",
    )
    assert (offer.total.amount, offer.total.currency, offer.price_kind) == ("45.00", "GBP", PriceKind.LIVE)
    assert (offer.fare_brand, offer.cabin, offer.bags.checked, offer.bags.carry_on) == ("Basic", Cabin.ECONOMY, 1, None)
    assert (offer.changeable, offer.emissions_kg) == (Tristate.YES, 460)
    assert offer.refundable is Tristate.NO, "a refund for a penalty of more than the price is none"


def test_the_offer_as_it_was_published_is_kept_and_its_times_are_doubtful() -> None:
    """It lands by the clock at the minute at which it left, five hours later, and says that it takes 2 h 26."""
    offer = read(DATA.read_bytes())
    assert offer is not None
    (flight,) = offer.slices[0].segments
    assert flight.times_doubtful
    assert (flight.departs_at.isoformat(), flight.arrives_at.isoformat()) == (
        "2020-06-13T16:38:00+01:00",
        "2020-06-13T16:38:00-04:00",
    )
    assert (offer.total.amount, offer.fare_brand, offer.bags.checked) == ("45.00", "Basic", 1)
    told = brief(offer, 1)
    assert (told.times_doubtful, told.duration_minutes) == (True, 300), "the assistant says so"


def test_clocks_that_cannot_be_true_are_not_told_at_all() -> None:
    with pytest.raises(AnswerUnreadable, match="cannot be read"):
        read(landing("2020-06-13T10:38:02"))


def test_an_offer_that_has_expired_is_gone() -> None:
    assert read(landing("2020-06-13T14:04:02"), datetime(2020, 1, 17, 11, tzinfo=UTC)) is None


def test_a_booking_link_is_read_as_the_sdk_s_tests_answer_it() -> None:
    assert read_link(b'{"data": {"url": "https://links.duffel.com/?token=abcdef"}}') == (
        "https://links.duffel.com/?token=abcdef"
    )
