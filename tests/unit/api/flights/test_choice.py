"""Thousands of offers become a useful few, in one currency."""

from dataclasses import replace
from decimal import Decimal

import pytest

from api.flights.filters import Facts
from api.flights.providers.choice import MOST, Candidate, choose, one_currency
from contracts.flights import Filters, Offer, Tristate


def candidate(
    number: int, amount: str, *, brand: str = "", currency: str = "EUR", minutes: float = 300, stops: int = 1
) -> Candidate[str]:
    name = f"{number}/{brand}/{amount}"
    return Candidate(name, (f"BA{number} 2026-12-04",), brand, Decimal(amount), currency, minutes, stops)


def names(
    *candidates: Candidate[str], wished: str = "EUR", unreadable: tuple[str, ...] = (), most: int = MOST
) -> list[str]:
    made: list[str] = []

    def make(raw: str) -> Offer | None:
        if raw in unreadable:
            return None
        made.append(raw)
        return Offer.model_construct(id=raw)

    assert [offer.id for offer in choose(candidates, wished, make, most).offers] == made
    return made


def test_each_flight_and_brand_is_kept_once_at_its_lowest_price() -> None:
    dear, cheap, flex = candidate(1, "90.00"), candidate(1, "80.00"), candidate(1, "120.00", brand="Flex")
    assert sorted(names(dear, cheap, flex)) == ["1//80.00", "1/Flex/120.00"]


def test_no_more_than_can_be_used_is_made() -> None:
    assert len(names(*(candidate(number, f"{number}.00") for number in range(1, 5001)))) == MOST


def test_fast_and_nonstop_ones_stay_beside_the_cheap() -> None:
    cheap = [candidate(number, f"{number}.00") for number in range(1, 101)]
    kept = names(*cheap, candidate(200, "999.00", stops=0), candidate(201, "998.00", minutes=90))
    assert {"200//999.00", "201//998.00"} <= set(kept)
    assert {f"{number}//{number}.00" for number in range(1, 30)} <= set(kept)


def test_other_flights_come_before_other_brands_of_the_same() -> None:
    brands = [candidate(1, f"{amount}.00", brand=f"B{amount}") for amount in range(10, 30)]
    kept = names(*brands, candidate(2, "500.00"), most=2)
    assert sorted(kept) == ["1/B10/10.00", "2//500.00"]


def test_what_cannot_be_made_gives_its_place_to_another() -> None:
    some = [candidate(number, f"{number}.00") for number in range(1, 4)]
    assert sorted(names(*some, unreadable=("1//1.00",), most=2)) == ["2//2.00", "3//3.00"]


def test_amounts_of_two_currencies_are_never_compared() -> None:
    euros, pounds = candidate(1, "90.00"), [candidate(number, f"{number}.00", currency="GBP") for number in (2, 3)]
    assert names(euros, *pounds) == ["1//90.00"]
    assert sorted(names(euros, *pounds, wished="USD")) == ["2//2.00", "3//3.00"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "EUR"),
        (["GBP"], "GBP"),
        (["GBP", "GBP", "EUR"], "EUR"),
        (["USD", "GBP"], "GBP"),
        (["USD"] * 2 + ["GBP"], "USD"),
    ],
)
def test_the_wished_currency_wins_then_the_most_frequent(found: list[str], expected: str) -> None:
    assert one_currency(found, "EUR") == expected


def of_airline(number: int, airline: str) -> Candidate[str]:
    facts = Facts(airline, frozenset({airline}), "09:00", "11:00", None, Tristate.UNKNOWN, Decimal(number))
    return replace(candidate(number, f"{number}.00"), facts=facts)


def test_what_was_asked_for_is_not_among_those_left_out() -> None:
    many = [*(of_airline(number, "FR") for number in range(1, 2000)), of_airline(5000, "IB")]
    wanted = choose(many, "EUR", lambda raw: Offer.model_construct(id=raw), filters=Filters(airlines=("IB",)))
    assert ([offer.id for offer in wanted.offers], wanted.cut) == (["5000//5000.00"], True)
    anything = choose(many, "EUR", lambda raw: Offer.model_construct(id=raw))
    assert (len(anything.offers), anything.cut) == (MOST, True)


def test_a_short_list_is_whole_whatever_is_asked_for() -> None:
    few = [of_airline(number, "FR") for number in range(1, 6)]
    found = choose(few, "EUR", lambda raw: Offer.model_construct(id=raw), filters=Filters(airlines=("IB",)))
    assert (len(found.offers), found.cut) == (5, False)
