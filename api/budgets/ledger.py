"""Counters that all tasks share through Valkey; each task's own while there is none, or while it is away.

Everything expires by itself: a day's counters with the day, a place with the longest call. So a task that dies owes
nothing for ever, and what Valkey forgets is at worst counted anew.
"""

import math
import time
from collections.abc import Callable
from typing import Final, Protocol

from valkey.asyncio import Valkey

from api.shared import AwayError, Shared

PREFIX: Final = "polyglot:budget:"


class Ledger(Protocol):
    """What budgets ask of it. No method fails."""

    async def add(self, key: str, amount: int, seconds: float) -> int:
        """Add to a counter that ends in so many seconds; what it is now."""
        ...

    async def total(self, key: str) -> int:
        """A counter; 0 when there is none."""
        ...

    async def enter(self, key: str, member: str, seconds: float) -> int:
        """Take a place, or keep it, for so many seconds; how many are taken now."""
        ...

    async def leave(self, key: str, member: str) -> None:
        """Give a place back."""
        ...

    async def taken(self, key: str) -> int:
        """Places taken."""
        ...


class OwnLedger:
    """In this process."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._counters: dict[str, tuple[int, float]] = {}
        self._places: dict[str, dict[str, float]] = {}
        self._swept = 0.0

    async def add(self, key: str, amount: int, seconds: float) -> int:
        """See `Ledger`."""
        now = self._now()
        self._sweep(now)
        total, ends = self._counters.get(key, (0, 0.0))
        if ends <= now:
            total, ends = 0, now + seconds
        self._counters[key] = (total + amount, ends)
        return total + amount

    async def total(self, key: str) -> int:
        """See `Ledger`."""
        total, ends = self._counters.get(key, (0, 0.0))
        return total if ends > self._now() else 0

    async def enter(self, key: str, member: str, seconds: float) -> int:
        """See `Ledger`."""
        self._places.setdefault(key, {})[member] = self._now() + seconds
        return await self.taken(key)

    async def leave(self, key: str, member: str) -> None:
        """See `Ledger`."""
        self._places.get(key, {}).pop(member, None)

    async def taken(self, key: str) -> int:
        """See `Ledger`."""
        now = self._now()
        places = self._places.get(key, {})
        for member in [member for member, ends in places.items() if ends <= now]:
            del places[member]
        if not places:
            self._places.pop(key, None)
        return len(places)

    def _sweep(self, now: float) -> None:
        """Once a minute, what has ended: addresses come and go."""
        if now - self._swept < 60:  # noqa: PLR2004 - said above
            return
        self._swept = now
        self._counters = {key: value for key, value in self._counters.items() if value[1] > now}


class SharedLedger:
    """In Valkey; while it is away, in this process."""

    def __init__(self, shared: Shared, now: Callable[[], float] = time.time) -> None:
        self._shared = shared
        self._now = now
        self._own = OwnLedger(now)

    async def add(self, key: str, amount: int, seconds: float) -> int:
        """See `Ledger`."""

        async def use(valkey: Valkey) -> int:
            async with valkey.pipeline(transaction=True) as pipe:
                pipe.incrby(PREFIX + key, amount)
                pipe.expire(PREFIX + key, math.ceil(seconds), nx=True)
                total, _ = await pipe.execute()
            return int(total)

        try:
            return await self._shared.ask(use)
        except AwayError:
            return await self._own.add(key, amount, seconds)

    async def total(self, key: str) -> int:
        """See `Ledger`."""

        async def use(valkey: Valkey) -> int:
            return int(await valkey.get(PREFIX + key) or 0)

        try:
            return await self._shared.ask(use)
        except AwayError:
            return await self._own.total(key)

    async def enter(self, key: str, member: str, seconds: float) -> int:
        """See `Ledger`."""
        now = self._now()

        async def use(valkey: Valkey) -> int:
            async with valkey.pipeline(transaction=True) as pipe:
                pipe.zadd(PREFIX + key, {member: now + seconds})
                pipe.zremrangebyscore(PREFIX + key, "-inf", now)
                pipe.expire(PREFIX + key, math.ceil(seconds))
                pipe.zcard(PREFIX + key)
                *_, count = await pipe.execute()
            return int(count)

        await self._own.enter(key, member, seconds)
        try:
            return await self._shared.ask(use)
        except AwayError:
            return await self._own.taken(key)

    async def leave(self, key: str, member: str) -> None:
        """See `Ledger`."""

        async def use(valkey: Valkey) -> None:
            await valkey.zrem(PREFIX + key, member)

        await self._own.leave(key, member)
        try:
            await self._shared.ask(use)
        except AwayError:
            return

    async def taken(self, key: str) -> int:
        """See `Ledger`."""
        now = self._now()

        async def use(valkey: Valkey) -> int:
            return int(await valkey.zcount(PREFIX + key, now, "+inf"))

        try:
            return await self._shared.ask(use)
        except AwayError:
            return await self._own.taken(key)


def ledger(shared: Shared | None) -> Ledger:
    """Shared where there is something to share it."""
    return SharedLedger(shared) if shared else OwnLedger()
