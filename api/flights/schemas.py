"""Requests of the flight routes, and the first system's answer."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from api.places.traveller import Traveller
from contracts.flights import LEGS_MAX, AirlineCode, Cabin, ChildAge, ClockTime, CurrencyCode, Filters, Offer

PlaceName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
_WHEN = "ISO date, YYYY-MM-DD"


def _iso_only(value: object) -> object:
    # Pydantic would take "0" or "1700000000" for a Unix time.
    if isinstance(value, int | float) or (isinstance(value, str) and value.strip().lstrip("+-").isdigit()):
        raise ValueError("must be a date as YYYY-MM-DD")
    return value


IsoDate = Annotated[date, BeforeValidator(_iso_only)]


class SearchParams(Traveller):
    """Query of `GET /v1/flights/search`."""

    origin: PlaceName = Field(description="City in any language, or IATA code", examples=["Madrid", "MAD"])
    destination: PlaceName = Field(description="City in any language, or IATA code", examples=["Berlín", "BER"])
    departure_date: IsoDate = Field(description=_WHEN)
    return_date: IsoDate | None = Field(default=None, description=_WHEN)
    adults: Annotated[int, Field(ge=1, le=9)] = 1
    children: Annotated[tuple[ChildAge, ...], Field(max_length=8, description="Ages, 2 to 17, one for each child")] = ()
    infants: Annotated[int, Field(ge=0, le=9, description="Under two, on an adult's lap")] = 0
    cabin: Cabin = Cabin.ECONOMY
    currency: CurrencyCode | None = Field(
        default=None, description="Default: that of the traveller's country, else of the language"
    )
    checked_bags: Annotated[int, Field(ge=0, le=3, description="In the price, for each passenger")] | None = None
    refundable: bool = False
    airlines: Annotated[tuple[AirlineCode, ...], Field(max_length=20, description="Only these, IATA codes")] = ()
    without_airlines: Annotated[tuple[AirlineCode, ...], Field(max_length=20)] = ()
    depart_from: ClockTime | None = Field(default=None, description="Earliest departure of the first leg, local HH:MM")
    depart_until: ClockTime | None = None
    arrive_from: ClockTime | None = Field(default=None, description="Earliest arrival of the first leg, local HH:MM")
    arrive_until: ClockTime | None = None
    max_price: Annotated[str, StringConstraints(pattern=r"^\d{1,9}(\.\d{1,3})?$")] | None = Field(
        default=None, description="For all passengers, in the currency of the answer"
    )
    max_stops: Annotated[int, Field(ge=0, le=3, description="Changes on each leg")] | None = None
    language: Annotated[str, StringConstraints(max_length=20)] = Field(
        default="en", description="Language of the place names in the answer; an unknown one is taken as English"
    )

    def settled(self) -> Self:
        """The same search, whatever it was that told its country."""
        return self.model_copy(update={"country": self.market, "time_zone": None, "locale": None})

    @property
    def filters(self) -> Filters:
        """What offers must keep to."""
        return Filters.model_validate(self.model_dump(include=set(Filters.model_fields)))

    @field_validator("currency", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value


class LegParams(BaseModel):
    """One further leg of a journey of several legs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: PlaceName
    destination: PlaceName
    date: IsoDate


class JourneyParams(SearchParams):
    """Body of `POST /v1/flights/search`: the same, and up to five further legs."""

    further: Annotated[tuple[LegParams, ...], Field(max_length=LEGS_MAX - 1)] = ()


class FirstSearch(BaseModel):
    """Body of `POST /search_flights` and query of `GET /api/flights`, as the first system's clients send them."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    origin: PlaceName
    destination: PlaceName
    departure_date: IsoDate
    return_date: IsoDate | None = None
    passengers: Annotated[int, Field(ge=1, le=9)] = 1
    cabin_class: Cabin = Cabin.ECONOMY
    currency: CurrencyCode = "USD"
    language: Annotated[str, StringConstraints(max_length=20)] = "en"

    def params(self) -> SearchParams:
        """The same search in today's terms."""
        return SearchParams(
            origin=self.origin,
            destination=self.destination,
            departure_date=self.departure_date,
            return_date=self.return_date,
            adults=self.passengers,
            cabin=self.cabin_class,
            currency=self.currency,
            language=self.language,
        )


class FirstFlight(Offer):
    """One of our offers with the first system's names beside ours."""

    airline: str
    price: float
    """A number, as its clients expect; `total` holds the exact amount."""
    currency: CurrencyCode
    departure_time: str
    """Local, ISO 8601 with the offset."""
    arrival_time: str
    flight_number: str
    duration: int
    """Minutes of the outward direction."""
    stops: int

    @classmethod
    def of(cls, offer: Offer) -> "FirstFlight":
        """The offer, doubled."""
        outward = offer.slices[0]
        return cls(
            **offer.model_dump(),
            airline=offer.carrier.name,
            price=float(offer.total.decimal),
            currency=offer.total.currency,
            departure_time=outward.departs_at.isoformat(),
            arrival_time=outward.arrives_at.isoformat(),
            flight_number=outward.segments[0].flight_number,
            duration=outward.duration_minutes,
            stops=outward.stops,
        )


class FirstResult(BaseModel):
    """Answer of the first system's flight routes."""

    success: bool
    flights: tuple[FirstFlight, ...]
    count: int
