"""Amadeus' flight offers as ours (Flight Offers Search v2). One that cannot be read costs none of the others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, NaiveDatetime, ValidationError
from pydantic_core import from_json

from api.flights.filters import Facts
from api.flights.providers.choice import Candidate, choose
from api.flights.providers.faults import SOON, AnswerUnreadable
from api.flights.providers.reading import Read
from api.flights.providers.times import Wall, as_told, terminus
from contracts.airlines import names
from contracts.flights import (
    Bags,
    Cabin,
    Carrier,
    CurrencyCode,
    Money,
    Offer,
    PriceKind,
    SearchQuery,
    Segment,
    Slice,
    Tristate,
)

PROVIDER: Final = "amadeus"
MOST: Final = 250
"""Offers that an answer may hold."""
_NUMBER: Final = re.compile(r"\d{1,4}")
_CABINS: Final = (Cabin.ECONOMY, Cabin.PREMIUM_ECONOMY, Cabin.BUSINESS, Cabin.FIRST)


def _list(value: object) -> object:
    return () if value is None else value


class Point(Read):
    """One end of a segment; the time is local."""

    iataCode: str  # noqa: N815 - theirs
    at: NaiveDatetime


class Operating(Read):
    """Who flies it."""

    carrierCode: str | None = None  # noqa: N815


class Landing(Read):
    """A landing on the way, with the same flight number; times are local."""

    iataCode: str  # noqa: N815
    arrivalAt: NaiveDatetime  # noqa: N815
    departureAt: NaiveDatetime  # noqa: N815


class AmadeusSegment(Read):
    """One flight number."""

    id: str = ""
    departure: Point
    arrival: Point
    carrierCode: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]  # noqa: N815
    number: str
    duration: timedelta | None = None
    numberOfStops: int = 0  # noqa: N815
    stops: Annotated[tuple[Landing, ...], BeforeValidator(_list)] = ()
    operating: Operating | None = None


class Itinerary(Read):
    """One direction."""

    segments: Annotated[tuple[AmadeusSegment, ...], Field(min_length=1)]


class Price(Read):
    """For all passengers."""

    currency: CurrencyCode
    grandTotal: Annotated[Decimal, Field(gt=0, lt=1_000_000_000, decimal_places=3)]  # noqa: N815


class CheckedBags(Read):
    """A number of pieces, or a weight, which is one piece at least."""

    quantity: Annotated[int, Field(ge=0)] | None = None
    weight: float | None = None

    @property
    def pieces(self) -> int | None:
        """How many may be checked in; None: nobody says."""
        if self.quantity is not None:
            return self.quantity
        return 1 if self.weight else None


class FareDetail(Read):
    """One passenger on one segment."""

    cabin: str = ""
    brandedFare: str | None = None  # noqa: N815
    includedCheckedBags: CheckedBags | None = None  # noqa: N815


class TravelerPricing(Read):
    """One passenger."""

    fareDetailsBySegment: Annotated[tuple[FareDetail, ...], BeforeValidator(_list)] = ()  # noqa: N815


class AmadeusOffer(Read):
    """One price for all passengers and directions."""

    id: str
    itineraries: Annotated[tuple[Itinerary, ...], Field(min_length=1)]
    price: Price
    validatingAirlineCodes: Annotated[tuple[str, ...], BeforeValidator(_list)] = ()  # noqa: N815
    travelerPricings: Annotated[tuple[TravelerPricing, ...], BeforeValidator(_list)] = ()  # noqa: N815

    @property
    def details(self) -> list[FareDetail]:
        """Every passenger on every segment."""
        return [detail for one in self.travelerPricings for detail in one.fareDetailsBySegment]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was in an answer."""

    offers: tuple[Offer, ...]
    received: int
    unreadable: int
    cut: bool = False
    """There is more than the answer or the choice holds."""


def read_answer(body: bytes, query: SearchQuery, now: datetime) -> Reading:
    """The useful offers of an answer; AnswerUnreadable when it is none, or when no offer in it can be read."""
    try:
        items = from_json(body)["data"]
    except (ValueError, KeyError, TypeError):
        raise AnswerUnreadable(f"{PROVIDER}: the answer is not a search", again_in=SOON) from None
    if not isinstance(items, list):
        raise AnswerUnreadable(f"{PROVIDER}: the answer has no list of offers", again_in=SOON)
    raw = [offer for offer in map(_parsed, items) if offer is not None]
    failed: list[str] = []

    def make(offer: AmadeusOffer) -> Offer | None:
        try:
            return _offer(offer, query, now)
        except (ValueError, ArithmeticError):
            failed.append(offer.id)
            return None

    fitting = [one for one in raw if query.max_stops is None or _most_stops(one) <= query.max_stops]
    chosen = choose((_candidate(one) for one in fitting), query.currency, make, filters=query.filters)
    offers = chosen.offers
    unreadable = len(items) - len(raw) + len(failed)
    if items and not offers and unreadable:
        raise AnswerUnreadable(f"{PROVIDER}: none of {len(items)} offers can be read")
    return Reading(offers, len(items), unreadable, cut=chosen.cut or len(items) >= MOST)


def _parsed(item: Any) -> AmadeusOffer | None:  # noqa: ANN401 - whatever was in the JSON
    try:
        return AmadeusOffer.model_validate(item)
    except ValidationError:
        return None


def _stops(itinerary: Itinerary) -> int:
    return len(itinerary.segments) - 1 + sum(segment.numberOfStops for segment in itinerary.segments)


def _most_stops(offer: AmadeusOffer) -> int:
    return max(map(_stops, offer.itineraries))


def _brand(offer: AmadeusOffer) -> str | None:
    return " / ".join(dict.fromkeys(detail.brandedFare for detail in offer.details if detail.brandedFare)) or None


def _candidate(offer: AmadeusOffer) -> Candidate[AmadeusOffer]:
    segments = [segment for part in offer.itineraries for segment in part.segments]
    minutes = sum(
        (part.segments[-1].arrival.at - part.segments[0].departure.at).total_seconds() / 60
        for part in offer.itineraries
    )
    return Candidate(
        raw=offer,
        flights=tuple(f"{one.carrierCode}{one.number} {one.departure.at.date()}" for one in segments),
        brand=_brand(offer) or "",
        amount=offer.price.grandTotal,
        currency=offer.price.currency,
        minutes=minutes,
        stops=sum(map(_stops, offer.itineraries)),
        facts=_facts(offer),
    )


def _facts(offer: AmadeusOffer) -> Facts:
    first = offer.itineraries[0].segments
    carriers = [segment.carrierCode for part in offer.itineraries for segment in part.segments]
    seller = next(iter(offer.validatingAirlineCodes), carriers[0])
    return Facts(
        seller=seller,
        airlines=frozenset({*carriers, seller}),
        leaves=f"{first[0].departure.at:%H:%M}",
        lands=f"{first[-1].arrival.at:%H:%M}",
        bags=_checked(offer),
        refundable=Tristate.UNKNOWN,
        amount=offer.price.grandTotal,
    )


def _checked(offer: AmadeusOffer) -> int | None:
    """Bags that each passenger may check on every segment; None when any of them does not say."""
    pieces = [detail.includedCheckedBags.pieces if detail.includedCheckedBags else None for detail in offer.details]
    return None if not pieces or None in pieces else min(one or 0 for one in pieces)


def _offer(raw: AmadeusOffer, query: SearchQuery, now: datetime) -> Offer:
    slices = tuple(map(_slice, raw.itineraries))
    flights = ",".join(leg.flight_number + leg.departs_at.isoformat() for part in slices for leg in part.segments)
    total = f"{raw.price.grandTotal:f}"
    seed = f"{flights}|{total}|{raw.price.currency}|{_brand(raw)}|{query.seats}|{query.infants}"
    told = {detail.cabin.lower() for detail in raw.details}
    seller = next(iter(raw.validatingAirlineCodes), slices[0].segments[0].carrier.code)
    return Offer(
        id=f"{PROVIDER}_{sha256(seed.encode()).hexdigest()[:20]}",
        provider=PROVIDER,
        price_kind=PriceKind.LIVE,
        total=Money(amount=total, currency=raw.price.currency),
        carrier=_carrier(seller),
        slices=slices,
        cabin=next((cabin for cabin in _CABINS if cabin.value in told), query.cabin),
        fare_brand=_brand(raw),
        bags=Bags(checked=_checked(raw)),
        fetched_at=now,
    )


def _carrier(code: str) -> Carrier:
    return Carrier(code=code, name=names().get(code, code))


def _slice(raw: Itinerary) -> Slice:
    segments = tuple(flown for segment in raw.segments for flown in _segments(segment))
    if any(after.departs_at < before.arrives_at for before, after in pairwise(segments)):
        raise ValueError("a segment leaves before the one before it has arrived")
    whole = segments[-1].arrives_at - segments[0].departs_at
    return Slice(segments=segments, duration_minutes=whole // timedelta(minutes=1))


def _segments(raw: AmadeusSegment) -> Iterator[Segment]:
    """The segment; one for each take-off where it lands on the way, so that nobody calls it non-stop."""
    if not _NUMBER.fullmatch(raw.number) or raw.numberOfStops > len(raw.stops):
        raise ValueError("a segment without a number, or that lands nobody says where")
    operating = raw.operating.carrierCode if raw.operating else None
    places = [
        terminus(code)
        for code in (raw.departure.iataCode, *(stop.iataCode for stop in raw.stops), raw.arrival.iataCode)
    ]
    leaving = [raw.departure.at, *(stop.departureAt for stop in raw.stops)]
    arriving = [*(stop.arrivalAt for stop in raw.stops), raw.arrival.at]
    for (start, end), departs, arrives in zip(pairwise(places), leaving, arriving, strict=True):
        times = as_told(Wall(departs, start), Wall(arrives, end), None if raw.stops else raw.duration)
        if times is None:
            raise ValueError("the times of a segment cannot be true")
        yield Segment(
            carrier=_carrier(raw.carrierCode),
            operating_carrier=_carrier(operating) if operating else None,
            flight_number=f"{raw.carrierCode}{raw.number}",
            origin=start.airport,
            destination=end.airport,
            departs_at=times[0],
            arrives_at=times[1],
            duration_minutes=(times[1] - times[0]) // timedelta(minutes=1),
            times_doubtful=times[2],
        )
