"""What offers must keep to, whichever source they are of; what nobody says is told, never dropped in silence."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from contracts.flights import Filters, Offer, Tristate, Wish


def keep(
    offers: Iterable[Offer], filters: Filters, *, same_currency: bool = True
) -> tuple[list[Offer], tuple[Wish, ...]]:
    """The offers that keep to the filters, or may, and the wishes that some of them leave open.

    Where the prices came in another currency, a highest price says nothing of them, and is told as open.

    An offer that says it has no bags is left out when bags are wanted; one that does not say is kept, after those that
    do, and the wish is told as open.
    """
    kept = filters if same_currency else without_price(filters)
    fitting = [offer for offer in offers if _fits(offer, kept)]
    unkept: list[Wish] = [Wish.PRICE] if fitting and kept != filters else []
    for wish, certain in ((Wish.BAGS, _has_bags), (Wish.REFUNDABLE, _is_refundable)):
        if _wanted(wish, filters) and any(not certain(offer, filters) for offer in fitting):
            unkept.append(wish)
    fitting.sort(key=lambda offer: sum(not sure(offer, filters) for sure in (_has_bags, _is_refundable)))
    return fitting, tuple(unkept)


def without_price(filters: Filters) -> Filters:
    """The same without a highest price."""
    return filters.model_copy(update={"max_price": None})


def _wanted(wish: Wish, filters: Filters) -> bool:
    return bool(filters.checked_bags) if wish is Wish.BAGS else filters.refundable


def _has_bags(offer: Offer, filters: Filters) -> bool:
    return not filters.checked_bags or (offer.bags.checked or 0) >= filters.checked_bags


def _is_refundable(offer: Offer, filters: Filters) -> bool:
    return not filters.refundable or offer.refundable is Tristate.YES


def _fits(offer: Offer, filters: Filters) -> bool:
    return fits(facts_of(offer), filters)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a filter looks at, of an offer or of what a source sent for one."""

    seller: str
    airlines: frozenset[str]
    """Codes of those that fly or sell it."""
    leaves: str
    """HH:MM on the clock there, of the first leg, as is `lands`."""
    lands: str
    bags: int | None
    refundable: Tristate
    amount: Decimal


def facts_of(offer: Offer) -> Facts:
    """Of an offer."""
    first = offer.slices[0]
    return Facts(
        seller=offer.carrier.code,
        airlines=frozenset({segment.carrier.code for part in offer.slices for segment in part.segments})
        | {offer.carrier.code},
        leaves=f"{first.departs_at:%H:%M}",
        lands=f"{first.arrives_at:%H:%M}",
        bags=offer.bags.checked,
        refundable=offer.refundable,
        amount=offer.total.decimal,
    )


def fits(facts: Facts, filters: Filters) -> bool:
    """Whether they keep to the filters, or may."""
    return all((
        not filters.checked_bags or facts.bags is None or facts.bags >= filters.checked_bags,
        not filters.refundable or facts.refundable is not Tristate.NO,
        not filters.airlines or facts.airlines <= set(filters.airlines) or facts.seller in filters.airlines,
        not facts.airlines & set(filters.without_airlines),
        filters.depart_from is None or facts.leaves >= filters.depart_from,
        filters.depart_until is None or facts.leaves <= filters.depart_until,
        filters.arrive_from is None or facts.lands >= filters.arrive_from,
        filters.arrive_until is None or facts.lands <= filters.arrive_until,
        filters.max_price is None or facts.amount <= Decimal(filters.max_price),
    ))  # fmt: skip
