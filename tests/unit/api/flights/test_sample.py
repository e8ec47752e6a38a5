import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import airportsdata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.flights.providers.base import Progress
from api.flights.providers.sample.network import airlines, block_minutes, distance_km, port
from api.flights.providers.sample.pricing import currencies
from api.flights.providers.sample.source import FEWEST, MOST, SampleFares
from contracts.flights import Cabin, Offer, PriceKind, SearchQuery
from contracts.places import resolve, top_cities
from contracts.problems import InvalidInput

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AIRPORTS = airportsdata.load("IATA")
CITIES = top_cities(250)


def query(origin: str, destination: str, departure: date = date(2026, 12, 4), **more: Any) -> SearchQuery:
    return SearchQuery(
        origin=resolve(origin).place.to_place("en"),
        destination=resolve(destination).place.to_place("en"),
        departure_date=departure,
        **more,
    )


async def search(wanted: SearchQuery, now: datetime = NOW) -> tuple[Offer, ...]:
    return await SampleFares(now=lambda: now).search(wanted, 5.0, Progress())


def check(wanted: SearchQuery, offers: tuple[Offer, ...]) -> None:
    """What must hold for every answer; the contract itself checks that times and durations agree."""
    directions = [(wanted.origin, wanted.destination, wanted.departure_date)]
    if wanted.return_date:
        directions.append((wanted.destination, wanted.origin, wanted.return_date))
    assert len({offer.id for offer in offers}) == len(offers)
    for offer in offers:
        assert offer.price_kind is PriceKind.SAMPLE
        assert not offer.bookable
        assert len(offer.slices) == len(directions)
        for part, (start, end, day) in zip(offer.slices, directions, strict=True):
            assert part.segments[0].origin.code in start.airports
            assert part.segments[-1].destination.code in end.airports
            assert part.departs_at.date() == day, "the local day that was asked for"
            elapsed = part.arrives_at - part.departs_at
            assert elapsed == timedelta(minutes=part.duration_minutes)
            for segment in part.segments:
                zone = AIRPORTS[segment.origin.code]["tz"]
                assert segment.origin.time_zone == zone
                assert 40 <= segment.duration_minutes <= 20 * 60
                assert segment.flight_number.startswith(segment.carrier.code)
            for first, second in pairwise(part.segments):
                assert first.destination.code == second.origin.code
                assert timedelta(minutes=50) <= second.departs_at - first.arrives_at <= timedelta(hours=9)
        if len(offer.slices) == 2:
            assert offer.slices[1].departs_at >= offer.slices[0].arrives_at


@settings(max_examples=60, deadline=None)
@given(
    pair=st.tuples(st.sampled_from(CITIES), st.sampled_from(CITIES)).filter(lambda pair: pair[0].code != pair[1].code),
    departure=st.dates(date(2026, 11, 22), date(2027, 11, 10)),
    stay=st.one_of(st.none(), st.integers(0, 30)),
)
async def test_every_answer_is_a_possible_journey(pair: Any, departure: date, stay: int | None) -> None:
    wanted = SearchQuery(
        origin=pair[0].to_place("en"),
        destination=pair[1].to_place("en"),
        departure_date=departure,
        return_date=departure + timedelta(days=stay) if stay is not None else None,
    )
    offers = await search(wanted)
    check(wanted, offers)
    assert len(offers) <= MOST
    far = distance_km(port(wanted.origin.airports[0]), port(wanted.destination.airports[0])) > 400
    if far and stay is None:
        assert len(offers) >= FEWEST - 2


@pytest.mark.parametrize(
    ("origin", "destination", "departure"),
    [
        ("Madrid", "New York", date(2027, 3, 13)),  # the clocks of one end change in the night
        ("London", "Sydney", date(2027, 3, 27)),
        ("Tokyo", "Los Angeles", date(2026, 12, 31)),  # arrives before it leaves
        ("Auckland", "Honolulu", date(2026, 12, 5)),
        ("Santiago de Chile", "Madrid", date(2027, 4, 3)),
        ("Lisbon", "Funchal", date(2027, 3, 28)),
    ],
)
async def test_clock_changes_and_the_date_line(origin: str, destination: str, departure: date) -> None:
    wanted = query(origin, destination, departure)
    offers = await search(wanted)
    assert offers
    check(wanted, offers)


async def test_eastward_over_the_date_line_arrives_the_day_before() -> None:
    offers = await search(query("Tokyo", "Honolulu", date(2026, 12, 5)))
    direct = [offer.slices[0] for offer in offers if offer.slices[0].stops == 0]
    assert direct
    assert any(part.arrives_at.date() <= part.departs_at.date() for part in direct)


async def test_the_same_question_has_the_same_answer() -> None:
    wanted = query("Madrid", "Berlin")
    assert await search(wanted) == await search(wanted)


async def test_every_offer_says_what_is_typical_for_its_journey_whichever_way_it_flies() -> None:
    offers = await search(query("Madrid", "Berlin"))
    assert len({offer.typical_emissions_kg for offer in offers}) == 1
    for offer in offers:
        assert offer.emissions_kg is not None
        assert offer.typical_emissions_kg is not None
        assert 0.8 < offer.emissions_kg / offer.typical_emissions_kg < (1.0 if not offer.slices[0].stops else 3.0)


async def test_a_popular_route_is_varied() -> None:
    offers = await search(query("Madrid", "Berlin"))
    assert FEWEST <= len(offers) <= MOST
    assert len({offer.carrier.code for offer in offers}) >= 3
    assert {"IB", "FR", "UX"} & {offer.carrier.code for offer in offers}
    assert len({offer.total.amount for offer in offers}) >= 6
    assert {offer.slices[0].stops for offer in offers} >= {0}
    assert [offer.total.decimal for offer in offers] == sorted(offer.total.decimal for offer in offers)
    minutes = [offer.slices[0].duration_minutes for offer in offers if not offer.slices[0].stops]
    assert all(140 <= minute <= 200 for minute in minutes)


async def test_carriers_belong_to_the_route() -> None:
    homes = {line.code: line for line in airlines()}
    for offer in await search(query("Paris", "Tokyo")):
        line = homes[offer.carrier.code]
        touched = {place for s in offer.slices[0].segments for place in (s.origin.code, s.destination.code)}
        assert touched & line.hubs


async def test_prices_follow_cabin_party_distance_and_days_left() -> None:
    def cheapest(offers: tuple[Offer, ...]) -> float:
        return min(float(offer.total.amount) for offer in offers)

    base = cheapest(await search(query("Madrid", "Berlin")))
    assert cheapest(await search(query("Madrid", "Berlin", adults=2))) == pytest.approx(2 * base, abs=0.02)
    assert cheapest(await search(query("Madrid", "Berlin", cabin=Cabin.BUSINESS))) > 2 * base
    assert cheapest(await search(query("Madrid", "Tokyo"))) > 2 * base
    departure = date(2026, 12, 4)
    late = await search(query("Madrid", "Berlin"), datetime(2026, 12, 3, tzinfo=UTC))
    early = await search(query("Madrid", "Berlin", departure), datetime(2026, 8, 1, tzinfo=UTC))
    assert cheapest(late) > 1.5 * cheapest(early)


async def test_currencies_have_their_own_digits() -> None:
    yen = await search(query("Madrid", "Berlin", currency="JPY"))
    euro = await search(query("Madrid", "Berlin", currency="EUR"))
    assert all("." not in offer.total.amount for offer in yen)
    assert all(len(offer.total.amount.split(".")[1]) == 2 for offer in euro)
    assert yen[0].total.decimal > 100 * euro[0].total.decimal
    assert "USD" in currencies()


async def test_a_currency_without_a_rate_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput) as caught:
        await search(query("Madrid", "Berlin", currency="XTS"))
    assert caught.value.errors[0].field == "currency"


async def test_stops_can_be_limited() -> None:
    for most in (0, 1):
        offers = await search(query("Madrid", "Tokyo", max_stops=most))
        assert all(offer.slices[0].stops <= most for offer in offers)
    assert any(offer.slices[0].stops == 1 for offer in await search(query("Madrid", "Sydney")))


async def test_neighbours_have_no_flights_and_that_is_an_answer() -> None:
    assert await search(query("NRT", "HND")) == ()


async def test_no_return_before_arriving() -> None:
    assert await search(query("London", "Sydney", return_date=date(2026, 12, 4))) == ()


def test_the_carrier_table() -> None:
    lines = airlines()
    assert len(lines) >= 120
    assert len({line.code for line in lines}) == len(lines)
    for line in lines:
        assert line.kind in {"network", "medium", "regional", "low_cost", "leisure"}
        assert line.far_hubs <= line.hubs
        assert all(hub in AIRPORTS for hub in line.hubs), line


def test_block_times_are_like_real_ones() -> None:
    for start, end, low, high in (("MAD", "BER", 150, 190), ("JFK", "LHR", 390, 450), ("LHR", "JFK", 430, 500)):
        assert low <= block_minutes(port(start), port(end)) <= high


async def test_a_slow_source_can_be_had_for_tests() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await SampleFares(delay=5).search(query("Madrid", "Berlin"), 5.0, Progress())


@pytest.mark.parametrize(("origin", "destination"), [("Madrid", "Berlin"), ("London", "New York")])
async def test_a_flight_number_is_one_departure_of_a_route_and_day(origin: str, destination: str) -> None:
    for day in range(30):
        offers = await search(query(origin, destination, date(2026, 12, 1) + timedelta(days=day)))
        times: dict[tuple[str, str, str, date], set[datetime]] = {}
        for segment in (segment for offer in offers for part in offer.slices for segment in part.segments):
            leaves = segment.departs_at
            flight = (segment.flight_number, segment.origin.code, segment.destination.code, leaves.date())
            times.setdefault(flight, set()).add(leaves)
        assert times
        assert [flight for flight, departures in times.items() if len(departures) > 1] == []
