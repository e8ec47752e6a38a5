from datetime import UTC, date, datetime
from typing import Any

import pytest

from api.flights.filters import keep
from api.flights.providers.base import Progress
from api.flights.providers.sample.source import SampleFares
from contracts.flights import Bags, Filters, Offer, SearchQuery, Tristate, Wish
from contracts.places import resolve

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def offers() -> tuple[Offer, ...]:
    places = [resolve(code).place for code in ("MAD", "LON")]
    assert places[0]
    assert places[1]
    query = SearchQuery(
        origin=places[0].to_place("en"), destination=places[1].to_place("en"), departure_date=date(2026, 12, 3)
    )
    return await SampleFares(now=lambda: NOW).search(query, 1, Progress())


def changed(offer: Offer, **changes: Any) -> Offer:
    return offer.model_copy(update=changes)


async def test_without_filters_nothing_changes(offers: tuple[Offer, ...]) -> None:
    assert keep(offers, Filters()) == (list(offers), ())


async def test_bags_that_are_not_known_stay_last_and_are_told(offers: tuple[Offer, ...]) -> None:
    none, unknown, one = (
        changed(offer, bags=Bags(checked=count)) for offer, count in zip(offers[:3], (0, None, 1), strict=True)
    )
    assert keep((none, unknown, one), Filters(checked_bags=1)) == ([one, unknown], (Wish.BAGS,))
    assert keep((none, one), Filters(checked_bags=1)) == ([one], ())


async def test_refunds_that_are_not_known_are_told(offers: tuple[Offer, ...]) -> None:
    no, open_, yes = (
        changed(offer, refundable=answer)
        for offer, answer in zip(offers[:3], (Tristate.NO, Tristate.UNKNOWN, Tristate.YES), strict=True)
    )
    assert keep((no, open_, yes), Filters(refundable=True)) == ([yes, open_], (Wish.REFUNDABLE,))


async def test_airlines_in_and_out_times_and_price(offers: tuple[Offer, ...]) -> None:
    code = offers[0].carrier.code
    assert {offer.carrier.code for offer in keep(offers, Filters(airlines=(code,)))[0]} == {code}
    assert code not in {offer.carrier.code for offer in keep(offers, Filters(without_airlines=(code,)))[0]}
    morning = keep(offers, Filters(depart_from="06:00", depart_until="11:59"))[0]
    assert morning
    assert all(6 <= offer.slices[0].departs_at.hour < 12 for offer in morning)
    cheapest = min(offers, key=lambda offer: offer.total.decimal)
    assert {offer.total for offer in keep(offers, Filters(max_price=cheapest.total.amount))[0]} == {cheapest.total}
    assert keep(offers, Filters(arrive_until="00:00"))[0] == []


async def test_an_earliest_arrival_is_kept_to(offers: tuple[Offer, ...]) -> None:
    late = keep(offers, Filters(arrive_from="15:00"))[0]
    assert late
    assert all(offer.slices[0].arrives_at.hour >= 15 for offer in late)
    assert len(late) < len(offers)


async def test_a_highest_price_in_another_currency_is_told_and_not_compared(offers: tuple[Offer, ...]) -> None:
    wished = Filters(max_price="1.00", without_airlines=(offers[0].carrier.code,))
    assert keep(offers, wished) == ([], ())
    kept, unkept = keep(offers, wished, same_currency=False)
    assert unkept == (Wish.PRICE,)
    assert 0 < len(kept) < len(offers)
