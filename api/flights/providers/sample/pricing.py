"""What the sample source asks for a trip: plausible, varied, and the same for the same question on the same day."""

import math
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from importlib import resources
from typing import Final

from api.flights.providers.airports import distance_km
from api.flights.providers.sample.network import LONG_HAUL_KM, Kind
from api.flights.providers.sample.schedule import Trip, rng_of
from contracts.flights import Bags, Cabin, Money, Tristate

_BASE_EUR: Final = 24.0
_PER_KM: Final = 0.31
_KM_EXPONENT: Final = 0.79
_KIND: Final[dict[Kind, float]] = {"network": 1.0, "medium": 0.93, "regional": 0.95, "low_cost": 0.66, "leisure": 0.84}
_CABIN: Final = {Cabin.ECONOMY: 1.0, Cabin.PREMIUM_ECONOMY: 1.8, Cabin.BUSINESS: 3.6, Cabin.FIRST: 5.8}
_LEAD_DAYS: Final = ((2, 1.75), (6, 1.4), (13, 1.18), (29, 1.05), (74, 0.95), (400, 0.88))
_WEEKDAY: Final = (1.0, 0.94, 0.93, 0.98, 1.12, 1.02, 1.13)
"""Monday first."""
_RETURN_DISCOUNT: Final = 0.92
_DETOUR: Final = 1.1
"""So much longer than the straight way people fly who fly it."""
_KG_PER_KM: Final = {Cabin.ECONOMY: 0.083, Cabin.PREMIUM_ECONOMY: 0.125, Cabin.BUSINESS: 0.24, Cabin.FIRST: 0.33}


@dataclass(frozen=True, slots=True)
class Conditions:
    """The fare's name and rules."""

    brand: str
    bags: Bags
    refundable: Tristate
    changeable: Tristate
    factor: float


@lru_cache(maxsize=1)
def _currencies() -> tuple[dict[str, float], dict[str, int]]:
    text = (resources.files("api.flights.providers.sample") / "data" / "currencies.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    return raw["per_euro"], raw["decimals"]


def currencies() -> tuple[str, ...]:
    """Codes that sample prices can be given in."""
    return tuple(_currencies()[0])


def euros(trips: tuple[Trip, ...], cabin: Cabin, today: date) -> float:
    """Price of one adult before the fare's own factor."""
    whole = sum(_one_way(trip, today) for trip in trips) * _CABIN[cabin]
    return whole * (_RETURN_DISCOUNT if len(trips) > 1 else 1.0)


def _one_way(trip: Trip, today: date) -> float:
    first, last = trip.way.ports[0], trip.way.ports[-1]
    direct = distance_km(first, last)
    price = (_BASE_EUR + _PER_KM * math.pow(direct, _KM_EXPONENT)) * _KIND[trip.seller.kind]
    stops = trip.slice.stops
    price *= 1.0 if not stops else (0.86 if direct > LONG_HAUL_KM else 1.04) * (0.97 if stops > 1 else 1.0)
    departs = trip.slice.departs_at
    price *= _lead(departs, today) * _WEEKDAY[departs.weekday()] * _season(departs.date())
    if not 7 <= departs.hour <= 20:  # noqa: PLR2004 - early and late flights are cheaper
        price *= 0.93
    return price * (0.9 + 0.25 * rng_of("price", trip.key).random())


def _lead(departs: datetime, today: date) -> float:
    days = (departs.date() - today).days
    return next((factor for limit, factor in _LEAD_DAYS if days <= limit), _LEAD_DAYS[-1][1])


def _season(day: date) -> float:
    if (day.month, day.day) >= (12, 18) or (day.month, day.day) <= (1, 4):
        return 1.3
    return 1.18 if day.month in (7, 8) else 1.0


def conditions(trip: Trip, cabin: Cabin) -> Conditions:
    """A fare of the selling carrier; what it leaves open stays unknown."""
    pick = rng_of("fare", trip.key, cabin).random()
    if cabin is not Cabin.ECONOMY:
        name = {Cabin.PREMIUM_ECONOMY: "Premium", Cabin.BUSINESS: "Business", Cabin.FIRST: "First"}[cabin]
        return Conditions(name, Bags(carry_on=2, checked=2), Tristate.YES, Tristate.YES, 1.0)
    if trip.seller.kind == "low_cost":
        if pick < 0.7:  # noqa: PLR2004 - most are sold bare
            return Conditions("Basic", Bags(carry_on=0, checked=0), Tristate.NO, Tristate.NO, 1.0)
        return Conditions("Plus", Bags(carry_on=1, checked=1), Tristate.NO, Tristate.YES, 1.32)
    if trip.way.km > LONG_HAUL_KM:
        bags = Bags(carry_on=1, checked=1) if pick < 0.75 else Bags(carry_on=1, checked=None)  # noqa: PLR2004
        return Conditions("Classic", bags, Tristate.NO if pick < 0.5 else Tristate.UNKNOWN, Tristate.YES, 1.0)  # noqa: PLR2004
    if pick < 0.6:  # noqa: PLR2004
        return Conditions("Light", Bags(carry_on=1, checked=0), Tristate.NO, Tristate.NO, 1.0)
    return Conditions("Flex", Bags(carry_on=1, checked=1), Tristate.YES, Tristate.YES, 1.45)


def money(amount_eur: float, currency: str) -> Money:
    """The amount in that currency, with as many digits as it has; KeyError when it is not in the table."""
    rates, _ = _currencies()
    return rounded(Decimal(str(amount_eur)) * Decimal(str(rates[currency])), currency)


def rounded(amount: Decimal, currency: str) -> Money:
    """The amount with as many digits as its currency has."""
    _, decimals = _currencies()
    quantum = Decimal(1).scaleb(-decimals.get(currency, 2))
    return Money(amount=str(amount.quantize(quantum, rounding=ROUND_HALF_UP)), currency=currency)


def emissions_kg(trips: tuple[Trip, ...], cabin: Cabin, adults: int) -> int:
    """Carbon dioxide of everybody on the booking; take-offs count extra."""
    kilograms = sum(trip.way.km * _KG_PER_KM[cabin] + 14 * len(trip.way.airlines) for trip in trips)
    return round(kilograms * adults)


def typical_emissions_kg(trips: tuple[Trip, ...], cabin: Cabin, adults: int) -> int:
    """What such a journey usually gives off: somewhat more than without a stop."""
    kilograms = sum(
        distance_km(trip.way.ports[0], trip.way.ports[-1]) * _KG_PER_KM[cabin] * _DETOUR + 14 for trip in trips
    )
    return round(kilograms * adults)
