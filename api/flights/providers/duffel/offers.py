"""Duffel's offers as ours. One that cannot be read is left out and counted; it never costs the others."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json

from api.flights.filters import Facts
from api.flights.providers.choice import Candidate, choose
from api.flights.providers.duffel.wire import (
    DuffelAirline,
    DuffelAirport,
    DuffelCondition,
    DuffelOffer,
    DuffelSegment,
    DuffelSlice,
)
from api.flights.providers.faults import SOON, AnswerUnreadable
from api.flights.providers.times import Terminus, Wall, as_told, instants, terminus
from contracts.flights import (
    Bags,
    Cabin,
    Carrier,
    Money,
    Offer,
    PriceKind,
    SearchQuery,
    Segment,
    Slice,
    Tristate,
)

PROVIDER: Final = "duffel"
_CARRIER: Final = re.compile(r"[A-Z0-9]{2}")
_NUMBER: Final = re.compile(r"(\d{1,4})[A-Z]?")
"""Digits, with the letter that some flights have behind them for operations."""
_CABINS: Final = (Cabin.ECONOMY, Cabin.PREMIUM_ECONOMY, Cabin.BUSINESS, Cabin.FIRST)


class UnreadableError(ValueError):
    """An offer without something that ours must have."""


class Choosing:
    """The useful few of everything that was read so far."""

    def __init__(self, query: SearchQuery) -> None:
        self._query = query
        self._raw: list[tuple[DuffelOffer, datetime]] = []
        self._failed: set[str] = set()
        self.received = 0
        self._misread = 0
        self.test_mode = False
        """Prices of Duffel's sandbox, which are made up."""
        self.cut = False
        """More was read than was chosen."""

    @property
    def unreadable(self) -> int:
        """Offers that were left out because they cannot be read."""
        return self._misread + len(self._failed)

    def add(self, items: Iterable[Any], now: datetime) -> None:
        """More offers, as they came at that time."""
        for item in items:
            self.received += 1
            try:
                offer = DuffelOffer.model_validate(item)
            except ValidationError:
                self._misread += 1
                continue
            self.test_mode = self.test_mode or not offer.live_mode
            if not offer.partial and (offer.expires_at is None or offer.expires_at > now):
                self._raw.append((offer, now))

    def choose(self) -> tuple[Offer, ...]:
        """AnswerUnreadable when there were offers and none of them can be read."""
        most = self._query.max_stops
        fits = [fit for fit in map(_candidate, self._raw) if most is None or fit.most_stops <= most]
        chosen = choose((fit.candidate for fit in fits), self._query.currency, self._make, filters=self._query.filters)
        offers, self.cut = chosen.offers, chosen.cut
        if not offers and (self._failed or (self.received and self.received == self._misread)):
            raise AnswerUnreadable(f"{PROVIDER}: none of {self.received} offers can be read", again_in=SOON)
        return offers

    def _make(self, found: tuple[DuffelOffer, datetime]) -> Offer | None:
        offer, at = found
        try:
            return _offer(offer, self._query, at)
        except (ValueError, ArithmeticError):  # a ValidationError; a time at the end of the calendar
            self._failed.add(offer.id)
            return None


def read_offer(body: bytes, query: SearchQuery, now: datetime) -> Offer | None:
    """One offer as it is now; None when it has expired. AnswerUnreadable when it is not one."""
    try:
        raw = DuffelOffer.model_validate(from_json(body)["data"])
        if raw.expires_at is not None and raw.expires_at <= now:
            return None
        return _offer(raw, query, now)
    except (ValueError, KeyError, TypeError, ArithmeticError):
        raise AnswerUnreadable(f"{PROVIDER}: the offer cannot be read") from None


def read_link(body: bytes) -> str | None:
    """The address of a booking page; None when it is not one that a traveller should be sent to."""
    try:
        url = str(from_json(body)["data"]["url"])
    except (ValueError, KeyError, TypeError):
        raise AnswerUnreadable(f"{PROVIDER}: the answer has no link") from None
    return url if url.startswith("https://") else None


@dataclass(frozen=True, slots=True)
class _Fit:
    candidate: Candidate[tuple[DuffelOffer, datetime]]
    most_stops: int
    """On the slice that has most."""


def _candidate(found: tuple[DuffelOffer, datetime]) -> _Fit:
    offer = found[0]
    segments = [segment for part in offer.slices for segment in part.segments]
    stops = [len(part.segments) - 1 + sum(len(one.stops) for one in part.segments) for part in offer.slices]
    durations = [part.duration for part in offer.slices if part.duration is not None]
    whole = sum(durations, timedelta()) if len(durations) == len(offer.slices) else None
    return _Fit(
        Candidate(
            raw=found,
            flights=tuple(f"{_marketed(one)} {one.departing_at.date()}" for one in segments),
            brand=_brand(offer.slices) or "",
            amount=offer.total_amount,
            currency=offer.total_currency,
            minutes=whole / timedelta(minutes=1) if whole is not None else float("inf"),
            stops=sum(stops),
            facts=_facts(offer),
        ),
        max(stops),
    )


def _facts(offer: DuffelOffer) -> Facts:
    first = offer.slices[0].segments
    segments = [segment for part in offer.slices for segment in part.segments]
    # As the offer will say it: an airline that is not told on the ticket is the one that flies.
    named = [_carrier(one.marketing_carrier) or _carrier(one.operating_carrier) for one in segments]
    seller = _carrier(offer.owner) or next(filter(None, named), None)
    codes = {airline.code for airline in (*named, seller) if airline}
    refund = offer.conditions.refund_before_departure if offer.conditions else None
    return Facts(
        seller=seller.code if seller else "",
        airlines=frozenset(codes),
        leaves=f"{first[0].departing_at:%H:%M}",
        lands=f"{first[-1].arriving_at:%H:%M}",
        bags=_bags(offer, "checked"),
        refundable=_refundable(refund, offer),
        amount=offer.total_amount,
    )


def _marketed(segment: DuffelSegment) -> str:
    carrier = segment.marketing_carrier
    return f"{carrier.iata_code or carrier.name if carrier else ''}{segment.marketing_carrier_flight_number}"


def _offer(raw: DuffelOffer, query: SearchQuery, now: datetime) -> Offer:
    slices = tuple(map(_slice, raw.slices))
    refund = raw.conditions.refund_before_departure if raw.conditions else None
    change = raw.conditions.change_before_departure if raw.conditions else None
    return Offer(
        id=raw.id,
        provider=PROVIDER,
        price_kind=PriceKind.LIVE if raw.live_mode else PriceKind.SAMPLE,
        total=Money(amount=f"{raw.total_amount:f}", currency=raw.total_currency),
        carrier=_carrier(raw.owner) or slices[0].segments[0].carrier,
        slices=slices,
        cabin=_cabin(raw, query.cabin),
        fare_brand=_brand(raw.slices),
        bags=Bags(carry_on=_bags(raw, "carry_on"), checked=_bags(raw, "checked")),
        refundable=_refundable(refund, raw),
        changeable=_allowed(change),
        emissions_kg=_kilograms(raw.total_emissions_kg),
        fetched_at=now,
        expires_at=raw.expires_at,
        bookable=raw.live_mode,
    )


def _slice(raw: DuffelSlice) -> Slice:
    segments = tuple(leg for segment in raw.segments for leg in _legs(segment))
    if any(after.departs_at < before.arrives_at for before, after in pairwise(segments)):
        raise UnreadableError("a segment leaves before the one before it has arrived")
    whole = segments[-1].arrives_at - segments[0].departs_at
    return Slice(segments=segments, duration_minutes=whole // timedelta(minutes=1))


def _legs(raw: DuffelSegment) -> Iterator[Segment]:
    """The segment; one for each take-off where it lands on the way, so that nobody calls it non-stop."""
    carrier, number = _flight(raw)
    places = [_terminus(raw.origin), *(_terminus(stop.airport) for stop in raw.stops), _terminus(raw.destination)]
    leaving = [raw.departing_at, *(stop.departing_at for stop in raw.stops)]
    arriving = [*(stop.arriving_at for stop in raw.stops), raw.arriving_at]
    whole = as_told(Wall(leaving[0], places[0]), Wall(arriving[-1], places[-1]), raw.duration)
    if whole is None:
        raise UnreadableError("the times of a segment cannot be true")
    at = whole[0]
    for (start, end), departs, arrives in zip(pairwise(places), leaving, arriving, strict=True):
        times = instants(Wall(departs, start), Wall(arrives, end), None) if raw.stops else whole[:2]
        if times is None or not at <= times[0] < times[1] <= whole[1]:
            raise UnreadableError("the times of a stop are not in order")
        at = times[1]
        yield Segment(
            carrier=carrier,
            operating_carrier=_carrier(raw.operating_carrier),
            flight_number=number,
            origin=start.airport,
            destination=end.airport,
            departs_at=times[0],
            arrives_at=times[1],
            duration_minutes=(times[1] - times[0]) // timedelta(minutes=1),
            times_doubtful=whole[2],
            aircraft=(raw.aircraft.name or None) if raw.aircraft else None,
        )


def _terminus(raw: DuffelAirport) -> Terminus:
    return terminus(raw.iata_code, name=raw.name, city=raw.city_name, time_zone=raw.time_zone)


def _flight(raw: DuffelSegment) -> tuple[Carrier, str]:
    """Airline and flight number as sold, else as flown; UnreadableError when neither has both."""
    for airline, number in (
        (raw.marketing_carrier, raw.marketing_carrier_flight_number),
        (raw.operating_carrier, raw.operating_carrier_flight_number),
    ):
        carrier, digits = _carrier(airline), _NUMBER.fullmatch(number.strip().upper())
        if carrier and digits:
            return carrier, f"{carrier.code}{digits.group(1)}"
    raise UnreadableError("a segment has no flight number")


def _carrier(raw: DuffelAirline | None) -> Carrier | None:
    if raw is None or not _CARRIER.fullmatch(raw.iata_code):
        return None
    return Carrier(code=raw.iata_code, name=raw.name or raw.iata_code)


def _brand(slices: Iterable[DuffelSlice]) -> str | None:
    names = dict.fromkeys(part.fare_brand_name.strip() for part in slices)
    return " / ".join(name for name in names if name) or None


def _cabin(raw: DuffelOffer, wished: Cabin) -> Cabin:
    """The lowest on the way: a card must not promise more than every segment has."""
    told = {seat.cabin_class for part in raw.slices for segment in part.segments for seat in segment.passengers}
    return next((cabin for cabin in _CABINS if cabin.value in told), wished)


def _bags(raw: DuffelOffer, kind: str) -> int | None:
    """Bags that each passenger may take on every segment; None when any of them does not say."""
    seats = [seat.baggages for part in raw.slices for segment in part.segments for seat in segment.passengers]
    told = [[bag.quantity for bag in bags if bag.type == kind] for bags in seats]
    if not told or not all(told) or any(not segment.passengers for part in raw.slices for segment in part.segments):
        return None
    return min(sum(quantities) for quantities in told)


def _allowed(condition: DuffelCondition | None) -> Tristate:
    if condition is None or condition.allowed is None:
        return Tristate.UNKNOWN
    return Tristate.YES if condition.allowed else Tristate.NO


def _refundable(condition: DuffelCondition | None, raw: DuffelOffer) -> Tristate:
    """Allowed for a penalty that takes the whole price is not refundable."""
    penalty = condition.penalty_amount if condition and condition.penalty_currency == raw.total_currency else None
    if penalty is not None and penalty >= raw.total_amount > 0 and _allowed(condition) is Tristate.YES:
        return Tristate.NO
    return _allowed(condition)


def _kilograms(value: Decimal | None) -> int | None:
    return None if value is None else int(value.to_integral_value(ROUND_HALF_UP))
