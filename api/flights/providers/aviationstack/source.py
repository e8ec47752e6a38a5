"""Flight status by `GET /v1/flights?flight_iata=` (aviationstack.com/documentation).

Its times are local although they end in `+00:00`: they are read as clocks of the airports. Which day a flight is of is
asked of the answer, because only paid plans can ask for one.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Final

import httpx2
from pydantic import BeforeValidator, NaiveDatetime, SecretStr
from pydantic_core import from_json

from api.flights.providers.faults import SOON, AnswerUnreadable
from api.flights.providers.http import FareHttp
from api.flights.providers.reading import Read, readable
from api.flights.providers.times import Wall, at_clock, terminus
from contracts.flights import Carrier
from contracts.trips import FlightEnd, FlightState, FlightStatus

NAME: Final = "aviationstack"
VARIABLE: Final = "AVIATIONSTACK_API_KEY"
URL_VARIABLE: Final = "POLYGLOT_AVIATIONSTACK_URL"
_STATES: Final = {state.value: state for state in FlightState} | {"incident": FlightState.UNKNOWN}


def _text(value: object) -> object:
    return "" if value is None else str(value)


def _clock(value: object) -> object:
    return value[:19] if isinstance(value, str) and value else None


Text = Annotated[str, BeforeValidator(_text)]
Clock = Annotated[NaiveDatetime | None, BeforeValidator(_clock)]


class StackEnd(Read):
    """Departure or arrival."""

    airport: Text = ""
    timezone: Text = ""
    iata: Text = ""
    terminal: Text = ""
    gate: Text = ""
    baggage: Text = ""
    delay: int | None = None
    scheduled: Clock = None
    estimated: Clock = None
    actual: Clock = None


class StackAirline(Read):
    """An airline."""

    name: Text = ""


class StackFlight(Read):
    """One flight."""

    flight_date: date | None = None
    flight_status: Text = ""
    departure: StackEnd
    arrival: StackEnd
    airline: Annotated[StackAirline, BeforeValidator(lambda value: value or {})] = StackAirline()


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AviationStack:
    """The source `aviationstack`."""

    name = NAME

    def __init__(self, key: SecretStr, url: str, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._key = key
        self._now = now
        self._http = FareHttp(self.name, url, variable=VARIABLE)

    async def status(self, flight: str, day: date, deadline: float) -> FlightStatus | None:
        """The flight of that day; None when it is not among what is known. Raises a FareFault."""

        def make(http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
            params = {"access_key": self._key.get_secret_value(), "flight_iata": flight, "limit": "20"}
            return http.build_request("GET", "/v1/flights", params=params)

        async def read(body: bytes) -> FlightStatus | None:
            return read_status(body, flight, day, self._now())

        return await self._http.ask(make, read, deadline)

    async def ready(self) -> bool:
        """Whether it may be asked: the key was not refused lately, and no limit holds."""
        return not self._http.resting

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def read_status(body: bytes, flight: str, day: date, now: datetime) -> FlightStatus | None:
    """The flight of that day in an answer; AnswerUnreadable when it is none or the flight cannot be read."""
    try:
        items = from_json(body)["data"]
        rows = [item for item in items if isinstance(item, dict)]
    except (ValueError, KeyError, TypeError):
        raise AnswerUnreadable(f"{NAME}: the answer is not a list of flights", again_in=SOON) from None
    flights = readable(StackFlight, rows)
    if rows and not flights:
        raise AnswerUnreadable(f"{NAME}: none of {len(rows)} flights can be read", again_in=SOON)
    found = next((one for one in flights if _day(one) == day), None)
    if found is None:
        return None
    departure, arrival = _end(found.departure), _end(found.arrival)
    if departure is None or arrival is None:
        raise AnswerUnreadable(f"{NAME}: the flight has no airports or times")
    return FlightStatus(
        flight_number=flight,
        carrier=Carrier(code=flight[:2], name=found.airline.name or flight[:2]),
        date=day,
        status=_STATES.get(found.flight_status.lower(), FlightState.UNKNOWN),
        departure=departure,
        arrival=arrival,
        provider=NAME,
        fetched_at=now,
    )


def _day(flight: StackFlight) -> date | None:
    scheduled = flight.departure.scheduled
    return scheduled.date() if scheduled else flight.flight_date


def _end(raw: StackEnd) -> FlightEnd | None:
    try:
        place = terminus(raw.iata, name=raw.airport, time_zone=raw.timezone)
    except ValueError:
        return None
    moments = [at_clock(Wall(time, place)) if time else None for time in (raw.scheduled, raw.estimated, raw.actual)]
    scheduled, estimated, actual = moments
    if scheduled is None:
        return None
    return FlightEnd(
        airport=place.airport,
        scheduled=scheduled,
        estimated=estimated,
        actual=actual,
        delay_minutes=raw.delay,
        terminal=raw.terminal or None,
        gate=raw.gate or None,
        baggage=raw.baggage or None,
    )
