"""Flights that contradict themselves cannot be built."""

from datetime import timedelta

import pytest
from pydantic import ValidationError
from samples import offer, result

from contracts.flights import Money, Segment
from contracts.tools import brief


def test_a_duration_that_disagrees_with_the_times_is_refused() -> None:
    good = offer("80.00").slices[0].segments[0]
    with pytest.raises(ValidationError, match="duration_minutes"):
        Segment.model_validate({**good.model_dump(), "duration_minutes": good.duration_minutes + 1})


def test_a_time_without_its_offset_is_refused() -> None:
    good = offer("80.00").slices[0].segments[0]
    with pytest.raises(ValidationError, match="timezone"):
        Segment.model_validate({**good.model_dump(), "departs_at": good.departs_at.replace(tzinfo=None)})


def test_an_answer_has_one_currency() -> None:
    assert result(offer("80.00")).query.currency == "EUR"
    with pytest.raises(ValidationError, match="offers are in GBP"):
        result(offer("80.00"), offer("70.00", currency="GBP"))


@pytest.mark.parametrize("amount", ["-1", "1,50", "1.2345", "", "1e3", "NaN"])
def test_money_is_a_plain_decimal(amount: str) -> None:
    with pytest.raises(ValidationError):
        Money(amount=amount, currency="EUR")


def test_a_brief_says_what_the_offer_says() -> None:
    full = offer("80.00", stops=1)
    short = brief(full, 3)
    leg = full.slices[0]
    assert (short.number, short.price, short.stops, short.via) == (3, "80.00", 1, ("City of FRA",))
    assert short.departs == leg.departs_at.strftime("%Y-%m-%dT%H:%M")
    assert leg.arrives_at - leg.departs_at == timedelta(minutes=short.duration_minutes)
