"""Around a search: an offer checked again, compared, shared; the cheapest day; whether a flight is on time."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from contracts.flights import Airport, Carrier, CurrencyCode, Money, Offer, Place, PriceKind, SearchResult
from contracts.wire import Wire

SearchId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
OfferId = Annotated[str, StringConstraints(min_length=1, max_length=128)]
FlightNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}\d{1,4}$")]
Language = Annotated[str, StringConstraints(max_length=20)]

COMPARED_MAX = 4


class Outcome(StrEnum):
    """What became of an offer since it was found."""

    SAME = "same"
    CHANGED = "changed"
    """It is sold for another price."""
    GONE = "gone"
    """It is not sold any more."""


class OfferQuestion(Wire):
    """One offer of an answer that is at most an hour old."""

    search_id: SearchId
    offer_id: OfferId
    language: Language = "en"


class OfferCheck(Wire):
    """An offer as its source sells it now."""

    search_id: str
    outcome: Outcome
    before: Money
    offer: Offer | None
    """As it is now; None when it is gone."""
    checked_at: AwareDatetime
    booking_url: str | None = None
    """Where it can be bought; None: nowhere that we know."""


class SharedTrip(Wire):
    """One offer behind a link, as it was when it was shared."""

    id: str
    url: str
    search: SearchResult
    """With that one offer."""
    created_at: AwareDatetime
    expires_at: AwareDatetime


class Fact(StrEnum):
    """What offers are compared in."""

    PRICE = "price"
    DURATION = "duration"
    STOPS = "stops"
    DEPARTURE = "departure"
    ARRIVAL = "arrival"
    AIRLINE = "airline"
    AIRPORTS = "airports"
    CHECKED_BAGS = "checked_bags"
    CARRY_ON = "carry_on"
    REFUNDABLE = "refundable"
    CHANGEABLE = "changeable"
    CABIN = "cabin"
    FARE_BRAND = "fare_brand"
    EMISSIONS = "emissions"


class ComparedFact(Wire):
    """One fact in which the offers differ."""

    fact: Fact
    values: tuple[str | None, ...]
    """In the order of the offers, as data: amounts as decimal strings, minutes, ISO times, yes or no; None: not known."""
    best: tuple[int, ...] = ()
    """Positions of the best ones, from 0; none where there is no better and worse."""


class CompareQuestion(Wire):
    """Two to four offers of one answer."""

    search_id: SearchId
    offer_ids: Annotated[tuple[OfferId, ...], Field(min_length=2, max_length=COMPARED_MAX)]
    language: Language = "en"


class Comparison(Wire):
    """Offers in the facts in which they differ."""

    search_id: str
    offers: tuple[Offer, ...]
    facts: tuple[ComparedFact, ...]
    same: tuple[Fact, ...]
    """Facts that are the same for all."""


class CalendarDay(Wire):
    """The lowest price of a day; None: nobody knows of one."""

    date: dt.date
    return_date: dt.date | None = None
    price: Money | None = None


class PriceCalendar(Wire):
    """The cheapest price of each day, for all passengers; prices as reliable as `price_kind` says."""

    origin: Place
    destination: Place
    currency: CurrencyCode
    price_kind: PriceKind
    provider: str
    days: tuple[CalendarDay, ...]
    cheapest: dt.date | None = None


class FlightState(StrEnum):
    """How far a flight has come."""

    SCHEDULED = "scheduled"
    ACTIVE = "active"
    LANDED = "landed"
    CANCELLED = "cancelled"
    DIVERTED = "diverted"
    UNKNOWN = "unknown"


class FlightEnd(Wire):
    """Departure or arrival; None where nobody says."""

    airport: Airport
    scheduled: AwareDatetime
    estimated: AwareDatetime | None = None
    actual: AwareDatetime | None = None
    delay_minutes: int | None = None
    terminal: str | None = None
    gate: str | None = None
    baggage: str | None = None
    """Belt, on arrival."""


class FlightStatus(Wire):
    """One flight on one day."""

    flight_number: FlightNumber
    carrier: Carrier
    date: dt.date
    status: FlightState
    departure: FlightEnd
    arrival: FlightEnd
    provider: str
    sample: bool = False
    """Made up: always said and shown to be."""
    fetched_at: AwareDatetime
