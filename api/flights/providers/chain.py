"""Asks the fare sources in order, remembers what they said for a while, and never asks the same thing twice at once."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from api.flights.providers.base import FareSource
from contracts.events import Event
from contracts.flights import Offer, PriceKind, SearchQuery
from contracts.problems import FaresUnavailable, InvalidInput

log = structlog.get_logger("polyglot.flights")

CACHE_SIZE: Final = 512
EMPTY_CACHE_SECONDS: Final = 60.0
"""Nothing found may be a passing gap of the source: forget it sooner."""
METASEARCH_SECONDS: Final = 3600.0
"""Life of a metasearch's prices: SerpApi itself keeps the same answer for an hour (serpapi.com/google-flights-api)."""
RESERVE: Final = 2.0
"""Seconds kept back for each source that is still to be asked; a share of the time where that is less."""
EXPIRY_MARGIN: Final = 120.0
"""Seconds before an offer expires in which it is no longer handed out: the traveller needs time to choose."""


Observer = Callable[[str, str, float], None]
"""Told of each answer of a source: its name, `offers`, `none` or `failed`, and how many seconds it took."""


@dataclass(frozen=True, slots=True)
class Fares:
    """What the first source that answered said."""

    provider: str
    price_kind: PriceKind
    offers: tuple[Offer, ...]
    complete: bool = True
    """False: some source did not answer, or had too little time for an empty answer to mean that there is nothing."""


class FareChain:
    """The configured sources, in order."""

    def __init__(
        self,
        sources: tuple[FareSource, ...],
        *,
        deadline: float,
        cache_seconds: float,
        clock: Callable[[], float] = time.time,
        observe: Observer = lambda _source, _outcome, _seconds: None,
    ) -> None:
        self.sources: Final = sources
        self._observe = observe
        self._deadline = deadline
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._cache: OrderedDict[str, tuple[float, Fares]] = OrderedDict()
        self._running: dict[str, asyncio.Task[Fares]] = {}

    async def search(self, query: SearchQuery) -> Fares:
        """Offers of the first source that answers; FaresUnavailable when none does.

        A search that somebody else is already running is shared. Somebody who is cancelled leaves it to the others.
        """
        key = search_key(query)
        known = self._cache.get(key)
        if known and self._clock() < known[0]:
            self._cache.move_to_end(key)
            return known[1]
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(query))
            self._running[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    async def ready(self) -> bool:
        """Whether any source is likely to answer."""
        return any(await asyncio.gather(*(source.ready() for source in self.sources)))

    async def aclose(self) -> None:
        """Cancel what runs and close the sources."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*(source.aclose() for source in self.sources), return_exceptions=True)

    def _finished(self, key: str, task: asyncio.Task[Fares]) -> None:
        self._running.pop(key, None)
        if task.cancelled() or task.exception() is not None:  # reading the exception marks it as seen
            return
        fares = task.result()
        self._cache[key] = (self._clock() + self._keep(fares), fares)
        while len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)

    def _keep(self, fares: Fares) -> float:
        if not fares.offers and not fares.complete:
            return 0.0
        if not fares.offers:
            return min(EMPTY_CACHE_SECONDS, self._cache_seconds)
        expiries = [offer.expires_at.timestamp() for offer in fares.offers if offer.expires_at]
        soonest = min(expiries, default=float("inf")) - self._clock() - EXPIRY_MARGIN
        lasting = self._cache_seconds > 0 and fares.price_kind is PriceKind.METASEARCH
        return max(0.0, min(METASEARCH_SECONDS if lasting else self._cache_seconds, soonest))

    async def _ask(self, query: SearchQuery) -> Fares:
        """The first answer with offers; else an empty one, which says whether it can be relied on."""
        if not self.sources:
            raise FaresUnavailable("No fare source is configured (POLYGLOT_FARE_SOURCES).")
        able = [source for source in self.sources if source.able(query)]
        if not able:
            raise InvalidInput.of(
                "further" if query.further else "children",
                "no fare source of this assistant can price such a journey in one search",
                "each leg as a search of its own" if query.further else "adults only",
            )
        started = time.monotonic()
        empty: FareSource | None = None
        complete = True
        for position, source in enumerate(able):
            left = self._deadline - (time.monotonic() - started)
            if left <= 0:
                complete = False
                break
            # Something is kept back, so that one slow source does not cost the next one its turn.
            turns = len(able) - position
            budget = left - min(RESERVE, left / turns) * (turns - 1)
            offers = await self._answer(source, query, budget, started)
            if offers:
                return Fares(source.name, _kind(source, offers), offers)
            if offers is None:
                complete = False
            else:
                empty = empty or source
                complete = complete and budget >= source.patience
        if empty is None:
            names = ", ".join(source.name for source in able)
            raise FaresUnavailable(f"None of the fare sources answered in time: {names}.")
        return Fares(empty.name, empty.price_kind, (), complete=complete)

    async def _answer(
        self, source: FareSource, query: SearchQuery, budget: float, started: float
    ) -> tuple[Offer, ...] | None:
        """What the source says; None when it fails or is late. InvalidInput ends the search."""
        asked = time.monotonic()
        try:
            async with asyncio.timeout(budget):
                offers = await source.search(query, budget)
        except InvalidInput:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a source does, the next one is asked
            self._observe(source.name, "failed", time.monotonic() - asked)
            log.warning(Event.FARES_FAILED.value, source=source.name, reason=type(error).__name__)
            return None
        self._observe(source.name, "offers" if offers else "none", time.monotonic() - asked)
        seconds = round(time.monotonic() - started, 3)
        log.info(Event.FARES_ANSWERED.value, source=source.name, offers=len(offers), seconds=seconds)
        return offers


def search_key(query: SearchQuery) -> str:
    """What makes two searches the same: not the language in which the places are named."""
    named = {"name": True, "country": True, "time_zone": True, "area": True}
    leg = {"origin": named, "destination": named}
    # Filters are kept to after the answer, so that another time of day is not another search.
    return query.model_dump_json(exclude={**leg, "further": {"__all__": leg}, "filters": True})


def _kind(source: FareSource, offers: tuple[Offer, ...]) -> PriceKind:
    """How far the answer can be relied on: as far as its least reliable offer."""
    kinds = {offer.price_kind for offer in offers}
    return max(kinds, key=list(PriceKind).index, default=source.price_kind)
