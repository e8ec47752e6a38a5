"""How often this process may ask the media server: LiveKit Cloud gives a project 1,000 requests a minute for all it does.

Calls that are well are looked at seldom when they are many: a thousand together as often as ten. Their faults are told
by webhooks and by the one list of all rooms; looks only make up for what was lost on the way. Calls whose agent has not
come are looked at often, because somebody is waiting, from a bucket that holds even when no agent comes at all.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

CALM_PER_MINUTE: Final = 40.0
URGENT_PER_MINUTE: Final = 400.0
_BURST: Final = 100.0


class Gate:
    """The rate of one process, which shares it with the other tasks of the API."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._left, self._at = _BURST, clock()
        self.tasks = 1
        """How many tasks of the API share the rate."""

    def calm(self, calls: int) -> float:
        """Seconds between two looks at one of so many calls that are well."""
        return calls * self.tasks * 60.0 / CALM_PER_MINUTE

    async def urgent(self) -> None:
        """Return when a look at a call that is not well may be made."""
        rate = URGENT_PER_MINUTE / 60.0 / self.tasks
        now = self._clock()
        self._left = min(_BURST / self.tasks, self._left + (now - self._at) * rate)
        self._at = now
        self._left -= 1.0
        if self._left < 0:
            await self._sleep(-self._left / rate)
