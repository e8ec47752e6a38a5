"""What a running call may need again and nobody agreed to keep: in memory, and gone when the call ends.

An agent that replaces a dead one reads the conversation from here. With several processes of the API the memory is a
Valkey, because any of them may be asked. Nothing of it is written to a disk by us: without consent nothing is stored.
What the end of a call does not delete, because Valkey is away just then or a process dies, expires.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol, TypeVar, cast

from pydantic import BaseModel, ValidationError
from valkey.asyncio import Valkey

from api.shared import AwayError, Shared
from contracts.flights import SearchResult
from contracts.turns import Turn

TURNS_MAX: Final = 1000
"""Of one session in memory; the oldest go first."""
SEARCHES_MAX: Final = 50
MARGIN: Final = 3600.0
"""Seconds that what was left over outlives the longest call."""

M = TypeVar("M", bound=BaseModel)


Forget = Callable[[str], Awaitable[None]]


async def _nothing(_session_id: str) -> None:
    """Nobody else knows of the call."""


class CallMemory(Protocol):
    """Turns and searches of running calls. No method fails."""

    everywhere: bool
    """Whether what one process remembers is known to all."""
    also_forget: Forget
    """What else knows of a call, and forgets it with this."""

    async def add_turn(self, session_id: str, turn: Turn) -> bool:
        """Remember a turn; False when it was there already."""
        ...

    async def turns(self, session_id: str) -> list[Turn]:
        """Turns, oldest first."""
        ...

    async def add_search(self, session_id: str, result: SearchResult) -> None:
        """Remember a search for the summary."""
        ...

    async def searches(self, session_id: str) -> list[SearchResult]:
        """Searches, oldest first."""
        ...

    async def forget(self, session_id: str) -> None:
        """Drop everything of a call."""
        ...


class _Call:
    def __init__(self, since: float) -> None:
        self.since = since
        self.turns: OrderedDict[str, Turn] = OrderedDict()
        self.searches: list[SearchResult] = []


class OwnMemory:
    """In this process. A call whose end another process saw goes after `lifetime` seconds."""

    everywhere = False
    also_forget: Forget

    def __init__(self, lifetime: float, now: Callable[[], float] = time.monotonic) -> None:
        self._lifetime, self._now = lifetime, now
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self.also_forget = _nothing

    async def add_turn(self, session_id: str, turn: Turn) -> bool:
        """See `CallMemory`."""
        turns = self._call(session_id).turns
        if turn.id in turns:
            return False
        turns[turn.id] = turn
        if len(turns) > TURNS_MAX:
            turns.popitem(last=False)
        return True

    async def turns(self, session_id: str) -> list[Turn]:
        """See `CallMemory`."""
        self._expire()
        call = self._calls.get(session_id)
        return sorted(call.turns.values(), key=_started) if call else []

    async def add_search(self, session_id: str, result: SearchResult) -> None:
        """See `CallMemory`."""
        searches = self._call(session_id).searches
        searches.append(result)
        del searches[:-SEARCHES_MAX]

    async def searches(self, session_id: str) -> list[SearchResult]:
        """See `CallMemory`."""
        self._expire()
        call = self._calls.get(session_id)
        return list(call.searches) if call else []

    async def forget(self, session_id: str) -> None:
        """See `CallMemory`."""
        self._calls.pop(session_id, None)
        await self.also_forget(session_id)

    def moved(self, session_id: str, *, turns: Iterable[Turn] = (), searches: Sequence[SearchResult] = ()) -> None:
        """Drop what is kept elsewhere now; nothing that came meanwhile."""
        call = self._calls.get(session_id)
        if call is None:
            return
        for turn in turns:
            call.turns.pop(turn.id, None)
        call.searches = [result for result in call.searches if result not in searches]
        if not call.turns and not call.searches:
            del self._calls[session_id]

    def _call(self, session_id: str) -> _Call:
        self._expire()
        if session_id not in self._calls:
            self._calls[session_id] = _Call(self._now())
        return self._calls[session_id]

    def _expire(self) -> None:
        """The first is the oldest: calls are never moved within the order."""
        while self._calls and next(iter(self._calls.values())).since <= self._now() - self._lifetime:
            self._calls.popitem(last=False)


class SharedMemory:
    """In Valkey, under `polyglot:call:<session_id>:turns` (a hash by turn) and `…:searches` (a list).

    The expiry counts from the first entry of a key and is not put off by later ones. While Valkey is away this process
    remembers alone, and hands over what it has with the next entry that Valkey takes.
    """

    everywhere = True
    also_forget: Forget

    def __init__(self, shared: Shared, lifetime: float) -> None:
        self._shared = shared
        self._lifetime = math.ceil(lifetime)
        self._own = OwnMemory(lifetime)
        self.also_forget = _nothing
        self._owed: set[str] = set()
        """Calls that ended while Valkey was away."""

    async def add_turn(self, session_id: str, turn: Turn) -> bool:
        """See `CallMemory`."""
        waiting = await self._own.turns(session_id)
        turns = [*waiting, turn]
        try:
            added = await self._shared.ask(lambda valkey: self._put(valkey, _key(session_id, "turns"), turns))
        except AwayError:
            return await self._own.add_turn(session_id, turn)
        self._own.moved(session_id, turns=waiting)
        return added

    async def turns(self, session_id: str) -> list[Turn]:
        """See `CallMemory`."""
        try:
            bodies = await self._shared.ask(lambda valkey: _bodies(valkey.hvals(_key(session_id, "turns"))))
        except AwayError:
            bodies = []
        found = {turn.id: turn for turn in (*await self._own.turns(session_id), *_parsed(Turn, bodies))}
        return sorted(found.values(), key=_started)

    async def add_search(self, session_id: str, result: SearchResult) -> None:
        """See `CallMemory`."""
        waiting = await self._own.searches(session_id)
        bodies = [search.model_dump_json() for search in (*waiting, result)]
        try:
            await self._shared.ask(lambda valkey: self._append(valkey, _key(session_id, "searches"), bodies))
        except AwayError:
            await self._own.add_search(session_id, result)
        else:
            self._own.moved(session_id, searches=waiting)

    async def searches(self, session_id: str) -> list[SearchResult]:
        """See `CallMemory`."""
        try:
            bodies = await self._shared.ask(lambda valkey: _bodies(valkey.lrange(_key(session_id, "searches"), 0, -1)))
        except AwayError:
            bodies = []
        found = [*_parsed(SearchResult, bodies), *await self._own.searches(session_id)]
        return found[-SEARCHES_MAX:]

    async def forget(self, session_id: str) -> None:
        """See `CallMemory`. What Valkey does not delete now is deleted with the next call that ends, or expires."""
        await self._own.forget(session_id)
        await self.also_forget(session_id)
        self._owed.add(session_id)
        ended = tuple(self._owed)
        try:
            await self._shared.ask(lambda valkey: self._delete(valkey, ended))
        except AwayError:
            return
        self._owed.difference_update(ended)

    async def _put(self, valkey: Valkey, key: str, turns: Sequence[Turn]) -> bool:
        async with valkey.pipeline(transaction=True) as pipe:
            for turn in turns:
                pipe.hsetnx(key, turn.id, turn.model_dump_json())
            pipe.expire(key, self._lifetime, nx=True)
            pipe.hlen(key)
            *added, _, count = await pipe.execute()
        if count > TURNS_MAX:
            oldest = sorted(_parsed(Turn, await _bodies(valkey.hvals(key))), key=_started)[: count - TURNS_MAX]
            async with valkey.pipeline(transaction=False) as pipe:
                pipe.hdel(key, *(turn.id for turn in oldest))
                await pipe.execute()
        return bool(added[-1])

    async def _append(self, valkey: Valkey, key: str, bodies: Sequence[str]) -> None:
        async with valkey.pipeline(transaction=True) as pipe:
            pipe.rpush(key, *bodies)
            pipe.ltrim(key, -SEARCHES_MAX, -1)
            pipe.expire(key, self._lifetime, nx=True)
            await pipe.execute()

    @staticmethod
    async def _delete(valkey: Valkey, session_ids: Iterable[str]) -> None:
        # No transaction and one key a command: keys of different slots do not go together.
        async with valkey.pipeline(transaction=False) as pipe:
            for session_id in session_ids:
                pipe.delete(_key(session_id, "turns"))
                pipe.delete(_key(session_id, "searches"))
            await pipe.execute()


def call_memory(shared: Shared | None, longest: float) -> CallMemory:
    """The memory for calls of at most `longest` seconds: shared where there is something to share it."""
    lifetime = longest + MARGIN
    return SharedMemory(shared, lifetime) if shared else OwnMemory(lifetime)


def _key(session_id: str, what: str) -> str:
    return f"polyglot:call:{session_id}:{what}"


def _bodies(answer: Awaitable[list[str]] | list[str]) -> Awaitable[list[str]]:
    """The library declares its two kinds of client together; ours is the asynchronous one."""
    return cast("Awaitable[list[str]]", answer)


def _started(turn: Turn) -> float:
    return turn.started_at.timestamp()


def _parsed(model: type[M], bodies: Iterable[str]) -> list[M]:
    """What this version understands; during a deployment another one may have written something newer."""
    found = []
    for body in bodies:
        try:
            found.append(model.model_validate_json(body))
        except ValidationError:
            continue
    return found
