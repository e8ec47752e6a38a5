"""Made-up fares, so that everything works without a key: plausible, deterministic, and always marked as sample."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final

from api.flights.providers.base import Prices, Progress
from api.flights.providers.sample.pricing import (
    conditions,
    currencies,
    emissions_kg,
    euros,
    money,
    rounded,
    typical_emissions_kg,
)
from api.flights.providers.sample.schedule import Trip, rng_of, trips_of
from api.flights.providers.sample.status import made_up_status
from contracts.flights import Money, Offer, PriceKind, SearchQuery, Segment
from contracts.problems import InvalidInput
from contracts.trips import FlightStatus

FEWEST: Final = 6
MOST: Final = 14
LIFE: Final = timedelta(minutes=30)
FLOWN_MAX: Final = 5000
"""Flights whose status can be asked for."""
_GONE, _MOVES = 1 / 30, 0.7
_CHILD, _INFANT, _FULL_FARE = 0.75, 0.1, 12
TURNAROUND: Final = timedelta(minutes=90)
"""Between arriving and flying back on the same day."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SampleFares:
    """The fare source `sample`. The same query gives the same flights; prices change only with the days left."""

    name = "sample"
    price_kind = PriceKind.SAMPLE
    patience = 0.0

    def __init__(self, *, delay: float = 0.0, now: Callable[[], datetime] = _utc_now) -> None:
        self._delay = delay
        self._now = now
        self._flown: dict[tuple[str, date], Segment] = {}

    def able(self, query: SearchQuery) -> bool:  # noqa: ARG002 - part of the seam
        """Every kind of journey."""
        return True

    async def search(self, query: SearchQuery, deadline: float, progress: Progress) -> tuple[Offer, ...]:  # noqa: ARG002
        """Six to fourteen offers, cheapest first; fewer when the query limits the stops, none between neighbours."""
        if query.currency not in currencies():
            raise InvalidInput.of("currency", f"{query.currency} has no sample prices", ", ".join(currencies()))
        if self._delay:
            await asyncio.sleep(self._delay)
        now = self._now()
        offers = [self._offer(query, journey, now) for journey in self._journeys(query)]
        self._remember(offers)
        return tuple(sorted(offers, key=lambda offer: (offer.total.decimal, offer.slices[0].duration_minutes)))

    async def ready(self) -> bool:
        """Always."""
        return True

    async def aclose(self) -> None:
        """Nothing to close."""

    async def check(self, offer: Offer, query: SearchQuery, deadline: float) -> Offer | None:  # noqa: ARG002
        """A price that moves for three offers in ten, and one in thirty that is gone: the same for the same offer."""
        if self._delay:
            await asyncio.sleep(self._delay)
        rng = rng_of("check", offer.id)
        luck = rng.random()
        if luck < _GONE:
            return None
        now = self._now()
        moved: dict[str, object] = {"fetched_at": now, "expires_at": now + LIFE}
        if luck > _MOVES:
            factor = Decimal(str(round(rng.uniform(0.94, 1.12), 3)))
            total = offer.total.decimal * factor
            moved["total"] = rounded(total, offer.total.currency)
        return offer.model_copy(update=moved)

    async def calendar(
        self,
        query: SearchQuery,
        days: Sequence[date],
        stay: int | None,
        deadline: float,  # noqa: ARG002 - part of the seam
    ) -> Prices:
        """The lowest price of each day: what a search for it would find."""
        return await asyncio.to_thread(self._calendar, query, days, stay)

    async def status(self, flight: str, day: date, deadline: float) -> FlightStatus | None:  # noqa: ARG002
        """A flight that was found here before: on time, late, cancelled, by its number and day."""
        segment = self._flown.get((flight, day))
        return made_up_status(segment, day, self._now()) if segment else None

    def _calendar(self, query: SearchQuery, days: Sequence[date], stay: int | None) -> Prices:
        prices: dict[date, Money] = {}
        now = self._now()
        for day in days:
            back = day + timedelta(days=stay) if stay is not None else None
            asked = query.model_copy(update={"departure_date": day, "return_date": back})
            totals = (self._offer(asked, journey, now).total for journey in self._journeys(asked))
            lowest = min(totals, key=lambda total: total.decimal, default=None)
            if lowest is not None:
                prices[day] = lowest
        return prices

    def _remember(self, offers: Iterable[Offer]) -> None:
        for offer in offers:
            for part in offer.slices:
                for segment in part.segments:
                    self._flown[segment.flight_number, segment.departs_at.date()] = segment
        while len(self._flown) > FLOWN_MAX:
            self._flown.pop(next(iter(self._flown)))

    def _journeys(self, query: SearchQuery) -> list[tuple[Trip, ...]]:
        journeys: list[tuple[Trip, ...]] = [()]
        for leg in query.legs:
            trips = _chosen(trips_of(leg.origin, leg.destination, leg.date), query.max_stops)
            if journeys == [()]:
                journeys = [(trip,) for trip in trips]
            else:
                longer = ((journey, _partner(journey[-1], trips)) for journey in journeys)
                journeys = [(*journey, onward) for journey, onward in longer if onward is not None]
        return journeys

    def _offer(self, query: SearchQuery, journey: tuple[Trip, ...], now: datetime) -> Offer:
        fare = conditions(journey[0], query.cabin)
        price = euros(journey, query.cabin, now.date()) * fare.factor * _heads(query)
        keys = ",".join(trip.key for trip in journey)
        name = sha256(
            f"{keys}|{query.cabin}|{query.adults}|{query.children}|{query.infants}|{query.currency}".encode()
        ).hexdigest()[:20]
        return Offer(
            id=f"sample_{name}",
            provider=self.name,
            price_kind=self.price_kind,
            total=money(price, query.currency),
            carrier=journey[0].seller.wire(),
            slices=tuple(trip.slice for trip in journey),
            cabin=query.cabin,
            fare_brand=fare.brand,
            bags=fare.bags,
            refundable=fare.refundable,
            changeable=fare.changeable,
            emissions_kg=emissions_kg(journey, query.cabin, query.seats),
            typical_emissions_kg=typical_emissions_kg(journey, query.cabin, query.seats),
            fetched_at=now,
            expires_at=now + LIFE,
        )


def _heads(query: SearchQuery) -> float:
    """Fares of the party in those of an adult: a child under twelve pays three quarters, an infant a tenth."""
    children = sum(_CHILD if age < _FULL_FARE else 1.0 for age in query.children)
    return query.adults + children + _INFANT * query.infants


def _chosen(trips: list[Trip], max_stops: int | None) -> list[Trip]:
    """At most fourteen; where there are more, non-stop ones are kept before others."""
    allowed = [trip for trip in trips if max_stops is None or trip.slice.stops <= max_stops]
    if len(allowed) <= MOST:
        return allowed
    keep = rng_of("keep", *(trip.key for trip in allowed)).randint(FEWEST + 4, MOST)
    return sorted(allowed, key=lambda trip: trip.slice.stops)[:keep]


def _partner(outward: Trip, back: list[Trip]) -> Trip | None:
    """The way home on the same ticket: the same seller if it flies then, else anybody; None when none is in time."""
    ready = outward.slice.arrives_at + TURNAROUND
    possible = [trip for trip in back if trip.slice.departs_at >= ready]
    same = [trip for trip in possible if trip.seller.code == outward.seller.code]
    choice = same or possible
    return rng_of("partner", outward.key).choice(choice) if choice else None
