"""A made-up state of a made-up flight: the same for the same flight, further on as the day goes by."""

from datetime import date, datetime, timedelta
from typing import Final

from api.flights.providers.sample.schedule import rng_of
from contracts.flights import Segment
from contracts.trips import FlightEnd, FlightState, FlightStatus

_CANCELLED, _ON_TIME = 0.03, 0.7
_DELAYS: Final = (10, 15, 20, 25, 35, 50, 75, 120)


def made_up_status(segment: Segment, day: date, now: datetime) -> FlightStatus:
    """The state at that moment."""
    rng = rng_of("status", segment.flight_number, day)
    luck, late = rng.random(), timedelta(minutes=rng.choice(_DELAYS))
    cancelled = luck < _CANCELLED
    delay = timedelta() if luck < _ON_TIME else late
    leaves, lands = segment.departs_at + delay, segment.arrives_at + delay
    state = FlightState.SCHEDULED
    if cancelled:
        state = FlightState.CANCELLED
    elif now >= lands:
        state = FlightState.LANDED
    elif now >= leaves:
        state = FlightState.ACTIVE
    minutes = int(delay.total_seconds() // 60)
    return FlightStatus(
        flight_number=segment.flight_number,
        carrier=segment.carrier,
        date=day,
        status=state,
        departure=FlightEnd(
            airport=segment.origin,
            scheduled=segment.departs_at,
            estimated=None if cancelled else leaves,
            actual=leaves if state in {FlightState.ACTIVE, FlightState.LANDED} else None,
            delay_minutes=None if cancelled else minutes,
            terminal=str(rng.randint(1, 4)),
            gate=f"{rng.choice('ABCD')}{rng.randint(1, 40)}",
        ),
        arrival=FlightEnd(
            airport=segment.destination,
            scheduled=segment.arrives_at,
            estimated=None if cancelled else lands,
            actual=lands if state is FlightState.LANDED else None,
            delay_minutes=None if cancelled else minutes,
            terminal=str(rng.randint(1, 3)),
            baggage=str(rng.randint(1, 20)),
        ),
        provider="sample",
        sample=True,
        fetched_at=now,
    )
