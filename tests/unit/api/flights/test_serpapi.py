"""SerpApi's documented shapes become indicative offers."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from serpapi import flight, nothing, option, page

from api.flights.providers.base import Progress
from api.flights.providers.faults import AnswerUnreadable, SourceDown
from api.flights.providers.serpapi.offers import Page, _amount, offers_of, outward_choices, read_booking, read_page
from api.flights.providers.serpapi.source import SerpApiFares, question
from contracts.flights import Bags, Cabin, Filters, Offer, PriceKind, SearchQuery, Tristate
from contracts.places import resolve

DAY = date(2026, 12, 4)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def query(**changes: Any) -> SearchQuery:
    made = SearchQuery(
        origin=resolve("MAD").place.to_place("en"),
        destination=resolve("London").place.to_place("en"),
        departure_date=DAY,
    )
    return made.model_copy(update=changes)


def read(*options: dict[str, Any], **changes: Any) -> tuple[tuple[Offer, ...], int]:
    asked = query(**changes)
    found = read_page(json.dumps(page(*options)).encode(), asked)
    chosen, failed = offers_of([(one,) for one in found.options], found, asked, NOW, {})
    return chosen.offers, found.unreadable + failed


def direct(number: str = "IB 3270", **changes: Any) -> dict[str, Any]:
    return flight("MAD", "LHR", f"{DAY} 09:05", f"{DAY} 10:30", 145, number, **changes)


def test_an_option_is_an_indicative_offer() -> None:
    ((made,), dropped) = read(option(direct(), price=89.5), adults=2)
    assert dropped == 0
    assert (made.total.amount, made.total.currency, made.price_kind) == ("89.5", "EUR", PriceKind.METASEARCH)
    assert (made.bookable, made.expires_at, made.bags) == (False, None, Bags())
    assert (made.refundable, made.changeable) == (Tristate.UNKNOWN, Tristate.UNKNOWN)
    assert (made.emissions_kg, made.typical_emissions_kg) == (209, 220), "of both passengers"
    assert made.deep_link is not None
    leg = made.slices[0].segments[0]
    assert (leg.flight_number, leg.carrier.name, leg.operating_carrier) == ("IB3270", "Iberia", None)
    assert leg.departs_at.isoformat() == "2026-12-04T09:05:00+01:00"
    assert leg.arrives_at.isoformat() == "2026-12-04T10:30:00+00:00"


def test_the_same_option_has_the_same_id_and_another_price_another() -> None:
    ids = [read(option(direct(), price=price))[0][0].id for price in (100, 100, 101)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    "broken",
    [
        option(direct("Iberia")),
        option(direct(departure_airport={"id": "MAD", "name": "Madrid", "time": "soon"})),
        option(direct(arrival_airport={"id": "QZX", "name": "Nowhere", "time": f"{DAY} 10:30"})),
        option(direct(), price=-1),
        option(direct(), direct("IB 1")),
        {"flights": []},
        None,
    ],
)
def test_what_cannot_be_read_is_left_out_and_counted(broken: Any) -> None:
    offers, dropped = read(broken, option(direct("BA 77")))
    assert [made.slices[0].segments[0].flight_number for made in offers] == ["BA77"]
    assert dropped == 1
    with pytest.raises(AnswerUnreadable):
        read(broken)


def test_times_that_contradict_the_duration_are_the_clocks_and_doubtful() -> None:
    offers, dropped = read(option(direct(duration=146)), option(direct("BA 77")))
    (odd,), (plain,) = (made.slices[0].segments for made in sorted(offers, key=lambda made: made.carrier.code)[::-1])
    assert (odd.times_doubtful, plain.times_doubtful, dropped) == (True, False, 0)
    assert odd.arrives_at == plain.arrives_at


def test_what_has_no_price_is_not_for_sale() -> None:
    offers, dropped = read(option(direct(), price=None), option(direct("BA 77")))
    assert (len(offers), dropped) == (1, 0)


def test_more_changes_than_wished_are_left_out() -> None:
    two = option(direct(), flight("LHR", "MAN", f"{DAY} 12:00", f"{DAY} 13:00", 60, "BA 1"))
    assert len(read(two, option(direct("BA 77")), max_stops=0)[0]) == 1


def test_nothing_found_is_an_answer() -> None:
    assert read_page(json.dumps(nothing()).encode(), query()).options == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", AnswerUnreadable),
        (b"[]", AnswerUnreadable),
        (b"{}", AnswerUnreadable),
        (json.dumps(page(search_metadata={"status": "Processing"})).encode(), AnswerUnreadable),
        (json.dumps(page(search_metadata={"status": "Error"}, error="We could not get it")).encode(), SourceDown),
        (json.dumps(page(error="Something else went wrong")).encode(), SourceDown),
    ],
)
def test_a_failure_there_is_a_failure(body: bytes, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read_page(body, query())


def test_the_question_names_the_airports_of_a_city() -> None:
    asked = question(query(adults=3, cabin=Cabin.FIRST, max_stops=1, currency="GBP"))
    assert asked["arrival_id"].split(",")[0] == "LHR"
    assert {"LGW", "STN"} <= set(asked["arrival_id"].split(","))
    assert (asked["type"], asked["adults"], asked["travel_class"], asked["stops"], asked["currency"]) == (
        "2",
        "3",
        "4",
        "2",
        "GBP",
    )
    back = question(query(return_date=date(2026, 12, 8)))
    assert (back["type"], back["return_date"], back["stops"]) == ("1", "2026-12-08", "0")


def test_ways_back_are_asked_for_the_cheapest_and_the_fastest_way_out() -> None:
    slow = option(direct(), price=50, total_duration=600, departure_token="cheap")
    fast = option(direct(), price=500, total_duration=100, departure_token="fast")
    other = option(direct(), price=300, total_duration=300, departure_token="other")
    found = read_page(json.dumps(page(other, fast, slow, option(direct(), price=1))).encode(), query())
    ways, cut = outward_choices(found, query(), 2)
    assert ([one.departure_token for one in ways], cut) == (["cheap", "fast"], True)
    assert [one.departure_token for one in outward_choices(found, query(), 1)[0]] == ["cheap"]
    # What cannot be what was asked for is not worth a question.
    late = query().model_copy(update={"filters": Filters(depart_from="23:58")})
    assert outward_choices(found, late, 2)[0] == ()


async def test_a_way_back_that_is_not_answered_leaves_the_answer_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = query(return_date=date(2026, 12, 8))
    out = [
        option(direct(), price=price, total_duration=600 - price, departure_token=f"out{price}") for price in (50, 500)
    ]
    back = option(flight("LHR", "MAD", "2026-12-08 09:05", "2026-12-08 12:30", 145, "IB 3271"), price=90)
    refused: set[str | None] = set()

    async def answer(_self: SerpApiFares, _query: SearchQuery, _left: float, token: str | None = None) -> Page:
        if token in refused:
            raise SourceDown("serpapi: does not answer")
        return read_page(json.dumps(page(*([back] if token else out))).encode(), asked)

    monkeypatch.setattr(SerpApiFares, "_page", answer)
    source = SerpApiFares(SecretStr("key"), "http://127.0.0.1")
    whole, part = Progress(), Progress()
    assert await source.search(asked, 1.0, whole)
    refused.add("out500")
    assert await source.search(asked, 1.0, part)
    assert (whole.complete, part.complete) == (True, False)
    await source.aclose()


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ("$199", "199"), ("1,234", "1234"), ("1.234,50 €", "1234.50"), ("€1,234.50", "1234.50"), ("12,50", "12.50"),
        ("¥98,000", "98000"), ("US$\u00a01\u202f234", "1234"), (199, 199), ("free", "free"), (None, None),
    ],
)  # fmt: skip
def test_prices_that_come_as_text_are_read_or_left(told: object, amount: object) -> None:
    assert _amount(told) == amount


def test_odd_options_cost_only_themselves() -> None:
    train = flight("QKL", "MAD", f"{DAY} 06:05", f"{DAY} 07:30", 85, "LH 3610")
    nameless = direct() | {"departure_airport": {"id": "MAD", "name": "Madrid"}}
    offers, dropped = read(
        option(direct("AA 1234"), price="$199"),
        option(direct("AI123"), carbon_emissions=None),
        option(direct("IB 1"), price=None),
        option(direct("IB 2"), price=0),
        option(direct("IB 3"), price="ask the airline"),
        option(train, direct("IB 4")),
        option(nameless),
    )
    assert sorted(one.slices[0].segments[0].flight_number for one in offers) == ["AA1234", "AI123"]
    assert {one.total.amount for one in offers} == {"199", "120"}
    assert dropped == 4, "one without a price is no mistake; it is only not for sale"


def booking(*options: dict[str, Any]) -> bytes:
    return json.dumps(page() | {"selected_flights": [], "booking_options": list(options)}).encode()


def test_the_price_to_book_is_the_lowest_of_all_sellers() -> None:
    price, link = read_booking(
        booking(
            {"together": {"book_with": "Iberia", "price": 140, "booking_request": {"url": "https://x.example"}}},
            {"separate_tickets": True, "departing": {"price": "$60"}, "returning": {"price": 70}},
            {"together": {"book_with": "An agency"}},
        )
    )
    assert (str(price), link) == ("130", "https://www.google.com/travel/flights?hl=en&curr=EUR&tfs=CBwQ")
    assert read_booking(booking())[0] is None


def test_sellers_whose_prices_cannot_be_read_are_a_fault() -> None:
    with pytest.raises(AnswerUnreadable):
        read_booking(booking({"together": {"price": "ask"}}))


def test_who_is_twelve_is_an_adult_at_google() -> None:
    asked = question(query(adults=1, children=(11, 12, 16)))
    assert (asked["adults"], asked["children"]) == ("3", "1")
