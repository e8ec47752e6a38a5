"""After a search: check again, compare, share, calendar, status; through the API with the sample source."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from credentials import agent
from fare_search import DAY, GOOD

from contracts.flights import Offer, SearchResult
from contracts.trips import Comparison, FlightStatus, OfferCheck, Outcome, PriceCalendar, SharedTrip


@pytest.fixture
async def found(api: Any) -> SearchResult:
    answer = await api.http.get("/v1/flights/search", params=GOOD)
    return SearchResult.model_validate_json(answer.content)


async def check(api: Any, found: SearchResult, offer: Offer) -> OfferCheck:
    body = {"search_id": found.search_id, "offer_id": offer.id, "language": "es"}
    answer = await api.http.post("/v1/flights/offers/check", json=body)
    assert answer.status_code == 200, answer.text
    return OfferCheck.model_validate_json(answer.content)


async def test_an_offer_that_is_still_sold_says_so_and_one_that_moved_says_from_what_to_what(api: Any) -> None:
    outcomes: dict[Outcome, OfferCheck] = {}
    for day in range(6):
        params = GOOD | {"departure_date": (DAY + timedelta(days=day)).isoformat()}
        found = SearchResult.model_validate_json((await api.http.get("/v1/flights/search", params=params)).content)
        for offer in found.offers:
            told = await check(api, found, offer)
            assert told.before == offer.total
            outcomes[told.outcome] = told
    assert set(outcomes) == set(Outcome)
    changed, same, gone = outcomes[Outcome.CHANGED].offer, outcomes[Outcome.SAME], outcomes[Outcome.GONE]
    assert changed is not None
    assert changed.total != outcomes[Outcome.CHANGED].before
    assert same.offer is not None
    assert same.offer.total == same.before
    assert gone.offer is None
    assert changed.slices[0].segments[-1].destination.city == "Berlín"


async def test_what_was_checked_is_what_is_compared_afterwards(api: Any, found: SearchResult) -> None:
    checked = [await check(api, found, offer) for offer in found.offers]
    moved = next(one for one in checked if one.outcome is Outcome.CHANGED and one.offer)
    other = next(one for one in checked if one.outcome is Outcome.SAME and one.offer)
    ids = [moved.offer.id, other.offer.id]  # type: ignore[union-attr]
    answer = await api.http.post("/v1/flights/compare", json={"search_id": found.search_id, "offer_ids": ids})
    told = Comparison.model_validate_json(answer.content)
    price = next(fact for fact in told.facts if fact.fact == "price")
    assert price.values[0] == moved.offer.total.amount  # type: ignore[union-attr]
    assert price.best == ((0,) if Decimal(price.values[0] or 0) < Decimal(price.values[1] or 0) else (1,))


async def test_offers_differ_in_facts_and_share_the_others(api: Any, found: SearchResult) -> None:
    ids = [offer.id for offer in found.offers[:3]]
    told = Comparison.model_validate_json(
        (await api.http.post("/v1/flights/compare", json={"search_id": found.search_id, "offer_ids": ids})).content
    )
    assert [offer.id for offer in told.offers] == ids
    assert {fact.fact for fact in told.facts} & set(told.same) == set()
    assert all(len(fact.values) == 3 and len(set(fact.values)) > 1 for fact in told.facts)
    assert "cabin" in told.same


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ({"search_id": "unknown-search", "offer_ids": ["a", "b"]}, 404, "/problems/not-found"),
        ({"offer_ids": ["sample_x", "sample_y"]}, 404, "/problems/not-found"),
        ({"offer_ids": ["only-one"]}, 422, "/problems/invalid-input"),
        ({"offer_ids": list("abcde")}, 422, "/problems/invalid-input"),
    ],
)
async def test_what_is_not_there_cannot_be_compared(
    api: Any, found: SearchResult, body: dict[str, Any], status: int, problem: str
) -> None:
    answer = await api.http.post("/v1/flights/compare", json={"search_id": found.search_id} | body)
    assert (answer.status_code, answer.json()["type"]) == (status, problem)


async def test_the_same_offer_twice_is_no_comparison(api: Any, found: SearchResult) -> None:
    ids = [found.offers[0].id] * 2
    answer = await api.http.post("/v1/flights/compare", json={"search_id": found.search_id, "offer_ids": ids})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "offer_ids"


async def test_a_link_shows_one_offer_to_whoever_has_it(api: Any, found: SearchResult) -> None:
    wanted = {"search_id": found.search_id, "offer_id": found.offers[1].id}
    made = await api.http.post("/v1/flights/shares", json=wanted)
    assert made.status_code == 201
    shared = SharedTrip.model_validate_json(made.content)
    assert shared.url == f"http://api/?trip={shared.id}"
    seen = SharedTrip.model_validate_json((await api.http.get(f"/v1/flights/shares/{shared.id}")).content)
    assert [offer.id for offer in seen.search.offers] == [wanted["offer_id"]]
    assert seen.expires_at.date() <= DAY + timedelta(days=2)
    missing = await api.http.get("/v1/flights/shares/" + "x" * 22)
    assert missing.status_code == 404


async def test_who_opens_a_link_reads_it_in_their_own_language(api: Any) -> None:
    """Places are named anew; what was found, and at which price, stays as it was."""
    params = GOOD | {"language": "de", "currency": "EUR"}
    found = SearchResult.model_validate_json((await api.http.get("/v1/flights/search", params=params)).content)
    wanted = {"search_id": found.search_id, "offer_id": found.offers[0].id}
    shared = (await api.http.post("/v1/flights/shares", json=wanted)).json()

    async def opened(**asked: str) -> SearchResult:
        answer = await api.http.get(f"/v1/flights/shares/{shared['id']}", params=asked)
        return SharedTrip.model_validate_json(answer.content).search

    ours, theirs = await opened(), await opened(language="ja-JP")
    assert (ours.query.destination.name, theirs.query.destination.name) == ("Berlin", "ベルリン")
    assert theirs.query.destination.area != ours.query.destination.area
    assert theirs.offers[0].slices[0].segments[0].origin.city == "マドリード"
    assert (theirs.query.destination.code, theirs.offers[0].total) == (
        ours.query.destination.code,
        ours.offers[0].total,
    )
    assert (await opened(language="xx")).query.destination.name == "Berlin", "a language that nobody speaks is English"


async def test_what_has_left_is_sold_by_nobody(api: Any, found: SearchResult) -> None:
    """Whoever opens the link on the day after the departure."""
    offer = found.offers[0]
    wanted = {"search_id": found.search_id, "offer_id": offer.id}
    shared = (await api.http.post("/v1/flights/shares", json=wanted)).json()
    with time_machine.travel(offer.slices[0].departs_at + timedelta(hours=1)):
        assert (await api.http.get(f"/v1/flights/shares/{shared['id']}")).status_code == 200
        told = await check(api, found, offer)
    assert (told.outcome, told.offer, told.before) == (Outcome.GONE, None, offer.total)


async def test_who_opens_a_link_takes_no_offers_from_who_shared_it(api: Any, found: SearchResult) -> None:
    wanted = {"search_id": found.search_id, "offer_id": found.offers[1].id}
    shared = (await api.http.post("/v1/flights/shares", json=wanted)).json()
    assert (await api.http.get(f"/v1/flights/shares/{shared['id']}")).status_code == 200
    asked = {"search_id": found.search_id, "offer_ids": [found.offers[0].id, found.offers[2].id]}
    assert (await api.http.post("/v1/flights/compare", json=asked)).status_code == 200


async def test_a_link_made_in_a_call_is_erased_with_it(api: Any, found: SearchResult) -> None:
    session = (await api.http.post("/v1/sessions")).json()
    wanted = {"search_id": found.search_id, "offer_id": found.offers[0].id}
    headers = {"Authorization": f"Bearer {session['participant_token']}"}
    shared = (await api.http.post("/v1/flights/shares", json=wanted, headers=headers)).json()
    assert (await api.http.get(f"/v1/flights/shares/{shared['id']}")).status_code == 200
    erased = await api.http.post("/v1/privacy/erase", json={"receipt": session["receipt"]})
    assert erased.json()["rows"]["shared_trips"] == 1
    assert (await api.http.get(f"/v1/flights/shares/{shared['id']}")).status_code == 404


async def test_the_cheapest_day_is_the_one_a_search_finds(api: Any) -> None:
    params = {"origin": "MAD", "destination": "BER", "first_date": DAY.isoformat(), "days": 3}
    told = PriceCalendar.model_validate_json((await api.http.get("/v1/flights/calendar", params=params)).content)
    assert [day.date for day in told.days] == [DAY + timedelta(days=number) for number in range(3)]
    assert told.price_kind == "sample"
    best = next(day for day in told.days if day.date == told.cheapest)
    assert best.price is not None
    assert best.price.decimal == min(day.price.decimal for day in told.days if day.price)
    answer = await api.http.get("/v1/flights/search", params=GOOD | {"departure_date": best.date.isoformat()})
    assert SearchResult.model_validate_json(answer.content).offers[0].total == best.price


async def test_a_stay_makes_every_day_a_return(api: Any) -> None:
    params = {"origin": "MAD", "destination": "BER", "first_date": DAY.isoformat(), "days": 2, "stay_nights": 7}
    told = PriceCalendar.model_validate_json((await api.http.get("/v1/flights/calendar", params=params)).content)
    assert [day.return_date for day in told.days] == [day.date + timedelta(days=7) for day in told.days]


async def test_a_flight_that_was_found_has_a_state_and_says_that_it_is_made_up(api: Any, found: SearchResult) -> None:
    segment = found.offers[0].slices[0].segments[0]
    params = {"flight": segment.flight_number, "date": segment.departs_at.date().isoformat()}
    told = FlightStatus.model_validate_json((await api.http.get("/v1/flights/status", params=params)).content)
    assert (told.sample, told.departure.scheduled, told.arrival.airport.code) == (
        True,
        segment.departs_at,
        segment.destination.code,
    )
    assert told.status in {"scheduled", "cancelled"}
    nobody = await api.http.get("/v1/flights/status", params={"flight": "ZZ 1", "date": DAY.isoformat()})
    assert nobody.status_code == 404
    wrong = await api.http.get("/v1/flights/status", params={"flight": "the one to Rome", "date": DAY.isoformat()})
    assert wrong.status_code == 422


@pytest.fixture
async def without(start: Any) -> AsyncIterator[Any]:
    async with start(fare_sources="duffel", fare_values={"DUFFEL_API_TOKEN": "duffel_live_x"}) as running:
        yield running


async def test_without_a_source_for_it_that_is_said(without: Any) -> None:
    params = {"origin": "MAD", "destination": "BER", "first_date": DAY.isoformat()}
    calendar = await without.http.get("/v1/flights/calendar", params=params)
    status = await without.http.get("/v1/flights/status", params={"flight": "IB1", "date": DAY.isoformat()})
    assert [answer.status_code for answer in (calendar, status)] == [404, 404]
    assert "calendar" in calendar.json()["detail"]
    assert "status" in status.json()["detail"]


async def test_strangers_ask_only_where_the_deployment_takes_them(start: Any) -> None:
    async with start(public=False) as api:
        body = {"search_id": "some-search", "offer_id": "some-offer"}
        for path in ("/v1/flights/offers/check", "/v1/flights/shares"):
            assert (await api.http.post(path, json=body)).status_code == 401
        mine = await api.http.post("/v1/flights/shares", json=body, headers=agent("polyglot-room"))
        assert mine.status_code == 404, "who is in a call may"
