"""Carriers and plausible ways between them, for the sample source. Nothing here is a real timetable."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Final, Literal

from api.flights.providers.airports import Port, distance_km, port
from contracts.airlines import names
from contracts.flights import Carrier

Kind = Literal["network", "medium", "regional", "low_cost", "leisure"]

SHORTEST_KM: Final = 100.0
"""Nearer places are not flown between."""
REACH_KM: Final[dict[Kind, float]] = {
    "network": 15_600,
    "medium": 8_500,
    "regional": 5_500,
    "low_cost": 4_800,
    "leisure": 9_500,
}
POINT_TO_POINT_KM: Final = 2_800.0
"""Within one country, low-cost and regional carriers also fly between two airports that are not their bases."""
LONG_HAUL_KM: Final = 5_000.0
_CRUISE_KM_PER_MINUTE: Final = 13.6
_GROUND_MINUTES: Final = 32.0
"""Taxi, climb and descent."""
_WIND: Final = 0.06
_WIND_FROM_KM: Final = 1_500.0


@dataclass(frozen=True, slots=True)
class Airline:
    """A carrier and its bases."""

    code: str
    name: str
    country: str
    alliance: str
    kind: Kind
    hubs: frozenset[str]
    far_hubs: frozenset[str]
    """Bases with long flights."""

    def wire(self) -> Carrier:
        """The contract's form."""
        return Carrier(code=self.code, name=self.name)


@dataclass(frozen=True, slots=True)
class Way:
    """A route: who flies each leg, between which airports."""

    airlines: tuple[Airline, ...]
    ports: tuple[Port, ...]

    @property
    def km(self) -> float:
        """Length of all legs."""
        return sum(distance_km(start, end) for start, end in pairwise(self.ports))


@lru_cache(maxsize=1)
def airlines() -> tuple[Airline, ...]:
    """Every carrier of the table."""
    text = (resources.files("api.flights.providers.sample") / "data" / "carriers.csv").read_text(encoding="utf-8")
    return tuple(
        Airline(
            code=row["code"],
            name=names()[row["code"]],
            country=row["country"],
            alliance=row["alliance"],
            kind=row["kind"],  # type: ignore[arg-type] # a test checks the table
            # A hyphen behind a base: short and medium flights only.
            hubs=frozenset(hub.removesuffix("-") for hub in row["hubs"].split(";")),
            far_hubs=frozenset(hub for hub in row["hubs"].split(";") if not hub.endswith("-")),
        )
        for row in csv.DictReader(text.splitlines())
    )


def block_minutes(start: Port, end: Port) -> int:
    """Gate to gate, in steps of five minutes; eastward is faster on long flights away from the equator."""
    km = distance_km(start, end)
    minutes = _GROUND_MINUTES + km / _CRUISE_KM_PER_MINUTE
    if km > _WIND_FROM_KM:
        eastward = math.sin(math.radians(end.lon - start.lon))
        latitude = min(1.0, abs(start.lat + end.lat) / 80)
        minutes *= 1 - _WIND * eastward * latitude
    return max(40, 5 * round(minutes / 5))


def direct_ways(start: Port, end: Port) -> list[Way]:
    """Carriers that may fly there without a change: from a base of theirs, or within their country."""
    km = distance_km(start, end)
    return [Way((line,), (start, end)) for line in airlines() if _flies(line, start, end, km)]


def _flies(line: Airline, start: Port, end: Port, km: float) -> bool:
    if not SHORTEST_KM <= km <= REACH_KM[line.kind]:
        return False
    at_home = start.country == end.country == line.country
    if start.code in line.hubs or end.code in line.hubs:
        if km > LONG_HAUL_KM:
            return _flies_far(line, start, end)
        other = end if start.code in line.hubs else start
        foreign_domestic = start.country == end.country != line.country
        return not foreign_domestic and (other.notable or km < LONG_HAUL_KM / 2 or at_home)
    return at_home and line.kind in ("low_cost", "regional") and km <= POINT_TO_POINT_KM


def _flies_far(line: Airline, start: Port, end: Port) -> bool:
    """Long flights join a large base and a place that many want to go to."""
    return (start.code in line.far_hubs and end.notable) or (end.code in line.far_hubs and start.notable)


def one_stop_ways(start: Port, end: Port) -> list[Way]:
    """One way for each carrier, by its best base, the least roundabout first."""
    found: list[tuple[float, str, Way]] = []
    direct = distance_km(start, end)
    for line in airlines():
        if line.kind in {"low_cost", "leisure"}:
            continue
        if direct > LONG_HAUL_KM and _flies(line, start, end, direct):
            continue  # it has a non-stop flight
        best = min(_via_hubs(line, start, end, direct), key=lambda entry: entry[0], default=None)
        if best:
            home = line.country in (start.country, end.country)
            found.append((best[0] - (0.2 if home else 0.0), line.code, best[1]))
    return [way for _, _, way in sorted(found, key=lambda entry: entry[:2])]


def _via_hubs(line: Airline, start: Port, end: Port, direct: float) -> Iterator[tuple[float, Way]]:
    reach = REACH_KM[line.kind]
    for code in sorted(line.hubs - {start.code, end.code}):
        hub = port(code)
        first, second = distance_km(start, hub), distance_km(hub, end)
        if min(first, second) < SHORTEST_KM or max(first, second) > reach:
            continue
        if not all(_flies_far(line, *leg) for leg in ((start, hub), (hub, end)) if distance_km(*leg) > LONG_HAUL_KM):
            continue
        yield (first + second) / max(direct, 500.0), Way((line, line), (start, hub, end))


def two_stop_ways(start: Port, end: Port, limit: int) -> list[Way]:
    """By the base of a carrier near the start and one near the end; partners of an alliance before others."""
    near_start = _nearest_bases(start, end)
    near_end = _nearest_bases(end, start)
    found: list[tuple[float, str, Way]] = []
    for first, hub1 in near_start:
        for last, hub2 in near_end:
            legs = (distance_km(start, hub1), distance_km(hub1, hub2), distance_km(hub2, end))
            if min(legs) < SHORTEST_KM or max(legs) > REACH_KM["network"]:
                continue
            partners = first.code == last.code or bool(first.alliance and first.alliance == last.alliance)
            way = Way((first, last, last), (start, hub1, hub2, end))
            found.append((sum(legs) * (1.0 if partners else 1.15), first.code + last.code, way))
    return [way for _, _, way in sorted(found, key=lambda entry: entry[:2])[:limit]]


def _nearest_bases(place: Port, other: Port) -> list[tuple[Airline, Port]]:
    bases = [
        (distance_km(place, port(code)) + 0.3 * distance_km(port(code), other), line.code, line, port(code))
        for line in airlines()
        if line.kind == "network"
        for code in line.hubs
        if code not in (place.code, other.code)
    ]
    return [(line, hub) for _, _, line, hub in sorted(bases, key=lambda entry: entry[:2])[:6]]


def aircraft(km: float, kind: Kind) -> str:
    """A type that flies such a distance."""
    if km > LONG_HAUL_KM:
        return "Boeing 787-9" if km < 9_000 else "Airbus A350-900"  # noqa: PLR2004 - where the larger one is usual
    if kind == "regional" and km < 1_200:  # noqa: PLR2004
        return "Embraer 190"
    return "Boeing 737-800" if kind == "low_cost" else "Airbus A320neo"
