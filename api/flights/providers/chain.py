"""Asks the fare sources, remembers what they said for a while, and never asks the same thing twice at once."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from api.flights.providers.base import Fares, FareSource
from api.flights.providers.breaker import Breaker
from api.flights.providers.choice import NO_FILTERS
from api.flights.providers.race import Listener, Observer, Race
from api.flights.repository import FlightRepository
from contracts.flights import PriceKind, SearchQuery
from contracts.problems import FaresUnavailable, InvalidInput

EMPTY_CACHE_SECONDS: Final = 60.0
"""Nothing found may be a passing gap of the source: forget it sooner; so is an answer that somebody is missing from."""
METASEARCH_SECONDS: Final = 3600.0
"""Life of a metasearch's prices: SerpApi itself keeps the same answer for an hour (serpapi.com/google-flights-api)."""
EXPIRY_MARGIN: Final = 120.0
"""Seconds before an offer expires in which it is no longer handed out: the traveller needs time to choose."""


class _Flight:
    """A search that runs, and everybody who listens to it."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Fares] | None = None
        self.listeners: list[Listener] = []
        self.so_far: Fares | None = None

    def tell(self, fares: Fares) -> None:
        self.so_far = fares
        for listen in self.listeners:
            listen(fares)


class FareChain:
    """The configured sources, in order."""

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        sources: tuple[FareSource, ...],
        *,
        deadline: float,
        cache_seconds: float,
        clock: Callable[[], float] = time.time,
        observe: Observer = lambda _source, _outcome, _seconds: None,
        kept: FlightRepository | None = None,
    ) -> None:
        self.sources: Final = sources
        self._breakers = {source.name: Breaker() for source in sources}
        self._observe = observe
        self._deadline = deadline
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._kept = kept or FlightRepository(clock=clock)
        self._running: dict[str, _Flight] = {}

    async def search(self, query: SearchQuery, listen: Listener | None = None, *, fresh: bool = False) -> Fares:
        """Offers of the first source that answers; FaresUnavailable when none does.

        A search that somebody else is already running is shared, with other tasks of the API too. Somebody who is
        cancelled leaves it to the others. `listen` is told of what is there so far; `fresh` takes nothing remembered.
        """
        key = search_key(query)
        for own in () if fresh else keys_of(query):
            known = self._kept.own(own)
            if known is not None and (own == key or not known.cut):
                return known
        flight = self._running.get(key)
        if flight is None or flight.task is None:
            flight = self._running[key] = _Flight()
            flight.task = asyncio.create_task(self._fly(key, query, flight, fresh=fresh))
            flight.task.add_done_callback(lambda done: self._finished(key, done))
        if listen is not None:
            flight.listeners.append(listen)
            if flight.so_far is not None:
                listen(flight.so_far)
        return await asyncio.shield(flight.task)

    async def ready(self) -> bool:
        """Whether any source is likely to answer."""
        awake = [source for source in self.sources if not self._breakers[source.name].open]
        return any(await asyncio.gather(*(source.ready() for source in awake)))

    async def aclose(self) -> None:
        """Cancel what runs and close the sources."""
        running = [flight.task for flight in self._running.values() if flight.task]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*(source.aclose() for source in self.sources), return_exceptions=True)

    def fresh_for(self, fares: Fares) -> float:
        """Seconds for which an answer may be handed out again."""
        if not fares.offers and not fares.complete:
            return 0.0
        if not fares.offers or not fares.complete:
            return min(EMPTY_CACHE_SECONDS, self._cache_seconds)
        expiries = [offer.expires_at.timestamp() for offer in fares.offers if offer.expires_at]
        soonest = min(expiries, default=float("inf")) - self._clock() - EXPIRY_MARGIN
        lasting = self._cache_seconds > 0 and fares.price_kind is PriceKind.METASEARCH
        return max(0.0, min(METASEARCH_SECONDS if lasting else self._cache_seconds, soonest))

    def _finished(self, key: str, task: asyncio.Task[Fares]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            task.exception()  # reading it marks it as seen

    async def _fly(self, key: str, query: SearchQuery, flight: _Flight, *, fresh: bool) -> Fares:
        able = self._able(query)
        if not fresh:
            known = await self._remembered(query)
            if known is None and not await self._kept.claim(key, self._deadline + 1):
                known = await self._kept.await_others(key, self._deadline)
            if known is not None:
                return known
        try:
            race = Race(query, able, self._breakers, self._deadline, self._observe, flight.tell)
            fares = await race.run()
            # What was not chosen by the filters answers the question with any others too.
            for name in {key} if fares.cut else set(keys_of(query)):
                await self._kept.put_fares(name, fares, self.fresh_for(fares))
        finally:
            await self._kept.release(key)
        return fares

    async def _remembered(self, query: SearchQuery) -> Fares | None:
        key = search_key(query)
        for own in keys_of(query):
            known = await self._kept.fares(own)
            if known is not None and (own == key or not known.cut):
                return known
        return None

    def _able(self, query: SearchQuery) -> list[FareSource]:
        if not self.sources:
            raise FaresUnavailable("No fare source is configured (POLYGLOT_FARE_SOURCES).")
        able = [source for source in self.sources if source.able(query)]
        if not able:
            raise InvalidInput.of(
                "further" if query.further else "children",
                "no fare source of this assistant can price such a journey in one search",
                "each leg as a search of its own" if query.further else "adults only",
            )
        return able


def search_key(query: SearchQuery) -> str:
    """What makes two searches the same: not the language in which the places are named."""
    named = {"name": True, "country": True, "time_zone": True, "area": True}
    leg = {"origin": named, "destination": named}
    return query.model_dump_json(exclude={**leg, "further": {"__all__": leg}})


def keys_of(query: SearchQuery) -> tuple[str, ...]:
    """Under which an answer may be known: the search's own, and that of the search without filters.

    Filters are kept to after the answer, so that another time of day is not another search where the answer was whole.
    """
    return tuple(dict.fromkeys((search_key(query), search_key(query.model_copy(update={"filters": NO_FILTERS})))))
