"""What is kept of searches for a while: fares that every task of the API may hand out, and answers by their id.

Both are in Valkey where there is one, and in this process beside it: while Valkey is away each task has its own.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from api.flights.providers.base import Fares
from api.shared import AwayError, Shared
from contracts.flights import SearchResult

SIZE: Final = 512
SEARCH_SECONDS: Final = 3600.0
"""An answer can be checked, shared or compared for so long."""
POLL: Final = 0.1
"""Seconds between looks at what another task is asking for."""
_PREFIX: Final = "polyglot:fares"
_FARES: Final = TypeAdapter(Fares)

T = TypeVar("T")


class FlightRepository:
    """Fares by what was asked, answers by their id."""

    def __init__(self, shared: Shared | None = None, clock: Callable[[], float] = time.time) -> None:
        self._shared = shared
        self._clock = clock
        self._fares: OrderedDict[str, tuple[float, Fares]] = OrderedDict()
        self._searches: OrderedDict[str, tuple[float, SearchResult]] = OrderedDict()

    def own(self, key: str) -> Fares | None:
        """What this process knows, without a look anywhere else."""
        known = self._fares.get(key)
        if known is None or known[0] <= self._clock():
            return None
        self._fares.move_to_end(key)
        return known[1]

    async def fares(self, key: str) -> Fares | None:
        """Fares that are still fresh."""
        return self.own(key) or await self._from_others(key)

    async def put_fares(self, key: str, fares: Fares, seconds: float) -> None:
        """Keep fares for so long; not at all with 0."""
        if seconds <= 0:
            return
        until = self._clock() + seconds
        _remember(self._fares, key, (until, fares))
        body = f"{until:.3f} ".encode() + _FARES.dump_json(fares)
        await self._set(f"{_PREFIX}:{_hash(key)}", body.decode(), seconds)

    async def claim(self, key: str, seconds: float) -> bool:
        """Whether it is this task that asks; False: another one does, and its answer will be here."""
        if self._shared is None:
            return True
        name, life = f"{_PREFIX}:asking:{_hash(key)}", math.ceil(seconds)
        try:
            return bool(await self._shared.ask(lambda valkey: valkey.set(name, "1", nx=True, ex=life)))
        except AwayError:
            return True

    async def release(self, key: str) -> None:
        """The answer is there, or there will be none."""
        if self._shared is None:
            return
        name = f"{_PREFIX}:asking:{_hash(key)}"
        try:
            await self._shared.ask(lambda valkey: valkey.delete(name))
        except AwayError:
            return

    async def await_others(self, key: str, seconds: float) -> Fares | None:
        """The answer that another task is asking for; None when it gave up or took too long."""
        ends = time.monotonic() + seconds
        name = f"{_PREFIX}:asking:{_hash(key)}"
        while self._shared is not None and time.monotonic() < ends:
            await asyncio.sleep(POLL)
            try:
                asking = await self._shared.ask(lambda valkey: valkey.exists(name))
            except AwayError:
                return None
            found = await self._from_others(key)
            if found is not None or not asking:
                return found
        return None

    async def keep_search(self, result: SearchResult) -> None:
        """Remember an answer by its id."""
        _remember(self._searches, result.search_id, (self._clock() + SEARCH_SECONDS, result))
        await self._set(f"polyglot:search:{result.search_id}", result.model_dump_json(), SEARCH_SECONDS)

    async def search(self, search_id: str) -> SearchResult | None:
        """The answer of that id, for an hour."""
        known = self._searches.get(search_id)
        if known is not None and known[0] > self._clock():
            return known[1]
        body = await self._get(f"polyglot:search:{search_id}")
        try:
            return SearchResult.model_validate_json(body) if body else None
        except ValidationError:  # of another version, in the middle of a deployment
            return None

    async def _from_others(self, key: str) -> Fares | None:
        body = await self._get(f"{_PREFIX}:{_hash(key)}")
        until, _, rest = (body or "").partition(" ")
        try:
            fares, fresh = (_FARES.validate_json(rest), float(until)) if rest else (None, 0.0)
        except (ValidationError, ValueError):
            return None
        if fares is None or fresh <= self._clock():
            return None
        _remember(self._fares, key, (fresh, fares))
        return fares

    async def _get(self, name: str) -> str | None:
        if self._shared is None:
            return None
        try:
            return await self._shared.ask(lambda valkey: valkey.get(name))
        except AwayError:
            return None

    async def _set(self, name: str, body: str, seconds: float) -> None:
        if self._shared is None:
            return
        try:
            await self._shared.ask(lambda valkey: valkey.set(name, body, ex=max(1, math.ceil(seconds))))
        except AwayError:
            return


def _remember(kept: OrderedDict[str, tuple[float, T]], key: str, value: tuple[float, T]) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > SIZE:
        kept.popitem(last=False)


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:40]
