"""Offers side by side: the facts in which they differ, as data, and which of them are best."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from contracts.flights import Offer, Tristate
from contracts.trips import ComparedFact, Fact

_YES: Final = {Tristate.YES: "yes", Tristate.NO: "no", Tristate.UNKNOWN: None}


def _maybe(value: int | None) -> str | None:
    return None if value is None else str(value)


_VALUES: Final[dict[Fact, Callable[[Offer], str | None]]] = {
    Fact.PRICE: lambda offer: offer.total.amount,
    Fact.DURATION: lambda offer: str(sum(part.duration_minutes for part in offer.slices)),
    Fact.STOPS: lambda offer: str(sum(part.stops for part in offer.slices)),
    Fact.DEPARTURE: lambda offer: offer.slices[0].departs_at.isoformat(),
    Fact.ARRIVAL: lambda offer: offer.slices[0].arrives_at.isoformat(),
    Fact.AIRLINE: lambda offer: offer.carrier.name,
    Fact.AIRPORTS: lambda offer: " ".join(
        f"{part.segments[0].origin.code}-{part.segments[-1].destination.code}" for part in offer.slices
    ),
    Fact.CHECKED_BAGS: lambda offer: _maybe(offer.bags.checked),
    Fact.CARRY_ON: lambda offer: _maybe(offer.bags.carry_on),
    Fact.REFUNDABLE: lambda offer: _YES[offer.refundable],
    Fact.CHANGEABLE: lambda offer: _YES[offer.changeable],
    Fact.CABIN: lambda offer: offer.cabin.value,
    Fact.FARE_BRAND: lambda offer: offer.fare_brand,
    Fact.EMISSIONS: lambda offer: _maybe(offer.emissions_kg),
}
_LOWEST: Final = frozenset({Fact.PRICE, Fact.DURATION, Fact.STOPS, Fact.EMISSIONS})
_HIGHEST: Final = frozenset({Fact.CHECKED_BAGS, Fact.CARRY_ON})
_ALLOWED: Final = frozenset({Fact.REFUNDABLE, Fact.CHANGEABLE})


def differences(offers: Sequence[Offer]) -> tuple[tuple[ComparedFact, ...], tuple[Fact, ...]]:
    """Facts in which the offers differ, and those that are the same for all."""
    facts: list[ComparedFact] = []
    same: list[Fact] = []
    for fact, value_of in _VALUES.items():
        values = tuple(value_of(offer) for offer in offers)
        if len(set(values)) == 1:
            same.append(fact)
        else:
            facts.append(ComparedFact(fact=fact, values=values, best=_best(fact, values)))
    return tuple(facts), tuple(same)


def _best(fact: Fact, values: tuple[str | None, ...]) -> tuple[int, ...]:
    """Positions of the best values; one that is not known is neither better nor worse."""
    if fact in _ALLOWED:
        wanted = "yes"
    elif fact in _LOWEST | _HIGHEST:
        known = [Decimal(value) for value in values if value is not None]
        wanted = str((min if fact in _LOWEST else max)(known))
    else:
        return ()
    return tuple(number for number, value in enumerate(values) if value is not None and _equal(value, wanted))


def _equal(one: str, other: str) -> bool:
    return one == other or (
        one.replace(".", "").isdigit() and other.replace(".", "").isdigit() and Decimal(one) == Decimal(other)
    )
