"""One search of several sources: in order, the next one beside a slow one, the first with offers wins."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from api.flights.providers.base import Fares, FareSource, Progress
from api.flights.providers.breaker import Breaker
from api.flights.providers.faults import QuestionRefused
from contracts.events import Event
from contracts.flights import Offer, PriceKind, SearchQuery
from contracts.problems import FaresUnavailable, InvalidInput

log = structlog.get_logger("polyglot.flights")

HEDGE_AFTER: Final = 3.5
"""Seconds without an offer after which the next source is asked beside the one before it."""
HEDGE_SHARE: Final = 0.58
"""Of the deadline, where that is less."""

Observer = Callable[[str, str, float], None]
"""Told of each answer of a source: its name, `offers`, `none` or `failed`, and how many seconds it took."""
Listener = Callable[[Fares], None]
"""Told of what is there so far."""


@dataclass(eq=False)
class _Entrant:
    source: FareSource
    progress: Progress
    task: asyncio.Task[tuple[Offer, ...]]
    began: float
    budget: float


class Race:
    """For one question."""

    def __init__(  # noqa: PLR0913, PLR0917 - made in one place
        self,
        query: SearchQuery,
        sources: Sequence[FareSource],
        breakers: Mapping[str, Breaker],
        deadline: float,
        observe: Observer,
        listen: Listener,
    ) -> None:
        self._query = query
        self._waiting = list(sources)
        self._names = [source.name for source in sources]
        self._breakers = breakers
        self._observe = observe
        self._listen = listen
        self._began = time.monotonic()
        self._ends = self._began + deadline
        self._hedge = min(HEDGE_AFTER, HEDGE_SHARE * deadline)
        self._running: dict[asyncio.Task[tuple[Offer, ...]], _Entrant] = {}
        self._empty: FareSource | None = None
        self._complete = True
        self._cut = False

    async def run(self) -> Fares:
        """The first answer with offers; else an empty one, which says whether it can be relied on.

        Raises FaresUnavailable when nobody answered in time, InvalidInput for what the traveller must mend.
        """
        try:
            return await self._run()
        finally:
            for entrant in self._running.values():
                entrant.task.cancel()
                self._breakers[entrant.source.name].left_alone()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self) -> Fares:
        while True:
            now = time.monotonic()
            if now >= self._ends:
                return self._late()
            if self._waiting and now >= self._next_start():
                self._start(now)
            if not self._running:
                if self._waiting:
                    continue
                return self._nothing()
            pause = min(self._ends, self._next_start()) if self._waiting else self._ends
            done, _ = await asyncio.wait(
                self._running, timeout=max(0.0, pause - now), return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                fares = self._over(self._running.pop(task))
                if fares is not None:
                    return fares

    def _next_start(self) -> float:
        """When the next source is asked: at once after a failure, later beside a slow one, never beside one with offers."""
        if not self._running:
            return 0.0
        if any(entrant.progress.offers for entrant in self._running.values()):
            return float("inf")
        return max(entrant.began for entrant in self._running.values()) + self._hedge

    def _start(self, now: float) -> None:
        source = self._waiting.pop(0)
        if not self._breakers[source.name].begin():
            self._complete = False
            return
        progress = Progress(lambda offers: self._listen(_fares(source, offers, complete=False, cut=True)))
        budget = self._ends - now
        task = asyncio.create_task(source.search(self._query, budget, progress))
        self._running[task] = _Entrant(source, progress, task, now, budget)

    def _over(self, entrant: _Entrant) -> Fares | None:
        """What a source's end means: fares, or None when the others must answer. InvalidInput ends the search."""
        source, error = entrant.source, entrant.task.exception()
        if isinstance(error, InvalidInput):
            self._breakers[source.name].answered()
            raise error
        if error is not None:
            self._failed(entrant, error)
            return None
        offers = entrant.task.result()
        self._breakers[source.name].answered()
        self._observe(source.name, "offers" if offers else "none", time.monotonic() - entrant.began)
        seconds = round(time.monotonic() - self._began, 3)
        log.info(Event.FARES_ANSWERED.value, source=source.name, offers=len(offers), seconds=seconds)
        if offers:
            return _fares(source, offers, complete=entrant.progress.complete, cut=entrant.progress.cut)
        self._empty = self._empty or source
        self._cut = self._cut or entrant.progress.cut
        self._complete = self._complete and entrant.progress.complete and entrant.budget >= source.patience
        return None

    def _failed(self, entrant: _Entrant, error: BaseException) -> None:
        self._complete = False
        breaker = self._breakers[entrant.source.name]
        if isinstance(error, QuestionRefused):
            breaker.answered()
        else:
            breaker.failed()
        self._observe(entrant.source.name, "failed", time.monotonic() - entrant.began)
        log.warning(Event.FARES_FAILED.value, source=entrant.source.name, reason=type(error).__name__)

    def _late(self) -> Fares:
        """The time is over: what was found so far is better than nothing."""
        some = next((one for one in self._running.values() if one.progress.offers), None)
        for entrant in self._running.values():
            if entrant is not some:
                self._failed(entrant, TimeoutError())
        if some is not None:
            self._breakers[some.source.name].answered()
            self._observe(some.source.name, "offers", time.monotonic() - some.began)
            return _fares(some.source, some.progress.offers, complete=False, cut=some.progress.cut)
        self._complete = False
        return self._nothing()

    def _nothing(self) -> Fares:
        if self._empty is None:
            raise FaresUnavailable(f"None of the fare sources answered in time: {', '.join(self._names)}.")
        return Fares(self._empty.name, self._empty.price_kind, (), complete=self._complete, cut=self._cut)


def _fares(source: FareSource, offers: tuple[Offer, ...], *, complete: bool, cut: bool) -> Fares:
    """An answer can be relied on as far as its least reliable offer."""
    kinds = {offer.price_kind for offer in offers}
    kind = max(kinds, key=list(PriceKind).index, default=source.price_kind)
    return Fares(source.name, kind, offers, complete=complete, cut=cut)
