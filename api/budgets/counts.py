"""Counts of requests in this process's memory, for the strategies of the `limits` library.

The library's own keeps every request and looks through all callers, in a thread for each, after every one of them: a
stranger with many addresses would slow everybody down. Here a caller is two numbers, and what has ended goes once a minute.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from limits.aio.storage.base import SlidingWindowCounterSupport, Storage

SWEEP: Final = 60.0
"""Seconds between looks for callers that have gone."""


@dataclass(slots=True)
class _Count:
    window: int
    expiry: int
    """Seconds of a window."""
    previous: int = 0
    current: int = 0


class OwnCounts(Storage, SlidingWindowCounterSupport):
    """A window is weighed with the one before it, so that no more than the limit goes through in any stretch of time."""

    STORAGE_SCHEME = None

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._counts: dict[str, _Count] = {}
        self._swept = now()

    @property
    def base_exceptions(self) -> type[Exception]:
        """See `Storage`; nothing here fails."""
        return ValueError

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, if it fits."""
        now = self._now()
        self._sweep(now)
        count = self._count(key, expiry, now)
        weighed = count.previous * _left(now, expiry) / expiry + count.current
        if math.floor(weighed) + amount > limit:
            return False
        count.current += amount
        self._counts[key] = count
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Counts of the window before and of this one, each with the seconds for which it counts."""
        now = self._now()
        count, left = self._count(key, expiry, now), _left(now, expiry)
        return count.previous, left if count.previous else 0.0, count.current, left + expiry

    async def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002 - the library's signature
        """Forget a caller."""
        self._counts.pop(key, None)

    async def clear(self, key: str) -> None:
        """Forget a caller."""
        self._counts.pop(key, None)

    async def reset(self) -> int:
        """Forget all."""
        gone = len(self._counts)
        self._counts.clear()
        return gone

    async def check(self) -> bool:
        """It is there."""
        return True

    async def get(self, key: str) -> int:
        """The current window's count."""
        count = self._counts.get(key)
        return self._count(key, count.expiry, self._now()).current if count else 0

    async def get_expiry(self, key: str) -> float:
        """When the current window ends."""
        count = self._counts.get(key)
        return (count.window + 1) * count.expiry if count else self._now()

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, whether it fits or not."""
        count = self._count(key, expiry, self._now())
        count.current += amount
        self._counts[key] = count
        return count.current

    def _count(self, key: str, expiry: int, now: float) -> _Count:
        window = int(now // expiry)
        known = self._counts.get(key)
        if known is None or known.window < window - 1 or known.expiry != expiry:
            return _Count(window, expiry)
        if known.window == window - 1:
            known.window, known.previous, known.current = window, known.current, 0
        return known

    def _sweep(self, now: float) -> None:
        if now - self._swept < SWEEP:
            return
        self._swept = now
        self._counts = {key: count for key, count in self._counts.items() if now < (count.window + 2) * count.expiry}


def _left(now: float, expiry: int) -> float:
    return expiry - now % expiry
