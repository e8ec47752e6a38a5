"""Airports as we know them: names, positions, time zones."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import airportsdata

from contracts.flights import Airport
from contracts.places.index import City, index

_EARTH_KM: Final = 6371.0


@dataclass(frozen=True, slots=True)
class Port:
    """An airport with its position."""

    code: str
    name: str
    city: str
    country: str
    lat: float
    lon: float
    time_zone: str
    notable: bool

    def wire(self) -> Airport:
        """The contract's form; the city is in English here."""
        return Airport(code=self.code, name=self.name, city=self.city, time_zone=self.time_zone)


@lru_cache(maxsize=1)
def _raw_airports() -> dict[str, airportsdata.Airport]:
    return airportsdata.load("IATA")


@lru_cache(maxsize=4096)
def port(code: str) -> Port:
    """The airport of an IATA code; KeyError when it is not known."""
    raw = _raw_airports()[code]
    city: City | None = index().codes.get(code)
    return Port(
        code=code,
        name=raw["name"],
        city=city.english if city else raw["city"],
        country=raw["country"],
        lat=raw["lat"],
        lon=raw["lon"],
        time_zone=raw["tz"],
        notable=bool(city and city.notable),
    )


@lru_cache(maxsize=65_536)
def distance_km(start: Port, end: Port) -> float:
    """Great-circle distance."""
    lat1, lat2 = math.radians(start.lat), math.radians(end.lat)
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(end.lon - start.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))
