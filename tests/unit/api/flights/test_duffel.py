"""Duffel's documented shapes become our offers; what cannot be read costs nothing else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from duffel import airline, airport, answer, offer, part, seat, segment, simple, stop
from duffel_search import DAY, query
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from api.flights.providers.duffel.batches import Gathered, read_batch
from api.flights.providers.duffel.offers import read_link, read_offer
from api.flights.providers.duffel.source import DuffelFares
from api.flights.providers.faults import AnswerUnreadable
from contracts.flights import Bags, Cabin, Offer, PriceKind, SearchQuery, Tristate

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Reading:
    offers: tuple[Offer, ...]
    received: int
    unreadable: int
    test_mode: bool


def read_answer(body: bytes, wanted: SearchQuery, now: datetime) -> Reading:
    gathered = Gathered(wanted, lambda: now, lambda _: None)
    gathered.add(read_batch(body))
    if gathered.fault and not gathered.offers:
        raise gathered.fault
    return Reading(gathered.offers, gathered.received, gathered.unreadable, gathered.test_mode)


def read(*offers: dict[str, Any], **changes: Any) -> Reading:
    return read_answer(json.dumps(answer(*offers)).encode(), query(**changes), NOW)


def one(made: dict[str, Any]) -> Offer:
    reading = read(made)
    assert (len(reading.offers), reading.unreadable) == (1, 0)
    return reading.offers[0]


def flown(**changes: Any) -> dict[str, Any]:
    made = segment("MAD", "AMS", f"{DAY}T09:05:00", f"{DAY}T11:30:00", "PT2H25M")
    return offer(part(made | changes, duration=None))


def test_an_offer_is_read_whole() -> None:
    made = one(simple(DAY, expires_at="2026-11-21T12:30:00.545Z"))
    assert (made.total.decimal, made.total.currency) == (Decimal("120.50"), "EUR")
    assert (made.provider, made.price_kind, made.bookable) == ("duffel", PriceKind.LIVE, True)
    assert (made.carrier.code, made.fare_brand, made.cabin, made.emissions_kg) == ("BA", "Basic", Cabin.ECONOMY, 118)
    assert made.typical_emissions_kg is None, "nobody says what is typical"
    assert (made.refundable, made.changeable) == (Tristate.NO, Tristate.YES)
    assert made.expires_at == datetime(2026, 11, 21, 12, 30, 0, 545000, tzinfo=UTC)
    leg = made.slices[0].segments[0]
    assert (leg.flight_number, leg.origin.code, leg.destination.city) == ("IB3270", "MAD", "Amsterdam")
    assert (leg.departs_at.isoformat(), leg.arrives_at.isoformat()) == (
        "2026-12-04T09:05:00+01:00",
        "2026-12-04T11:30:00+01:00",
    )
    assert (leg.aircraft, made.slices[0].duration_minutes) == ("Airbus A320", 145)


def test_a_connection_has_its_layover_in_the_duration() -> None:
    made = one(
        offer(
            part(
                segment("MAD", "DXB", f"{DAY}T15:20:00", "2026-12-05T00:45:00", "PT6H25M", "EK142"),
                segment("DXB", "SYD", "2026-12-05T02:15:00", "2026-12-05T22:20:00", "PT13H5M", "EK414"),
                duration="P0DT21H",
            )
        )
    )
    (way,) = made.slices
    assert (way.stops, way.duration_minutes) == (1, 21 * 60)


def test_a_duration_may_have_days() -> None:
    made = one(offer(part(segment("MAD", "SYD", f"{DAY}T10:00:00", "2026-12-05T22:00:00", "P1DT2H", "BA1"))))
    assert made.slices[0].duration_minutes == 26 * 60


def test_a_landing_on_the_way_is_a_stop() -> None:
    direct = segment("DXB", "AMS", f"{DAY}T08:00:00", f"{DAY}T14:30:00", "PT9H30M", "ZZ77")
    direct["stops"] = [stop("BCN", f"{DAY}T12:00:00", f"{DAY}T12:30:00")]
    made = one(offer(part(direct)))
    legs = made.slices[0].segments
    assert [(leg.origin.code, leg.destination.code, leg.flight_number) for leg in legs] == [
        ("DXB", "BCN", "ZZ77"),
        ("BCN", "AMS", "ZZ77"),
    ]
    assert (made.slices[0].stops, made.slices[0].duration_minutes) == (1, 570)
    assert read(offer(part(direct)), max_stops=0).offers == ()


def test_the_repeated_hour_is_read_by_the_duration() -> None:
    legs = segment("JFK", "LHR", "2026-11-01T01:30:00", "2026-11-01T12:30:00", "PT6H")
    assert one(offer(part(legs))).slices[0].departs_at.isoformat() == "2026-11-01T01:30:00-05:00"


@pytest.mark.parametrize(
    ("baggages", "expected"),
    [
        ([seat()], Bags()),
        ([seat(checked=0, carry_on=1)], Bags(carry_on=1, checked=0)),
        ([seat(carry_on=1)], Bags(carry_on=1, checked=None)),
        ([seat(checked=2), seat(checked=1)], Bags(checked=1)),
        ([seat(checked=2), seat()], Bags()),
        ([{"cabin_class": None, "baggages": None}], Bags()),
        ([], Bags()),
        (None, Bags()),
    ],
)
def test_unknown_bags_are_not_no_bags(baggages: Any, expected: Bags) -> None:
    assert one(flown(passengers=baggages)).bags == expected


def test_bags_are_those_of_every_segment() -> None:
    legs = [
        segment("MAD", "LHR", f"{DAY}T09:05:00", f"{DAY}T10:30:00", "PT2H25M", passengers=[seat(checked=2)]),
        segment("LHR", "AMS", f"{DAY}T12:00:00", f"{DAY}T14:15:00", "PT1H15M", passengers=[seat(checked=1)]),
    ]
    assert one(offer(part(*legs))).bags.checked == 1


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (None, (Tristate.UNKNOWN, Tristate.UNKNOWN)),
        ({}, (Tristate.UNKNOWN, Tristate.UNKNOWN)),
        ({"refund_before_departure": None, "change_before_departure": None}, (Tristate.UNKNOWN, Tristate.UNKNOWN)),
        ({"refund_before_departure": {"allowed": True}}, (Tristate.YES, Tristate.UNKNOWN)),
        ({"change_before_departure": {"allowed": False}}, (Tristate.UNKNOWN, Tristate.NO)),
        (
            {"refund_before_departure": {"allowed": True, "penalty_amount": "30.00", "penalty_currency": "EUR"}},
            (Tristate.YES, Tristate.UNKNOWN),
        ),
        (
            {"refund_before_departure": {"allowed": True, "penalty_amount": "120.50", "penalty_currency": "EUR"}},
            (Tristate.NO, Tristate.UNKNOWN),
        ),
        (
            {"refund_before_departure": {"allowed": True, "penalty_amount": "500.00", "penalty_currency": "JPY"}},
            (Tristate.YES, Tristate.UNKNOWN),
        ),
    ],
)
def test_what_the_airline_has_not_said_is_unknown(conditions: Any, expected: tuple[Tristate, Tristate]) -> None:
    made = one(simple(DAY, conditions=conditions))
    assert (made.refundable, made.changeable) == expected


@pytest.mark.parametrize(
    ("changes", "number", "operator"),
    [
        ({"operating_carrier": airline(None)}, "BA1234", None),
        ({"operating_carrier": None}, "BA1234", None),
        ({"marketing_carrier": airline(None), "operating_carrier": airline("IB")}, "IB1234", "IB"),
        ({"marketing_carrier": airline("BAW"), "operating_carrier": airline("IB")}, "IB1234", "IB"),
        ({"marketing_carrier_flight_number": None, "operating_carrier_flight_number": "77"}, "BA77", "BA"),
        ({"marketing_carrier_flight_number": "0123"}, "BA0123", "BA"),
        ({"marketing_carrier_flight_number": "123A"}, "BA123", "BA"),
    ],
)
def test_missing_codes_and_numbers_are_taken_from_the_operator(
    changes: dict[str, Any], number: str, operator: str | None
) -> None:
    leg = one(flown(**changes)).slices[0].segments[0]
    assert leg.flight_number == number
    assert (leg.operating_carrier and leg.operating_carrier.code) == operator


def test_a_seller_without_a_code_gives_way_to_the_airline() -> None:
    assert one(simple(DAY, owner=airline(None))).carrier.code == "IB"
    assert one(simple(DAY, owner=None)).carrier.code == "IB"


def test_an_airport_that_we_do_not_know_is_described_by_duffel() -> None:
    field = airport("QZX", name="New Field", city_name="Newtown", time_zone="Europe/Madrid")
    leg = one(flown(origin=field)).slices[0].segments[0]
    assert (leg.origin.name, leg.origin.city, leg.origin.time_zone) == ("New Field", "Newtown", "Europe/Madrid")


@pytest.mark.parametrize(
    "broken",
    [
        flown(marketing_carrier=None, operating_carrier=None),
        flown(marketing_carrier_flight_number=None, operating_carrier_flight_number=None),
        flown(duration="two hours"),
        flown(departing_at=f"{DAY}T09:05:00Z"),
        flown(departing_at=None),
        flown(departing_at="0001-01-01T00:00:00"),
        flown(arriving_at="9999-12-31T23:59:59", duration=None),
        flown(origin=airport("QZX", time_zone=None)),
        flown(origin=airport("QZX", time_zone="Mars/Olympus")),
        flown(origin=None),
        flown(stops=[stop("BCN", f"{DAY}T09:00:00", f"{DAY}T10:00:00")]),
        simple(DAY, total_amount="free"),
        simple(DAY, total_amount="-1.00"),
        simple(DAY, total_amount="0.00"),
        simple(DAY, total_amount="1e999999999"),
        simple(DAY, total_amount="1e-999999999"),
        simple(DAY, total_amount="NaN"),
        simple(DAY, total_currency="EURO"),
        simple(DAY, total_amount=None),
        simple(DAY, slices=[]),
        simple(DAY, expires_at="soon"),
        simple(DAY, id="x" * 200),
        {"id": "off_1"},
        None,
        "an offer",
    ],
)
def test_what_cannot_be_read_is_left_out_and_counted(broken: Any) -> None:
    reading = read(broken, simple(DAY, "BA77"))
    assert [found.slices[0].segments[0].flight_number for found in reading.offers] == ["BA77"]
    assert (reading.received, reading.unreadable) == (2, 1)
    with pytest.raises(AnswerUnreadable, match="none of 1 offers"):
        read(broken)


@pytest.mark.parametrize("duration", ["PT2H24M", "P999999999D"])
def test_a_duration_that_fits_nothing_costs_no_offer_and_is_told(duration: str) -> None:
    odd, plain = read(flown(duration=duration)), read(flown())
    assert odd.unreadable == 0
    ((one,), (other,)) = (reading.offers[0].slices[0].segments for reading in (odd, plain))
    assert (one.times_doubtful, other.times_doubtful) == (True, False)
    assert (one.departs_at, one.arrives_at) == (other.departs_at, other.arrives_at), "the airline's clocks"


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59",
            "P999999999D",
            "-PT1H",
            "PT0S",
            "1e308",
            "BA",
            "MAD",
            "0",
            [],
            {},
        ]
    )
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something is in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


@given(data=st.data())
def test_no_value_anywhere_costs_another_offer(data: st.DataObject) -> None:
    broken = flown(stops=[stop("BCN", f"{DAY}T10:00:00", f"{DAY}T10:30:00")], passengers=[seat(checked=1)])
    path = data.draw(st.sampled_from(list(places(broken))))
    owner = broken
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = data.draw(LEAVES)
    reading = read(broken, simple(DAY, "BA77"))
    assert "BA77" in [found.slices[0].segments[0].flight_number for found in reading.offers]
    assert reading.unreadable <= 1


def test_partial_and_expired_offers_are_not_for_sale() -> None:
    late = (NOW - timedelta(seconds=1)).isoformat()
    reading = read(simple(DAY, partial=True), simple(DAY, expires_at=late), simple(DAY, "BA1", expires_at=None))
    assert (len(reading.offers), reading.unreadable) == (1, 0)
    assert read().offers == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"data": null}',
        b'{"data": {"id": "orq_1", "offers": []}}',
        b'{"data": {"id": "orq_1", "remaining_batches": -1}}',
        b'{"data": {"id": "orq_1", "remaining_batches": Infinity}}',
        b'{"data": {"id": "../orders", "remaining_batches": 1}}',
        b'{"data": {"id": "orq_1", "remaining_batches": 0, "offers": 7}}',
        b"\xff",
    ],
)
def test_an_answer_that_is_none_is_a_failure(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read_answer(body, query(), NOW)


def test_test_mode_is_sample_data() -> None:
    reading = read(simple(DAY, live_mode=False))
    assert reading.test_mode
    assert (reading.offers[0].price_kind, reading.offers[0].bookable) == (PriceKind.SAMPLE, False)


@pytest.mark.parametrize(("token", "kind"), [("duffel_live_x", PriceKind.LIVE), ("duffel_test_x", PriceKind.SAMPLE)])
async def test_a_token_tells_the_kind_of_its_prices(token: str, kind: PriceKind) -> None:
    source = DuffelFares(SecretStr(token), "https://api.duffel.com", refuse_test_mode=False)
    assert source.price_kind is kind
    assert await source.ready()
    await source.aclose()


@pytest.mark.parametrize(
    ("cabins", "expected"),
    [(("business", "economy"), Cabin.ECONOMY), (("business",), Cabin.BUSINESS), (("roof",), Cabin.PREMIUM_ECONOMY)],
)
def test_a_card_promises_the_lowest_cabin(cabins: tuple[str, ...], expected: Cabin) -> None:
    made = flown(passengers=[seat(cabin) for cabin in cabins])
    (found,) = read(made, cabin=Cabin.PREMIUM_ECONOMY).offers
    assert found.cabin is expected


def test_brands_of_both_ways_are_named() -> None:
    out = segment("MAD", "AMS", f"{DAY}T09:05:00", f"{DAY}T11:30:00", "PT2H25M")
    back = segment("AMS", "MAD", "2026-12-08T09:05:00", "2026-12-08T11:30:00", "PT2H25M")
    assert one(offer(part(out, brand="Light"), part(back, brand="Flex"))).fare_brand == "Light / Flex"
    assert one(offer(part(out, brand=None), part(back, brand=None))).fare_brand is None


def sandbox(**changes: Any) -> dict[str, Any]:
    """An offer as Duffel's sandbox gives it in the fixtures of its Java client (duffelhq/duffel-api-java, MIT).

    Its duration is that of the clocks without their zones, times have microseconds, keys are absent or null.
    """
    made = segment("LHR", "STR", f"{DAY}T23:00:00", "2026-12-05T00:43:00", "PT1H43M", "ZZ3394")
    for key in ("stops", "media"):
        del made[key]
    made["destination"] = airport("STR", time_zone="Europe/Berlin", city=None, airports=None)
    made["distance"], made["passengers"] = "855.1036664434637", [seat(checked=1)]
    one_way = part(made, duration="PT1H43M")
    for key in ("comparison_key", "ngs_shelf"):
        del one_way[key]
    told = offer(one_way, live_mode=False, owner=airline("ZZ"), expires_at="2026-11-21T12:30:10.783806Z", **changes)
    told["available_services"] = [{"id": "ase_1", "maximum_quantity": 1, "metadata": {"maximum_depth_cm": None}}]
    return told


def test_the_sandboxs_own_offers_are_read() -> None:
    reading = read_answer(json.dumps(answer(sandbox())).encode(), query(), NOW)
    (leg,) = reading.offers[0].slices[0].segments
    assert (leg.departs_at.isoformat(), leg.arrives_at.isoformat()) == (
        "2026-12-04T23:00:00+00:00",
        "2026-12-05T00:43:00+01:00",
    )
    assert (leg.duration_minutes, reading.offers[0].bags.checked, reading.test_mode) == (43, 1, True)


def test_an_offer_is_read_again_as_it_is_now() -> None:
    body = json.dumps({"data": sandbox(total_amount="530.00")}).encode()
    now = read_offer(body, query(), NOW)
    assert now is not None
    assert now.total.amount == "530.00"
    assert read_offer(body, query(), NOW + timedelta(hours=1)) is None, "it has expired"
    for wrong in (b"", b"{}", b'{"data": {}}', b'{"data": []}'):
        with pytest.raises(AnswerUnreadable):
            read_offer(wrong, query(), NOW)


def test_a_booking_page_is_a_safe_address_or_none() -> None:
    assert read_link(b'{"data": {"url": "https://links.duffel.com?token=U0Z"}}') == "https://links.duffel.com?token=U0Z"
    assert read_link(b'{"data": {"url": "javascript:alert(1)"}}') is None
    with pytest.raises(AnswerUnreadable):
        read_link(b'{"data": {}}')
