"""A useful few of the thousands of offers that a source may have."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Final, Generic, TypeVar

from api.flights.filters import Facts, fits, without_price
from contracts.flights import Filters, Offer

MOST: Final = 50
NONSTOP_KEPT: Final = 10
FASTEST_KEPT: Final = 10

NO_FILTERS: Final = Filters()

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
    facts: Facts | None = None
    """What filters look at; None: nobody can say."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The useful few."""

    offers: tuple[Offer, ...]
    cut: bool
    """There were more, so that other filters would have chosen others."""


def one_currency(currencies: Iterable[str], wished: str) -> str:
    """The currency of an answer: the wished one if there is any offer in it, else the most frequent one.

    Amounts in different currencies cannot be compared, and an answer says which offer is the cheapest.
    """
    counts = Counter(currencies)
    if not counts or wished in counts:
        return wished
    return min(counts, key=lambda code: (-counts[code], code))


def choose(
    candidates: Iterable[Candidate[T]],
    wished: str,
    make: Callable[[T], Offer | None],
    most: int = MOST,
    filters: Filters = NO_FILTERS,
) -> Chosen:
    """At most `most` offers in one currency, each flights and fare brand once at its lowest price.

    Non-stop and fast ones are kept beside the cheap ones, and other flights before other brands of the same flights.
    `make` turns a candidate into an offer, or into None when it cannot; only what may be kept is made. Where there are more,
    those that do not keep to `filters` go first, so that what was asked for is not among those left out.
    """
    everything = list(candidates)
    currency = one_currency((one.currency for one in everything), wished)
    best: dict[tuple[tuple[str, ...], str], Candidate[T]] = {}
    cheapest = sorted((one for one in everything if one.currency == currency), key=_price)
    for one in cheapest:
        best.setdefault((one.flights, one.brand), one)
    cut = len(best) > most
    filters = filters if currency == wished else without_price(filters)
    if cut and filters != NO_FILTERS:
        best = {key: one for key, one in best.items() if one.facts is None or fits(one.facts, filters)}
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
    return Chosen(tuple(kept), cut)


def _price(one: Candidate[T]) -> tuple[Decimal, float, int]:
    return (one.amount, one.minutes, one.stops)
