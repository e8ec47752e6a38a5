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

from api.flights.providers.duffel_offers import PROVIDER, Reading, read_answer
from api.flights.providers.faults import SourceDown
from api.flights.providers.http import FareHttp
from contracts.flights import Offer, PriceKind, SearchQuery
from contracts.problems import InvalidInput

log = structlog.get_logger("polyglot.flights")

VARIABLE: Final = "DUFFEL_API_TOKEN"
VERSION: Final = "v2"
TEST_PREFIX: Final = "duffel_test_"
"""Tokens of the sandbox, whose airlines and prices are made up."""
OVERHEAD: Final = 1.5
"""Seconds of a search that are not the airlines': Duffel's own, the way there and back, and reading the answer (for
4000 offers 0.7). An answer that comes too late is lost whole, one without the slowest airline is not."""
SUPPLIER_MS: Final = (2_000, 60_000)
"""What `supplier_timeout` may be; Duffel takes anything else for its default of 20 seconds."""
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

    async def search(self, query: SearchQuery, deadline: float) -> tuple[Offer, ...]:
        """At most fifty offers: cheap, fast and non-stop ones. Raises a FareFault, or InvalidInput for a field."""

        def make(http: httpx2.AsyncClient, left: float) -> httpx2.Request:
            params = {"return_offers": "true", "supplier_timeout": str(_supplier_ms(left))}
            return http.build_request("POST", "/air/offer_requests", params=params, json=question(query))

        async def read(body: bytes) -> Reading:
            # Thousands of offers take a second to read, and calls run on this loop.
            return await asyncio.to_thread(read_answer, body, query, self._now())

        reading = await self._http.ask(make, read, deadline, _invalid)
        if reading.unreadable:
            log.warning("fares.offers_dropped", source=self.name, dropped=reading.unreadable, received=reading.received)
        if reading.test_mode and self._refuse_test_mode:
            raise SourceDown(f"{self.name}: answers in test mode, where prices are made up")
        return reading.offers

    async def ready(self) -> bool:
        """Whether it may be asked: the token was not refused lately, and no limit holds."""
        return not self._http.resting

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def question(query: SearchQuery) -> dict[str, Any]:
    """The body of the offer request."""
    ways = [(query.origin.code, query.destination.code, query.departure_date)]
    if query.return_date is not None:
        ways.append((query.destination.code, query.origin.code, query.return_date))
    # Without it Duffel leaves out journeys with two changes, which are the only ones between some places.
    connections = CONNECTIONS_MAX if query.max_stops is None else min(query.max_stops, CONNECTIONS_MAX)
    return {
        "data": {
            "slices": [
                {"origin": origin, "destination": destination, "departure_date": day.isoformat()}
                for origin, destination, day in ways
            ],
            "passengers": [{"type": "adult"}] * query.adults,
            "cabin_class": query.cabin.value,
            "max_connections": connections,
        }
    }


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
