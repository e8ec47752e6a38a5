"""Instants from the local times without offset that fare sources give."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.flights.providers.airports import port
from contracts.flights import Airport

_RULE_CHANGES: Final = (timedelta(minutes=30), timedelta(hours=1))
"""By how much a government moves its clocks."""
LONGEST: Final = timedelta(days=2)
"""No segment takes longer; a clock that says so is wrong."""


@dataclass(frozen=True, slots=True)
class Terminus:
    """An airport with the time zones that it may have: ours, then the source's own where that differs."""

    airport: Airport
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wall:
    """What the clock of an airport shows, without an offset."""

    time: datetime
    at: Terminus


def terminus(code: str, *, name: str = "", city: str = "", time_zone: str = "") -> Terminus:
    """The airport as we know it, else as the source describes it; ValueError when nobody knows its time zone."""
    try:
        known = port(code)
    except KeyError:
        if not time_zone:
            raise ValueError(f"nobody knows the time zone of {code}") from None
        airport = Airport(code=code, name=name or city or code, city=city or name or code, time_zone=time_zone)
        return Terminus(airport, (time_zone,))
    return Terminus(known.wire(), tuple(dict.fromkeys(zone for zone in (known.time_zone, time_zone) if zone)))


def instants(departure: Wall, arrival: Wall, duration: timedelta | None) -> tuple[datetime, datetime] | None:
    """Departure and arrival with their offsets, to the minute; None when no reading of the clocks fits the duration.

    An hour that a clock change repeats is read so that it fits. Without a duration the earliest reading counts. The
    clocks of the airports are kept against a duration that only overlooks their zones, as in Duffel's sandbox, or that
    is off by a rule for summer time that one side does not know yet.
    """
    clocks = [(leave, arrive) for leave in _readings(departure) for arrive in _readings(arrival)]
    pairs = [(leave, arrive) for leave, arrive in clocks if timedelta() < arrive - leave <= LONGEST]
    if duration is None:
        return pairs[0] if pairs else None
    whole = timedelta(minutes=duration // timedelta(minutes=1))
    exact = next(((leave, arrive) for leave, arrive in pairs if arrive - leave == whole), None)
    if exact or arrival.time - departure.time == whole:
        return exact or next(iter(pairs), None)
    return next(((leave, arrive) for leave, arrive in pairs if abs(arrive - leave - whole) in _RULE_CHANGES), None)


def as_told(departure: Wall, arrival: Wall, duration: timedelta | None) -> tuple[datetime, datetime, bool] | None:
    """Departure, arrival, and whether they are doubtful: where nothing fits the duration, the clocks are kept all the same.

    None where the clocks alone cannot be true either.
    """
    fitting = instants(departure, arrival, duration)
    times = fitting or instants(departure, arrival, None)
    return None if times is None else (*times, fitting is None)


def at_clock(wall: Wall) -> datetime | None:
    """The moment of a clock, the earlier one of an hour that comes twice; None when a clock change skips it."""
    return next(_readings(wall), None)


def _readings(wall: Wall) -> Iterator[datetime]:
    """With fixed offsets, because Python subtracts two times of one zone without looking at their offsets."""
    clock = wall.time.replace(second=0, microsecond=0)
    for name in wall.at.zones:
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
        for fold in (0, 1):
            moment = clock.replace(tzinfo=zone, fold=fold)
            if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == clock:  # else the change skips it
                yield moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()), fold=0)
