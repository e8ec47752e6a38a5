"""What offers must keep to, whichever source they are of; what nobody says is told, never dropped in silence."""

from collections.abc import Iterable
from decimal import Decimal

from contracts.flights import Filters, Offer, Tristate, Wish


def keep(offers: Iterable[Offer], filters: Filters) -> tuple[list[Offer], tuple[Wish, ...]]:
    """The offers that keep to the filters, or may, and the wishes that some of them leave open.

    An offer that says it has no bags is left out when bags are wanted; one that does not say is kept, after those that
    do, and the wish is told as open.
    """
    fitting = [offer for offer in offers if _fits(offer, filters)]
    unkept: list[Wish] = []
    for wish, certain in ((Wish.BAGS, _has_bags), (Wish.REFUNDABLE, _is_refundable)):
        if _wanted(wish, filters) and any(not certain(offer, filters) for offer in fitting):
            unkept.append(wish)
    fitting.sort(key=lambda offer: sum(not sure(offer, filters) for sure in (_has_bags, _is_refundable)))
    return fitting, tuple(unkept)


def _wanted(wish: Wish, filters: Filters) -> bool:
    return bool(filters.checked_bags) if wish is Wish.BAGS else filters.refundable


def _has_bags(offer: Offer, filters: Filters) -> bool:
    return not filters.checked_bags or (offer.bags.checked or 0) >= filters.checked_bags


def _is_refundable(offer: Offer, filters: Filters) -> bool:
    return not filters.refundable or offer.refundable is Tristate.YES


def _fits(offer: Offer, filters: Filters) -> bool:
    carriers = {segment.carrier.code for part in offer.slices for segment in part.segments} | {offer.carrier.code}
    first = offer.slices[0]
    leaves, lands = f"{first.departs_at:%H:%M}", f"{first.arrives_at:%H:%M}"
    return all((
        not filters.checked_bags or offer.bags.checked is None or offer.bags.checked >= filters.checked_bags,
        not filters.refundable or offer.refundable is not Tristate.NO,
        not filters.airlines or carriers <= set(filters.airlines) or offer.carrier.code in filters.airlines,
        not carriers & set(filters.without_airlines),
        filters.depart_from is None or leaves >= filters.depart_from,
        filters.depart_until is None or leaves <= filters.depart_until,
        filters.arrive_until is None or lands <= filters.arrive_until,
        filters.max_price is None or offer.total.decimal <= Decimal(filters.max_price),
    ))  # fmt: skip
