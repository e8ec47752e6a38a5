"""Times for the ways of a day: departures, layovers and arrivals, right in every time zone."""

import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from api.flights.providers.airports import Port, distance_km, port
from api.flights.providers.sample.network import (
    LONG_HAUL_KM,
    SHORTEST_KM,
    Airline,
    Way,
    aircraft,
    block_minutes,
    direct_ways,
    one_stop_ways,
    two_stop_ways,
)
from contracts.flights import Place, Segment, Slice

FIRST_DEPARTURE: Final = 6 * 60
LAST_DEPARTURE: Final = 21 * 60 + 30
"""Minutes after midnight, local."""
NIGHT_ENDS: Final = 6 * 60 + 15
SHORTEST_CHANGE: Final = 55
LONGEST_CHANGE: Final = 9 * 60
_DIRECT_AIRLINES: Final = 6
_ONE_STOP_AIRLINES: Final = 6
_AIRPORT_PAIRS: Final = 3
_FEWEST_WAYS: Final = 5
_DETOUR: Final = 1.5
_SHORT_DETOUR: Final = 2.2
_SHORT_KM: Final = 1_500.0
_NONSTOP_IS_NORMAL_KM: Final = 700.0
"""On such a short way with non-stop flights nobody sells a change."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One direction with its times and what its price depends on."""

    way: Way
    slice: Slice

    @property
    def seller(self) -> Airline:
        """Who sells the ticket: the carrier of the longest leg."""
        legs = zip(self.way.airlines, pairwise(self.way.ports), strict=True)
        return max(legs, key=lambda leg: distance_km(*leg[1]))[0]

    @property
    def key(self) -> str:
        """Flights and date: the same trip again has the same key."""
        flights = "-".join(segment.flight_number for segment in self.slice.segments)
        return f"{flights}@{self.slice.departs_at:%Y%m%d%H%M}"


def rng_of(*parts: object) -> random.Random:
    """Randomness that depends on nothing but the parts, on every machine and Python."""
    digest = hashlib.sha256("|".join(str(part) for part in parts).encode()).digest()
    return random.Random(digest)  # noqa: S311 - variety, not security


def trips_of(origin: Place, destination: Place, day: date) -> list[Trip]:
    """Every trip that the sample source knows for a day, each once, in a fixed order."""
    rng = rng_of("trips", origin.code, destination.code, day.isoformat())
    trips: dict[str, Trip] = {}
    for way in _ways(origin, destination, rng):
        for trip in _times(way, day, rng_of("times", origin.code, destination.code, day, _name(way))):
            trips.setdefault(trip.key, trip)
    return list(trips.values())


def _name(way: Way) -> str:
    return ",".join([*(line.code for line in way.airlines), *(place.code for place in way.ports)])


def _ways(origin: Place, destination: Place, rng: random.Random) -> list[Way]:
    pairs = [
        (start, end)
        for start in _ports(origin)
        for end in _ports(destination)
        if distance_km(start, end) >= SHORTEST_KM
    ]
    if not pairs:
        return []
    direct = [way for pair in pairs[:_AIRPORT_PAIRS] for way in direct_ways(*pair) if _usual_airports(way, pairs[0])]
    rng.shuffle(direct)
    ways = _one_each(direct, _DIRECT_AIRLINES)
    start, end = pairs[0]
    km = distance_km(start, end)
    if km > _NONSTOP_IS_NORMAL_KM or not ways:
        ways += _usual(one_stop_ways(start, end), km)[:_ONE_STOP_AIRLINES]
    if len(ways) < _FEWEST_WAYS:
        ways += two_stop_ways(start, end, _FEWEST_WAYS - len(ways))
    return ways


def _usual_airports(way: Way, main: tuple[Port, Port]) -> bool:
    """Far flights use a city's main airport, unless the other one is the carrier's base."""
    bases = way.airlines[0].hubs
    return way.km <= LONG_HAUL_KM or all(
        place == usual or place.code in bases for place, usual in zip(way.ports, main, strict=True)
    )


def _ports(place: Place) -> list[Port]:
    found = []
    for code in place.airports:
        try:
            found.append(port(code))
        except KeyError:  # an airport that closed since the index was built
            continue
    return found


def _one_each(ways: Iterable[Way], limit: int) -> list[Way]:
    chosen: dict[str, Way] = {}
    for way in ways:
        chosen.setdefault(way.airlines[0].code, way)
    return list(chosen.values())[:limit]


def _usual(ways: list[Way], direct: float) -> list[Way]:
    """Without the roundabout ones, unless there is nothing else."""
    limit = _SHORT_DETOUR if direct < _SHORT_KM else _DETOUR
    return [way for way in ways if way.km <= limit * max(direct, SHORTEST_KM)] or ways[:2]


def _times(way: Way, day: date, rng: random.Random) -> Iterator[Trip]:
    """One to three departures of the way."""
    long_haul = way.km > LONG_HAUL_KM
    count = rng.choice((1, 1, 2)) if long_haul or len(way.airlines) > 1 else rng.choice((1, 2, 2, 3))
    for _ in range(count):
        minute = 5 * (rng.randrange(FIRST_DEPARTURE, LAST_DEPARTURE) // 5)
        trip = _fly(way, _local(way.ports[0], day, minute), rng)
        if trip:
            yield trip


def _local(place: Port, day: date, minute: int) -> datetime:
    """A wall-clock time as an instant; one that a clock change skips becomes the time after it."""
    wall = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(place.time_zone))
    return wall.astimezone(UTC)


def _fly(way: Way, departure: datetime, rng: random.Random) -> Trip | None:
    segments: list[Segment] = []
    leave = departure
    for number, (line, (start, end)) in enumerate(zip(way.airlines, pairwise(way.ports), strict=True)):
        if number:
            leave = _onward(segments[-1], start, end, rng)
            if leave - segments[-1].arrives_at > timedelta(minutes=LONGEST_CHANGE):
                return None
        segments.append(_segment(line, start, end, leave))
    whole = int((segments[-1].arrives_at - departure).total_seconds() // 60)
    return Trip(way, Slice(segments=tuple(segments), duration_minutes=whole))


def _onward(arriving: Segment, hub: Port, end: Port, rng: random.Random) -> datetime:
    """The next departure: after time to change, and in the morning when it would be a short flight in the night."""
    leave = arriving.arrives_at.astimezone(UTC) + timedelta(minutes=5 * rng.randrange(SHORTEST_CHANGE // 5, 45))
    local = leave.astimezone(ZoneInfo(hub.time_zone))
    minute = local.hour * 60 + local.minute
    if minute < NIGHT_ENDS and distance_km(hub, end) < LONG_HAUL_KM / 2:
        leave += timedelta(minutes=NIGHT_ENDS - minute + 5 * rng.randrange(12))
    return leave


def _segment(line: Airline, start: Port, end: Port, leave: datetime) -> Segment:
    minutes = block_minutes(start, end)
    local_departure = _offset_time(leave, start)
    number = 1 + rng_of("flight", line.code, start.code, end.code, f"{local_departure:%H:%M}").randrange(8998)
    return Segment(
        carrier=line.wire(),
        operating_carrier=line.wire(),
        flight_number=f"{line.code}{number}",
        origin=start.wire(),
        destination=end.wire(),
        departs_at=local_departure,
        arrives_at=_offset_time(leave + timedelta(minutes=minutes), end),
        duration_minutes=minutes,
        aircraft=aircraft(distance_km(start, end), line.kind),
    )


def _offset_time(instant: datetime, place: Port) -> datetime:
    """Local time with a fixed offset: two times of one ZoneInfo are subtracted by the wall clock, clock change or not."""
    local = instant.astimezone(ZoneInfo(place.time_zone))
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()), fold=0)
