"""What we read of Duffel's answer to an offer request: only the fields that we use, null wherever it may be.

Source: the types of github.com/duffelhq/duffel-api-javascript (src/booking/Offers/OfferTypes.ts) and
duffel.com/docs/api/v2/offer-requests.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, StringConstraints

from api.flights.providers.reading import readable
from contracts.flights import CurrencyCode


class Read(BaseModel):
    """Fields that we do not name are ignored: Duffel adds some without notice."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _text(value: object) -> object:
    return "" if value is None else value


def _list(value: object) -> object:
    return () if value is None else value


Text = Annotated[str, BeforeValidator(_text)]
"""Null is read as empty."""


Amount = Annotated[Decimal, Field(ge=0, lt=1_000_000_000, decimal_places=3)]
"""Bounded, because writing out a number with a huge exponent takes all memory."""


class DuffelAirline(Read):
    """The IATA code is null for an airline that has none."""

    iata_code: Text = ""
    name: Text = ""


class DuffelAirport(Read):
    """An airport; its time zone is an IANA name."""

    iata_code: str
    name: Text = ""
    city_name: Text = ""
    time_zone: Text = ""


class DuffelAircraft(Read):
    """A type of aircraft."""

    name: Text = ""


class DuffelBaggage(Read):
    """Bags of one type; the quantity may be zero."""

    type: str
    quantity: Annotated[int, Field(ge=0)]


def _bags(value: object) -> object:
    """Bags of which neither the type nor the number can be told are left out, and count as not told."""
    return readable(DuffelBaggage, value) if isinstance(value, list) else _list(value)


class DuffelSeat(Read):
    """One passenger on one segment."""

    cabin_class: Text = ""
    baggages: Annotated[tuple[DuffelBaggage, ...], BeforeValidator(_bags)] = ()


class DuffelStop(Read):
    """A landing on the way, with the same aircraft and flight number."""

    airport: DuffelAirport
    arriving_at: NaiveDatetime
    departing_at: NaiveDatetime


class DuffelSegment(Read):
    """One flight number. Its times are local and without an offset."""

    origin: DuffelAirport
    destination: DuffelAirport
    departing_at: NaiveDatetime
    arriving_at: NaiveDatetime
    duration: timedelta | None = None
    marketing_carrier: DuffelAirline | None = None
    marketing_carrier_flight_number: Text = ""
    operating_carrier: DuffelAirline | None = None
    operating_carrier_flight_number: Text = ""
    aircraft: DuffelAircraft | None = None
    stops: Annotated[tuple[DuffelStop, ...], BeforeValidator(_list)] = ()
    passengers: Annotated[tuple[DuffelSeat, ...], BeforeValidator(_list)] = ()


class DuffelSlice(Read):
    """One direction."""

    duration: timedelta | None = None
    fare_brand_name: Text = ""
    segments: Annotated[tuple[DuffelSegment, ...], Field(min_length=1)]


class DuffelCondition(Read):
    """Whether something is allowed after booking, and what it costs."""

    allowed: bool | None = None
    penalty_amount: Amount | None = None
    penalty_currency: Text = ""


class DuffelConditions(Read):
    """Null means that the airline has not said."""

    refund_before_departure: DuffelCondition | None = None
    change_before_departure: DuffelCondition | None = None


class DuffelOffer(Read):
    """One price for all passengers and slices."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    live_mode: bool
    partial: bool | None = None
    total_amount: Annotated[Amount, Field(gt=0)]
    """Nothing is for nothing: an offer without a price is not read as a free one."""
    total_currency: CurrencyCode
    total_emissions_kg: Annotated[Decimal, Field(ge=0, lt=10_000_000)] | None = None
    expires_at: AwareDatetime | None = None
    owner: DuffelAirline | None = None
    conditions: DuffelConditions | None = None
    slices: Annotated[tuple[DuffelSlice, ...], Field(min_length=1)]
