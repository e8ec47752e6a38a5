"""What the user sees: the last search, the view of it, and the card that is being talked about."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from contracts.airlines import code_of
from contracts.flights import Offer, Place, PriceKind, SearchResult, Slice, SortKey
from contracts.languages import normalise
from contracts.problems import InvalidInput
from contracts.room import View
from contracts.screen import Hand, ScreenAction
from contracts.screen import Screen as Shown
from contracts.tools import SPOKEN_OFFERS, OfferReply, OffersReply, PlaceBrief, ToolProblem, brief

PRICE_END = 1_000_000_000
CARDS_MAX = 20
"""Offers sent to the page; a longer list is not read by anyone."""


@dataclass
class Screen:
    """Cards are numbered from 1 in the order of `offers`."""

    result: SearchResult | None = None
    view: View = field(default_factory=View)
    selected: int | None = None
    shown: tuple[int, ...] | None = None
    """Card numbers that the page says it shows; None until it has said so."""

    part_of: str | None = None
    """The search that goes on, where only a part of it is here."""
    version: int = 0
    """Of the API's, which this one follows."""
    country: str | None = None
    """Where the traveller has chosen by form to buy: a country, or `auto`."""

    def follow(self, known: Shown) -> None:
        """What the API has: changed by another hand, or kept from an agent before this one."""
        self.version, self.country = known.version, known.country
        if known.search is None:
            self.result, self.view, self.selected, self.shown = None, View(), None, None
            return
        self.result, self.view, self.shown = known.search, known.view, None
        numbers = {offer.id: number for number, offer in enumerate(self.offers, start=1)}
        self.selected = numbers.get(known.selected or "")

    def changes_from(self, known: Shown, by: Hand) -> list[ScreenAction]:
        """What makes the API's screen this one."""
        if self.result is None:
            return []
        actions: list[ScreenAction] = []
        view, selected = known.view, known.selected
        if known.search != self.result:
            actions.append(ScreenAction(action="show", result=self.result, by=by))
            same = known.search is not None and known.search.search_id == self.result.search_id
            view, selected = (view, selected) if same else (View(), None)
        if view != self.view:
            actions.append(ScreenAction(action="refine", view=self.view, by=by))
            selected = None
        chosen = self.offers[self.selected - 1].id if self.selected and self.selected <= len(self.offers) else None
        if chosen != selected:
            actions.append(ScreenAction(action="select", offer_id=chosen, by=by))
        return actions

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The offers of the view, in its order."""
        return apply_view(self.result.offers, self.view)[:CARDS_MAX] if self.result else ()

    def show(self, result: SearchResult) -> None:
        """A new search replaces what was there."""
        self.result, self.view, self.selected, self.shown = result, View(), None, None

    def more(self, result: SearchResult) -> None:
        """More of a search that is shown already: what was chosen from it stays chosen. Any other is shown."""
        if self.result is None or self.part_of != result.search_id:
            self.show(result)
            self.part_of = result.search_id
            return
        chosen = self.offers[self.selected - 1].id if self.selected else None
        self.result = result
        numbers = {offer.id: number for number, offer in enumerate(self.offers, start=1)}
        self.selected = numbers.get(chosen or "")

    def whole(self, result: SearchResult) -> None:
        """All that a search has found."""
        self.more(result)
        self.part_of = None

    def refine(self, view: View) -> None:
        """Another view of the same search."""
        self.view, self.selected = view, None

    def update(self, offer: Offer, gone: str | None = None) -> None:
        """An offer as it is now, in its place; `gone` is the id of one that is not sold any more."""
        if self.result is None:
            return
        kept = (offer if one.id == offer.id else one for one in self.result.offers if one.id != gone)
        self.result = self.result.model_copy(update={"offers": tuple(kept)})

    def select(self, number: int) -> Offer | None:
        """The card with that number, or None when there is none."""
        offers = self.offers
        if not 1 <= number <= len(offers):
            return None
        self.selected = number
        return offers[number - 1]

    def offers_reply(self) -> OffersReply | ToolProblem:
        """What the model is told about the cards."""
        if self.result is None:
            return ToolProblem(problem="nothing_to_refine", detail="There has been no search in this conversation yet.")
        query, offers = self.result.query, self.offers
        return OffersReply(
            search_id=self.result.search_id,
            sample=self.result.price_kind is PriceKind.SAMPLE,
            indicative=self.result.price_kind.indicative,
            origin=_place(query.origin),
            destination=_place(query.destination),
            namesakes=tuple(f"{place.name}, {place.area or place.country}" for place in self.result.namesakes),
            departure_date=query.departure_date.isoformat(),
            return_date=query.return_date.isoformat() if query.return_date else None,
            legs=tuple(f"{leg.origin.name} – {leg.destination.name}, {leg.date}" for leg in query.legs)
            if query.further
            else (),
            adults=query.adults,
            children=len(query.children),
            infants=query.infants,
            complete=self.result.complete,
            cabin=query.cabin,
            max_stops=query.max_stops,
            filters=query.filters,
            unkept=tuple(wish.value for wish in self.result.unkept),
            total_offers=len(offers),
            offers=tuple(
                brief(offer, number, returning=not query.further)
                for number, offer in enumerate(offers[:SPOKEN_OFFERS], start=1)
            ),
        )

    def offer_reply(self, number: int) -> OfferReply | ToolProblem:
        """What the model is told about one card."""
        offer = self.select(number)
        if offer is None:
            count = len(self.offers)
            return ToolProblem(
                problem="no_such_number",
                field="number",
                detail=f"There is no card {number}; the screen has {count}." if count else "There are no cards.",
            )
        kind = offer.price_kind
        returning = not (self.result and self.result.query.further)
        told = brief(offer, number, returning=returning)
        return OfferReply(sample=kind is PriceKind.SAMPLE, indicative=kind.indicative, offer=told)


def _place(place: Place) -> PlaceBrief:
    return PlaceBrief(code=place.code, name=place.name, area=place.area)


def apply_view(offers: tuple[Offer, ...], view: View) -> tuple[Offer, ...]:
    """The offers that fit the view, in its order; ties by price, then duration, then departure."""
    limit = Decimal(view.max_price) if view.max_price is not None else None
    kept = [
        offer
        for offer in offers
        if (view.max_stops is None or all(leg.stops <= view.max_stops for leg in offer.slices))
        and (view.carrier is None or offer.carrier.code == view.carrier)
        and (limit is None or offer.total.decimal <= limit)
        and _leaves(offer, view)
        and (view.airport is None or any(view.airport in _ends(leg) for leg in offer.slices))
        and (not view.checked_bag or bool(offer.bags.checked))
    ]
    return tuple(sorted(kept, key=lambda offer: _sort_key(offer, view.sort_by)))


def _leaves(offer: Offer, view: View) -> bool:
    """Whether the first leg departs in time; both ends count."""
    clock = offer.slices[0].departs_at.strftime("%H:%M")
    return (view.depart_from or clock) <= clock <= (view.depart_until or clock)


def _ends(leg: Slice) -> tuple[str, str]:
    return leg.segments[0].origin.code, leg.segments[-1].destination.code


def _sort_key(offer: Offer, sort_by: SortKey) -> tuple[float, ...]:
    price = float(offer.total.decimal)
    duration = float(sum(leg.duration_minutes for leg in offer.slices))
    departure = offer.slices[0].departs_at.timestamp()
    first = {"price": price, "duration": duration, "departure": departure}[sort_by]
    return (first, price, duration, departure)


def carrier_code(offers: tuple[Offer, ...], wanted: str) -> str | None:
    """The code of the airline that the user named, by code or name, among the offers."""
    name = normalise(wanted)
    carriers = {offer.carrier.code: normalise(offer.carrier.name) for offer in offers}
    if wanted.strip().upper() in carriers:
        return wanted.strip().upper()
    code = code_of(wanted)
    if code in carriers:
        return code
    matches = [code for code, known in carriers.items() if name and (name in known or known in name)]
    return matches[0] if len(matches) == 1 else None


def price_limit(value: float | str | None) -> str | None:
    """A decimal string for a wished highest price; InvalidInput when it is not a positive number."""
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not 0 < amount < PRICE_END:
        raise InvalidInput.of("max_price", "is not a positive amount", f"a number above 0 and below {PRICE_END}")
    return f"{amount.quantize(Decimal('0.001')).normalize():f}"
