"""The fare source `serpapi`: what Google Flights shows, read by SerpApi. Indicative prices; asked only where it is listed.

Google has sued SerpApi over this reading (December 2025); whoever lists this source decides that for themselves.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import httpx2
import structlog
from pydantic import SecretStr

from api.flights.providers.base import Progress
from api.flights.providers.faults import FareFault
from api.flights.providers.http import FareHttp
from api.flights.providers.serpapi.offers import (
    PROVIDER,
    Page,
    SerpOption,
    offers_of,
    outward_choices,
    read_booking,
    read_page,
)
from contracts.flights import Cabin, Money, Offer, PriceKind, SearchQuery

log = structlog.get_logger("polyglot.flights")

VARIABLE: Final = "SERPAPI_API_KEY"
URL_VARIABLE: Final = "POLYGLOT_SERPAPI_URL"
AIRPORTS_MAX: Final = 5
"""Airports of a city that are named in a search, the main ones first."""
TOKENS_MAX: Final = 5000
"""Booking tokens that are remembered, by their offers' ids."""
CHILD_UNDER: Final = 12
"""Google's own limit: who is older is an adult there."""
OUTWARD_MAX: Final = 2
"""Ways out whose ways back are asked for; each is one more search of the account."""
_CLASSES: Final = {Cabin.ECONOMY: "1", Cabin.PREMIUM_ECONOMY: "2", Cabin.BUSINESS: "3", Cabin.FIRST: "4"}
_STOPS: Final = {None: "0", 0: "1", 1: "2", 2: "3", 3: "0"}
"""The parameter `stops` has no value for three; we leave out what has more."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SerpApiFares:
    """Offers by `GET /search?engine=google_flights`, in the currency of the query."""

    name = PROVIDER
    price_kind = PriceKind.METASEARCH
    patience = 0.0

    def __init__(self, key: SecretStr, url: str, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._key = key
        self._now = now
        self._http = FareHttp(self.name, url, variable=VARIABLE)
        self._tokens: OrderedDict[str, str] = OrderedDict()

    def able(self, query: SearchQuery) -> bool:
        """One way and return; its answers to several legs take as many rounds as there are legs."""
        return not query.further

    async def search(self, query: SearchQuery, deadline: float, progress: Progress) -> tuple[Offer, ...]:
        """At most fifty offers. A return journey takes a second round, for the ways back of the best ways out."""
        ends = time.monotonic() + deadline
        page = await self._page(query, deadline)
        journeys: list[tuple[SerpOption, ...]]
        if query.return_date is None:
            journeys = [(option,) for option in page.options]
        else:
            journeys, progress.cut = await self._with_ways_back(query, page, ends - time.monotonic(), progress)
        tokens: dict[str, str] = {}
        chosen, failed = offers_of(journeys, page, query, self._now(), tokens)
        progress.cut = progress.cut or chosen.cut
        self._remember(tokens)
        dropped = page.unreadable + failed
        if dropped:
            log.warning("fares.offers_dropped", source=self.name, dropped=dropped, received=page.received)
        return chosen.offers

    async def check(self, offer: Offer, query: SearchQuery, deadline: float) -> Offer | None:
        """The offer at today's price, with the page of its sellers as its link; None when nobody sells it now.

        FareFault where its token is not known to this process, which then searches again.
        """
        token = self._tokens.get(offer.id)
        if token is None:
            raise FareFault(f"{self.name}: the offer's token is not known here")

        def make(http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
            params = {**question(query), "booking_token": token, "api_key": self._key.get_secret_value()}
            return http.build_request("GET", "/search", params=params)

        async def read(body: bytes) -> tuple[Decimal | None, str | None]:
            return read_booking(body)

        price, link = await self._http.ask(make, read, deadline)
        if price is None:
            return None
        total = Money(amount=f"{price:f}", currency=offer.total.currency)
        return offer.model_copy(
            update={"total": total, "deep_link": link or offer.deep_link, "fetched_at": self._now()}
        )

    def _remember(self, tokens: dict[str, str]) -> None:
        self._tokens.update(tokens)
        while len(self._tokens) > TOKENS_MAX:
            self._tokens.popitem(last=False)

    async def ready(self) -> bool:
        """Whether it may be asked: the key was not refused lately, and no limit holds."""
        return not self._http.resting

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _with_ways_back(
        self, query: SearchQuery, page: Page, left: float, progress: Progress
    ) -> tuple[list[tuple[SerpOption, ...]], bool]:
        """Whole journeys, and whether there are more ways out. One failure costs only its way out; FareFault when all fail."""
        ways_out, cut = outward_choices(page, query, OUTWARD_MAX)
        pages = await asyncio.gather(
            *(self._page(query, left, way_out.departure_token) for way_out in ways_out), return_exceptions=True
        )
        journeys: list[tuple[SerpOption, ...]] = []
        faults: list[FareFault] = []
        for way_out, found in zip(ways_out, pages, strict=True):
            if isinstance(found, Page):
                journeys += [(way_out, way_back) for way_back in found.options]
            elif isinstance(found, FareFault):
                faults.append(found)
            else:
                raise found
        if faults and not journeys:
            raise faults[0]
        progress.complete = progress.complete and not faults
        return journeys, cut

    async def _page(self, query: SearchQuery, seconds: float, departure_token: str | None = None) -> Page:
        params = question(query)
        if departure_token:
            params["departure_token"] = departure_token

        def make(http: httpx2.AsyncClient, _left: float) -> httpx2.Request:
            # The service takes its key in the address only, which therefore must not be logged.
            return http.build_request("GET", "/search", params={**params, "api_key": self._key.get_secret_value()})

        async def read(body: bytes) -> Page:
            return read_page(body, query)

        return await self._http.ask(make, read, seconds)


def question(query: SearchQuery) -> dict[str, str]:
    """The parameters of the search, without the key."""
    children = sum(age < CHILD_UNDER for age in query.children)
    params = {
        "engine": "google_flights",
        "departure_id": ",".join(query.origin.airports[:AIRPORTS_MAX]),
        "arrival_id": ",".join(query.destination.airports[:AIRPORTS_MAX]),
        "outbound_date": query.departure_date.isoformat(),
        "type": "2",
        "travel_class": _CLASSES[query.cabin],
        "adults": str(query.adults + len(query.children) - children),
        "children": str(children),
        "infants_on_lap": str(query.infants),
        "stops": _STOPS[query.max_stops],
        "currency": query.currency,
        "hl": "en",
    }
    if query.return_date is not None:
        params |= {"type": "1", "return_date": query.return_date.isoformat()}
    return params
