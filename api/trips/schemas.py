"""Requests of the routes around a search."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from api.flights.schemas import IsoDate, PlaceName, SearchParams
from api.places.traveller import Traveller
from contracts.flights import Cabin, ChildAge, CurrencyCode
from contracts.trips import FlightNumber

CALENDAR_DAYS_MAX = 42


class CalendarParams(Traveller):
    """Query of `GET /v1/flights/calendar`."""

    origin: PlaceName
    destination: PlaceName
    first_date: IsoDate = Field(description="ISO date of the first day")
    days: Annotated[int, Field(ge=1, le=CALENDAR_DAYS_MAX)] = 35
    stay_nights: Annotated[int, Field(ge=0, le=60, description="Makes it a return after so many nights")] | None = None
    adults: Annotated[int, Field(ge=1, le=9)] = 1
    children: Annotated[tuple[ChildAge, ...], Field(max_length=8, description="Ages, 2 to 17")] = ()
    infants: Annotated[int, Field(ge=0, le=9)] = 0
    cabin: Cabin = Cabin.ECONOMY
    currency: CurrencyCode | None = None
    max_stops: Annotated[int, Field(ge=0, le=3)] | None = None
    language: Annotated[str, StringConstraints(max_length=20)] = "en"

    def search(self) -> SearchParams:
        """The search of its first day."""
        shared = self.model_dump(exclude={"first_date", "days", "stay_nights"})
        return SearchParams(departure_date=self.first_date, **shared)


class StatusParams(BaseModel):
    """Query of `GET /v1/flights/status`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flight: FlightNumber = Field(description="Airline's code and number", examples=["IB3270"])
    date: IsoDate = Field(description="Local day of departure")

    @field_validator("flight", mode="before")
    @classmethod
    def _written_together(cls, value: object) -> object:
        return value.replace(" ", "").upper() if isinstance(value, str) else value


class NewShare(BaseModel):
    """Body of `POST /v1/flights/shares`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    search_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    offer_id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
