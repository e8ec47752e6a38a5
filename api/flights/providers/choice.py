"""A useful few of the thousands of offers that a source may have."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Final, Generic, TypeVar

from contracts.flights import Offer

MOST: Final = 50
NONSTOP_KEPT: Final = 10
FASTEST_KEPT: Final = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """An offer as the source gave it, with what it is chosen by."""

    raw: T
    flights: tuple[str, ...]
    """Flight numbers with their days: what a traveller would call the same flights."""
    brand: str
    amount: Decimal
    currency: str
    minutes: float
    """Of all slices together; infinite when the source does not say."""
    stops: int


def one_currency(currencies: Iterable[str], wished: str) -> str:
    """The currency of an answer: the wished one if there is any offer in it, else the most frequent one.

    Amounts in different currencies cannot be compared, and an answer says which offer is the cheapest.
    """
    counts = Counter(currencies)
    if not counts or wished in counts:
        return wished
    return min(counts, key=lambda code: (-counts[code], code))


def choose(
    candidates: Iterable[Candidate[T]], wished: str, make: Callable[[T], Offer | None], most: int = MOST
) -> tuple[Offer, ...]:
    """At most `most` offers in one currency, each flights and fare brand once at its lowest price.

    Non-stop and fast ones are kept beside the cheap ones, and other flights before other brands of the same flights.
    `make` turns a candidate into an offer, or into None when it cannot; only what may be kept is made.
    """
    everything = list(candidates)
    currency = one_currency((one.currency for one in everything), wished)
    best: dict[tuple[tuple[str, ...], str], Candidate[T]] = {}
    cheapest = sorted((one for one in everything if one.currency == currency), key=_price)
    for one in cheapest:
        best.setdefault((one.flights, one.brand), one)
    firsts: dict[tuple[str, ...], Candidate[T]] = {}
    for one in best.values():
        firsts.setdefault(one.flights, one)
    kept: list[Offer] = []
    tried: set[int] = set()
    for one in chain(
        [one for one in firsts.values() if one.stops == 0][:NONSTOP_KEPT],
        sorted(firsts.values(), key=lambda one: (one.minutes, *_price(one)))[:FASTEST_KEPT],
        sorted(best.values(), key=lambda one: (firsts[one.flights] is not one, *_price(one))),
    ):
        if len(kept) == most:
            break
        if id(one) in tried:
            continue
        tried.add(id(one))
        offer = make(one.raw)
        if offer is not None:
            kept.append(offer)
    return tuple(kept)


def _price(one: Candidate[T]) -> tuple[Decimal, float, int]:
    return (one.amount, one.minutes, one.stops)
