"""The fare source `duffel`: live offers of airlines, in the currency of the account (duffel.com/docs/api/v2)."""

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import httpx2
import structlog
from pydantic import SecretStr
from pydantic_core import from_json

from api.flights.providers.base import Progress
from api.flights.providers.duffel.batches import Batch, Gathered, read_batch
from api.flights.providers.duffel.offers import PROVIDER, read_link, read_offer
from api.flights.providers.faults import FareFault, QuestionRefused, SourceDown
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
OVERHEAD: Final = 1.0
"""Seconds of a search that are not the airlines': Duffel's own, the way there and back, and reading the last offers."""
LEAST_POLL: Final = 0.3
"""Seconds that must be left for asking for more offers."""
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


class OfferGone(Exception):
    """The offer is not sold any more."""


_GONE: Final = frozenset({"offer_no_longer_available", "offer_expired", "offer_not_found", "not_found"})
"""Codes of errors that say so (duffel.com/docs/api/overview/errors)."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DuffelFares:
    """Offers by batch offer requests, as the airlines give them. Prices are in the account's currency, whatever the query wishes."""

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

    async def search(self, query: SearchQuery, deadline: float, progress: Progress) -> tuple[Offer, ...]:
        """At most fifty offers: cheap, fast and non-stop ones. Raises a FareFault, or InvalidInput for a field."""
        ends = time.monotonic() + deadline
        gathered = Gathered(query, self._now, progress.found)
        asked = pairs(query)
        ways = (self._batches(gathered, codes, ends, progress) for codes in asked)
        faults = [one for one in await asyncio.gather(*ways, return_exceptions=True) if one is not None]
        fault = gathered.fault or (faults[0] if len(faults) == len(asked) else None)
        if fault is not None and not gathered.offers:
            raise fault
        if faults:
            progress.complete = False
        progress.cut = gathered.cut
        if gathered.test_mode and self._refuse_test_mode:
            raise SourceDown(f"{self.name}: answers in test mode, where prices are made up")
        if gathered.unreadable:
            log.warning(
                "fares.offers_dropped", source=self.name, dropped=gathered.unreadable, received=gathered.received
            )
        return gathered.offers

    async def check(self, offer: Offer, query: SearchQuery, deadline: float) -> Offer | None:
        """The offer as it is sold now; None when it is not any more. Raises a FareFault."""

        def make(http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
            return http.build_request("GET", f"/air/offers/{offer.id}")

        async def read(body: bytes) -> Offer | None:
            return read_offer(body, query, self._now())

        try:
            found = await self._http.ask(make, read, deadline, _gone)
        except OfferGone:
            return None
        if found is not None and found.price_kind is PriceKind.SAMPLE and self._refuse_test_mode:
            raise SourceDown(f"{self.name}: answers in test mode, where prices are made up")
        return found

    async def booking_url(self, offer: Offer, back: str, deadline: float) -> str | None:
        """A page of Duffel Links, where the traveller books with the company's own account; None where it has none.

        `back` is the page that they return to, whatever happened.
        """
        body = {"reference": offer.id, "success_url": back, "failure_url": back, "abandonment_url": back}

        def make(http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
            return http.build_request("POST", "/links/sessions", json={"data": body})

        async def read(answer: bytes) -> str | None:
            return read_link(answer)

        def without(_body: bytes) -> QuestionRefused:
            """An account without Links is refused them, and may search all the same."""
            return QuestionRefused(f"{self.name}: the account has no booking pages")

        return await self._http.ask(make, read, deadline, without)

    async def _batches(self, gathered: Gathered, codes: tuple[str, str], ends: float, progress: Progress) -> None:
        """Ask once, then take the offers as the airlines give them, until there are no more or the time is over."""
        batch = await self._ask(lambda http, left: self._create(http, left, gathered.query, codes), ends)
        while True:
            # Thousands of offers take a second to read, and calls run on this loop.
            await asyncio.to_thread(gathered.add, batch)
            gathered.tell()
            if not batch.remaining:
                return
            if ends - time.monotonic() < LEAST_POLL:
                progress.complete = False
                return
            try:
                batch = await self._ask(partial(_poll, batch.id), ends)
            except FareFault:
                if not gathered.offers:
                    raise
                progress.complete = False
                return

    def _create(
        self, http: httpx2.AsyncClient, left: float, query: SearchQuery, codes: tuple[str, str]
    ) -> httpx2.Request:
        params = {"supplier_timeout": str(_supplier_ms(left))}
        return http.build_request("POST", "/air/batch_offer_requests", params=params, json=question(query, codes))

    async def _ask(self, make: Callable[[httpx2.AsyncClient, float], httpx2.Request], ends: float) -> Batch:
        async def read(body: bytes) -> Batch:
            return await asyncio.to_thread(read_batch, body)

        return await self._http.ask(make, read, max(0.1, ends - time.monotonic()), _invalid)

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


def _poll(batch_id: str, http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
    return http.build_request("GET", f"/air/batch_offer_requests/{batch_id}")


def _gone(body: bytes) -> OfferGone | None:
    """Whether a refusal means that the offer is not sold any more."""
    try:
        codes = {str(error.get("code")) for error in from_json(body)["errors"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return OfferGone() if codes & _GONE else None


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
