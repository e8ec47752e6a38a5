"""Flight searches and offers. Times are local with their UTC offset; money is a decimal string, never a float."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from contracts.wire import VersionedWire, Wire

IataCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
QUOTED: Final = (
    *("AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "INR"),
    *("JPY", "KRW", "MXN", "NOK", "NZD", "PLN", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "ZAR"),
)
"""Currencies that fares are asked for in without being asked to, and that the page's form offers."""


class Cabin(StrEnum):
    """Cabin class, named as Duffel names it."""

    ECONOMY = "economy"
    PREMIUM_ECONOMY = "premium_economy"
    BUSINESS = "business"
    FIRST = "first"


class PriceKind(StrEnum):
    """How far a price can be relied on."""

    LIVE = "live"
    """The seller's own, as long as the offer lasts."""
    METASEARCH = "metasearch"
    """A comparison site's."""
    CACHED = "cached"
    """What somebody was asked for earlier."""
    SAMPLE = "sample"
    """Made up for demonstration: always said and shown to be sample data, never served in production."""

    @property
    def indicative(self) -> bool:
        """Whether the airline may ask for another price, which must be said."""
        return self in {PriceKind.METASEARCH, PriceKind.CACHED}


class Tristate(StrEnum):
    """A fact that a fare source may leave open."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Money(Wire):
    """An amount in a currency's major unit, for example `{"amount": "89.90", "currency": "EUR"}`."""

    amount: Annotated[str, StringConstraints(pattern=r"^\d{1,9}(\.\d{1,3})?$")]
    currency: CurrencyCode

    @property
    def decimal(self) -> Decimal:
        """The amount for arithmetic and comparison."""
        return Decimal(self.amount)


class Place(Wire):
    """A city or airport that a search can start or end at."""

    code: IataCode
    """Metropolitan code where there is one (LON), else the airport's."""
    name: str
    """City name in the language of the request."""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    airports: tuple[IataCode, ...]
    """Airports that the code stands for, the main one first."""
    time_zone: str
    """IANA zone of the main airport."""
    area: str | None = None
    """State or country in the language of the request: what tells it from its namesakes."""


class Airport(Wire):
    """One end of a segment."""

    code: IataCode
    name: str
    city: str
    time_zone: str


class Carrier(Wire):
    """An airline."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")]
    name: str


class Segment(Wire):
    """One take-off and landing."""

    carrier: Carrier
    operating_carrier: Carrier | None = None
    """None when the source does not say; equal to `carrier` when it flies itself."""
    flight_number: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}\d{1,4}$")]
    """With the carrier's code, for example `IB3270`."""
    origin: Airport
    destination: Airport
    departs_at: AwareDatetime
    arrives_at: AwareDatetime
    duration_minutes: Annotated[int, Field(gt=0)]
    times_doubtful: bool = False
    """The source contradicts itself: its clocks, which these are, do not fit the duration that it gives."""
    aircraft: str | None = None

    @model_validator(mode="after")
    def _times_agree(self) -> Self:
        elapsed = int((self.arrives_at - self.departs_at).total_seconds() // 60)
        if elapsed != self.duration_minutes:
            raise ValueError(f"duration_minutes is {self.duration_minutes} but the times are {elapsed} minutes apart")
        return self


class Slice(Wire):
    """One direction of a journey: segments that follow each other."""

    segments: Annotated[tuple[Segment, ...], Field(min_length=1)]
    duration_minutes: Annotated[int, Field(gt=0)]
    """From first departure to last arrival, layovers included."""

    @property
    def stops(self) -> int:
        """Changes of aircraft on the way."""
        return len(self.segments) - 1

    @property
    def departs_at(self) -> datetime:
        """First departure, local."""
        return self.segments[0].departs_at

    @property
    def arrives_at(self) -> datetime:
        """Last arrival, local."""
        return self.segments[-1].arrives_at


class Bags(Wire):
    """Bags included per passenger; None is unknown, which is not the same as zero."""

    carry_on: Annotated[int, Field(ge=0)] | None = None
    checked: Annotated[int, Field(ge=0)] | None = None


class Offer(Wire):
    """A priced journey for all passengers of the search."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    provider: str
    price_kind: PriceKind
    total: Money
    """For all passengers and all slices, taxes included."""
    carrier: Carrier
    """Who sells the ticket."""
    slices: Annotated[tuple[Slice, ...], Field(min_length=1)]
    cabin: Cabin
    fare_brand: str | None = None
    bags: Bags = Field(default_factory=Bags)
    refundable: Tristate = Tristate.UNKNOWN
    changeable: Tristate = Tristate.UNKNOWN
    emissions_kg: Annotated[int, Field(ge=0)] | None = None
    typical_emissions_kg: Annotated[int, Field(ge=0)] | None = None
    """What such a journey usually gives off, of as many; None where the source does not say."""
    fetched_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    bookable: bool = False
    deep_link: str | None = None


LEGS_MAX: Final = 6
PASSENGERS_MAX: Final = 9
ChildAge = Annotated[int, Field(ge=2, le=17)]
AirlineCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Local wall clock, HH:MM."""


class Leg(Wire):
    """One flown direction of a search."""

    origin: Place
    destination: Place
    date: date


class Wish(StrEnum):
    """What a traveller may ask for beyond places, days and cabin; named when a search could not keep to it."""

    BAGS = "bags"
    """Checked bags in the price."""
    REFUNDABLE = "refundable"
    PRICE = "price"
    """A highest price, where the prices came in another currency than it."""


class Filters(Wire):
    """What offers must keep to; nothing by default. Airlines by IATA code, local times.

    Of a return and of several legs: bags, refunds, airlines and the price are the whole journey's, times of day the first
    leg's alone, and the most changes (`SearchQuery.max_stops`) each leg's.
    """

    checked_bags: Annotated[int, Field(ge=0, le=3)] | None = None
    """Per passenger, in the price."""
    refundable: bool = False
    airlines: tuple[AirlineCode, ...] = ()
    """Only these."""
    without_airlines: tuple[AirlineCode, ...] = ()
    depart_from: ClockTime | None = None
    """Earliest departure of the first leg."""
    depart_until: ClockTime | None = None
    arrive_from: ClockTime | None = None
    """Earliest arrival of the first leg, on any day."""
    arrive_until: ClockTime | None = None
    """Latest arrival of the first leg, on any day."""
    max_price: Annotated[str, StringConstraints(pattern=r"^\d{1,9}(\.\d{1,3})?$")] | None = None
    """For all passengers, in the currency of the answer."""


class SearchQuery(Wire):
    """A resolved search: places are known, dates are checked."""

    origin: Place
    destination: Place
    departure_date: date
    return_date: date | None = None
    further: Annotated[tuple[Leg, ...], Field(max_length=LEGS_MAX - 1)] = ()
    """Legs after the first of a journey of several legs, which is neither one way nor a return."""
    adults: Annotated[int, Field(ge=1, le=9)] = 1
    children: tuple[ChildAge, ...] = ()
    """Ages of those who have a seat of their own and are no adults."""
    infants: Annotated[int, Field(ge=0, le=9)] = 0
    """Under two, on an adult's lap."""
    filters: Filters = Field(default_factory=Filters)
    cabin: Cabin = Cabin.ECONOMY
    currency: CurrencyCode = "EUR"
    """A wish. In a result it is the currency of its prices, which a fare source may choose itself."""
    max_stops: Annotated[int, Field(ge=0, le=3)] | None = None
    """Changes on each leg."""

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Every direction that is flown, in order."""
        first = Leg(origin=self.origin, destination=self.destination, date=self.departure_date)
        if self.return_date is None:
            return (first, *self.further)
        return (first, Leg(origin=self.destination, destination=self.origin, date=self.return_date))

    @property
    def seats(self) -> int:
        """Passengers with a seat."""
        return self.adults + len(self.children)

    @model_validator(mode="after")
    def _party_and_legs(self) -> Self:
        if self.return_date is not None and self.further:
            raise ValueError("a return journey has no further legs")
        if self.seats + self.infants > PASSENGERS_MAX:
            raise ValueError(f"at most {PASSENGERS_MAX} passengers travel on one booking")
        if self.infants > self.adults:
            raise ValueError("each infant needs an adult")
        return self


class SearchResult(VersionedWire):
    """The answer to a search, cheapest offer first. An empty list is an answer, not an error.

    All prices are in one currency, that of `query`, so that "the cheapest" and "under 200" mean something.
    """

    search_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    query: SearchQuery
    offers: tuple[Offer, ...]
    provider: str
    price_kind: PriceKind
    fetched_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    complete: bool = True
    """False: not every source answered in time, so that no offers does not mean that there are none."""
    unkept: tuple[Wish, ...] = ()
    """Wishes that some offers leave open, because the airline or the source does not say; they must be told of."""
    namesakes: tuple[Place, ...] = ()
    """Other places that the origin's or the destination's name can mean; they were not searched."""

    @model_validator(mode="after")
    def _prices_compare(self) -> Self:
        others = {offer.total.currency for offer in self.offers} - {self.query.currency}
        if others:
            raise ValueError(f"offers are in {', '.join(sorted(others))} and the query says {self.query.currency}")
        return self


SortKey = Literal["price", "duration", "departure"]
