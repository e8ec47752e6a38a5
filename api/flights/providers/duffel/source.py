"""The fare source `duffel`: live offers of airlines, in the currency of the account (duffel.com/docs/api/v2)."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import httpx2
import structlog
from pydantic import SecretStr
from pydantic_core import from_json

from api.flights.providers.duffel.offers import PROVIDER, Reading, read_answer
from api.flights.providers.faults import SourceDown
from api.flights.providers.http import FareHttp
from contracts.flights import Offer, Place, PriceKind, SearchQuery
from contracts.places.index import index
from contracts.problems import InvalidInput

log = structlog.get_logger("polyglot.flights")

VARIABLE: Final = "DUFFEL_API_TOKEN"
URL_VARIABLE: Final = "POLYGLOT_DUFFEL_URL"
VERSION: Final = "v2"
TEST_PREFIX: Final = "duffel_test_"
"""Tokens of the sandbox, whose airlines and prices are made up."""
OVERHEAD: Final = 1.5
"""Seconds of a search that are not the airlines': Duffel's own, the way there and back, and reading the answer (for
4000 offers 0.7). An answer that comes too late is lost whole, one without the slowest airline is not."""
SUPPLIER_MS: Final = (2_000, 60_000)
"""What `supplier_timeout` may be; Duffel takes anything else for its default of 20 seconds."""
AIRPORTS_MAX: Final = 2
"""Airports of a city without a metropolitan code that are asked for, the main ones first."""
PAIRS_MAX: Final = 4
CONNECTIONS_MAX: Final = 2
"""Most that `max_connections` may be."""
_FIELDS: Final = (
    (re.compile(r"/slices/0/departure_date"), "departure_date"),
    (re.compile(r"/slices/1/departure_date"), "return_date"),
    (re.compile(r"/slices/(?:0/origin|1/destination)"), "origin"),
    (re.compile(r"/slices/(?:0/destination|1/origin)"), "destination"),
    (re.compile(r"/passengers"), "adults"),
    (re.compile(r"/cabin_class"), "cabin"),
)
"""Where Duffel's validation errors point, and what that is in a search."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DuffelFares:
    """Offers by `POST /air/offer_requests`. Prices are in the account's currency, whatever the query wishes."""

    name = PROVIDER
    patience = 10.0

    def __init__(
        self, token: SecretStr, url: str, *, refuse_test_mode: bool, now: Callable[[], datetime] = _utc_now
    ) -> None:
        """With `refuse_test_mode` an answer of the sandbox is a failure, whatever token it was got with."""
        secret = token.get_secret_value()
        self.price_kind = PriceKind.SAMPLE if secret.startswith(TEST_PREFIX) else PriceKind.LIVE
        self._refuse_test_mode = refuse_test_mode
        self._now = now
        headers = {"Authorization": f"Bearer {secret}", "Duffel-Version": VERSION}
        self._http = FareHttp(self.name, url, variable=VARIABLE, headers=headers)

    def able(self, query: SearchQuery) -> bool:  # noqa: ARG002 - part of the seam
        """Every kind of journey."""
        return True

    async def search(self, query: SearchQuery, deadline: float) -> tuple[Offer, ...]:
        """At most fifty offers: cheap, fast and non-stop ones. Raises a FareFault, or InvalidInput for a field."""
        asked = pairs(query)
        answers = await asyncio.gather(*(self._ask(query, ends, deadline) for ends in asked), return_exceptions=True)
        readings = [answer for answer in answers if isinstance(answer, Reading)]
        if not readings:
            raise next(answer for answer in answers if isinstance(answer, BaseException))
        if any(reading.test_mode for reading in readings) and self._refuse_test_mode:
            raise SourceDown(f"{self.name}: answers in test mode, where prices are made up")
        return tuple(offer for reading in readings for offer in reading.offers)

    async def _ask(self, query: SearchQuery, ends: tuple[str, str], deadline: float) -> Reading:
        def make(http: httpx2.AsyncClient, left: float) -> httpx2.Request:
            params = {"return_offers": "true", "supplier_timeout": str(_supplier_ms(left))}
            return http.build_request("POST", "/air/offer_requests", params=params, json=question(query, ends))

        async def read(body: bytes) -> Reading:
            # Thousands of offers take a second to read, and calls run on this loop.
            return await asyncio.to_thread(read_answer, body, query, self._now())

        reading = await self._http.ask(make, read, deadline, _invalid)
        if reading.unreadable:
            log.warning("fares.offers_dropped", source=self.name, dropped=reading.unreadable, received=reading.received)
        return reading

    async def ready(self) -> bool:
        """Whether it may be asked: the token was not refused lately, and no limit holds."""
        return not self._http.resting

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def question(query: SearchQuery, ends: tuple[str, str] | None = None) -> dict[str, Any]:
    """The body of the offer request; `ends` are the codes to ask for in place of those of a one way or return."""
    there = ends or (query.origin.code, query.destination.code)
    codes = {query.origin.code: there[0], query.destination.code: there[1]} if ends else {}
    # Without it Duffel leaves out journeys with two changes, which are the only ones between some places.
    connections = CONNECTIONS_MAX if query.max_stops is None else min(query.max_stops, CONNECTIONS_MAX)
    return {
        "data": {
            "slices": [
                {
                    "origin": codes.get(leg.origin.code, leg.origin.code),
                    "destination": codes.get(leg.destination.code, leg.destination.code),
                    "departure_date": leg.date.isoformat(),
                }
                for leg in query.legs
            ],
            "passengers": [
                *[{"type": "adult"}] * query.adults,
                *({"age": age} for age in query.children),
                *[{"type": "infant_without_seat"}] * query.infants,
            ],
            "cabin_class": query.cabin.value,
            "max_connections": connections,
        }
    }


def pairs(query: SearchQuery) -> list[tuple[str, str]]:
    """What to ask for at both ends: a metropolitan code, or the city's airports one by one.

    A code that is a city's and one of its airports' (SHA, HOU) is read as the airport, so that the others are named too.
    Of a journey of several legs only the main airport is asked for.
    """
    if query.further:
        return [(query.origin.code, query.destination.code)]
    found = [(start, end) for start in _codes(query.origin) for end in _codes(query.destination)]
    return found[:PAIRS_MAX]


def _codes(place: Place) -> list[str]:
    if place.code in index().metros or len(place.airports) == 1:
        return [place.code]
    return list(place.airports[:AIRPORTS_MAX])


def _supplier_ms(left: float) -> int:
    """How long Duffel may wait for airlines, so that it can still send what it has got."""
    least, most = SUPPLIER_MS
    return max(least, min(most, int((left - OVERHEAD) * 1000)))


def _invalid(body: bytes) -> InvalidInput | None:
    """The traveller's own mistake in a refusal, in our words; None when it is not theirs."""
    try:
        errors = from_json(body)["errors"]
        pointers = [str((error.get("source") or {}).get("pointer") or "") for error in errors]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    for pointer in pointers:
        for pattern, field in _FIELDS:
            if pattern.search(pointer):
                return InvalidInput.of(field, "the airlines' search does not take it", "another value")
    return None
