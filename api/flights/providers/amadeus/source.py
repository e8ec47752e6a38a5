"""Offers by `POST /v2/shopping/flight-offers`, with an OAuth token that is renewed before it ends (amadeus4dev specs)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import httpx2
import structlog
from pydantic import SecretStr
from pydantic_core import from_json

from api.flights.providers.amadeus.offers import MOST, PROVIDER, Reading, read_answer
from api.flights.providers.base import Progress
from api.flights.providers.faults import AnswerUnreadable
from api.flights.providers.http import FareHttp
from contracts.flights import Cabin, Offer, PriceKind, SearchQuery

log = structlog.get_logger("polyglot.flights")

ID_VARIABLE: Final = "AMADEUS_CLIENT_ID"
SECRET_VARIABLE: Final = "AMADEUS_CLIENT_SECRET"  # noqa: S105 - a variable's name
URL_VARIABLE: Final = "POLYGLOT_AMADEUS_URL"
CHILD_UNDER: Final = 12
"""Amadeus' own limit: who is older pays as an adult."""
TOKEN_MARGIN: Final = 60.0
"""Seconds before its end in which a token is no longer used."""
_CABINS: Final = {
    Cabin.ECONOMY: "ECONOMY",
    Cabin.PREMIUM_ECONOMY: "PREMIUM_ECONOMY",
    Cabin.BUSINESS: "BUSINESS",
    Cabin.FIRST: "FIRST",
}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AmadeusFares:
    """The source `amadeus`, in the currency of the query."""

    name = PROVIDER
    price_kind = PriceKind.LIVE
    patience = 0.0

    def __init__(
        self, client_id: SecretStr, secret: SecretStr, url: str, *, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._client_id, self._secret = client_id, secret
        self._now = now
        self._http = FareHttp(self.name, url, variable=SECRET_VARIABLE)
        self._token = ""
        self._token_until = float("-inf")

    def able(self, query: SearchQuery) -> bool:  # noqa: ARG002 - part of the seam
        """Every kind of journey."""
        return True

    async def search(self, query: SearchQuery, deadline: float, progress: Progress) -> tuple[Offer, ...]:
        """At most fifty offers. Raises a FareFault."""
        ends = time.monotonic() + deadline
        token = await self._valid_token(deadline)

        def make(http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
            headers = {"Authorization": f"Bearer {token}", "X-HTTP-Method-Override": "GET"}
            return http.build_request("POST", "/v2/shopping/flight-offers", json=question(query), headers=headers)

        async def read(body: bytes) -> Reading:
            return read_answer(body, query, self._now())

        reading = await self._http.ask(make, read, max(0.1, ends - time.monotonic()))
        if reading.unreadable:
            log.warning("fares.offers_dropped", source=self.name, dropped=reading.unreadable, received=reading.received)
        progress.cut = reading.cut
        return reading.offers

    async def ready(self) -> bool:
        """Whether it may be asked: the key was not refused lately, and no limit holds."""
        return not self._http.resting

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _valid_token(self, seconds: float) -> str:
        if time.monotonic() < self._token_until:
            return self._token

        def make(http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._client_id.get_secret_value(),
                "client_secret": self._secret.get_secret_value(),
            }
            return http.build_request("POST", "/v1/security/oauth2/token", data=form)

        async def read(body: bytes) -> tuple[str, float]:
            return read_token(body)

        self._token, life = await self._http.ask(make, read, seconds)
        self._token_until = time.monotonic() + max(0.0, life - TOKEN_MARGIN)
        return self._token


def read_token(body: bytes) -> tuple[str, float]:
    """A token and for how many seconds it is good."""
    try:
        answer = from_json(body)
        return str(answer["access_token"]), float(answer["expires_in"])
    except (ValueError, KeyError, TypeError):
        raise AnswerUnreadable(f"{PROVIDER}: the answer holds no token") from None


def question(query: SearchQuery) -> dict[str, Any]:
    """The body of the search."""
    legs = [str(number) for number in range(1, len(query.legs) + 1)]
    children = sum(age < CHILD_UNDER for age in query.children)
    grown = query.adults + len(query.children) - children
    adults = [{"id": str(number), "travelerType": "ADULT"} for number in range(1, grown + 1)]
    others: list[dict[str, str]] = []
    for kind, count in (("CHILD", children), ("HELD_INFANT", query.infants)):
        for number in range(count):
            made = {"id": str(len(adults) + len(others) + 1), "travelerType": kind}
            others.append(made | ({"associatedAdultId": str(number + 1)} if kind == "HELD_INFANT" else {}))
    filters: dict[str, Any] = {
        "cabinRestrictions": [
            {"cabin": _CABINS[query.cabin], "coverage": "MOST_SEGMENTS", "originDestinationIds": legs}
        ]
    }
    wished = query.filters
    if wished.airlines:
        # Theirs is narrower than ours, which takes what a wanted airline sells; only one of the two may be sent.
        filters["carrierRestrictions"] = {"includedCarrierCodes": list(wished.airlines)}
    elif wished.without_airlines:
        filters["carrierRestrictions"] = {"excludedCarrierCodes": list(wished.without_airlines)}
    if query.max_stops is not None:
        filters["connectionRestriction"] = {"maxNumberOfConnections": min(query.max_stops, 2)}
    return {
        "currencyCode": query.currency,
        "originDestinations": [
            {
                "id": number,
                "originLocationCode": leg.origin.code,
                "destinationLocationCode": leg.destination.code,
                "departureDateTimeRange": {"date": leg.date.isoformat()},
            }
            for number, leg in zip(legs, query.legs, strict=True)
        ],
        "travelers": [*adults, *others],
        "sources": ["GDS"],
        "searchCriteria": {"maxFlightOffers": MOST, "flightFilters": filters},
    }
