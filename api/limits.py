"""Rate limits per client address: one count for all processes in Valkey, or for this process alone in its memory."""

import math
import time
from typing import Final, Literal

from fastapi import Response
from limits import RateLimitItem, WindowStats, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection

from api.settings import Settings
from api.shared import AwayError, Shared
from contracts.problems import TooManyRequests

Scope = Literal["sessions", "tokens", "searches"]


class Limiter:
    """Counts requests by scope and client. While Valkey is away each process counts what it answers itself."""

    def __init__(self, settings: Settings, shared: Shared | None = None) -> None:
        self._own: Final = MovingWindowRateLimiter(MemoryStorage())
        self._shared: Final = shared
        self._common: Final = MovingWindowRateLimiter(shared.counters()) if shared else None
        self._items: Final[dict[Scope, RateLimitItem]] = {
            "sessions": parse(settings.rate_sessions),
            "tokens": parse(settings.rate_tokens),
            "searches": parse(settings.rate_searches),
        }

    async def check(self, scope: Scope, request: HTTPConnection, response: Response) -> None:
        """Count one request and set the RateLimit-* headers; TooManyRequests when it is one too many."""
        item = self._items[scope]
        client = request.client.host if request.client else "unknown"
        allowed, (reset, remaining) = await self._count(item, scope, client)
        wait = max(1, math.ceil(reset - time.time()))
        response.headers["RateLimit-Limit"] = str(item.amount)
        response.headers["RateLimit-Remaining"] = str(max(0, remaining))
        response.headers["RateLimit-Reset"] = str(wait)
        if not allowed:
            raise TooManyRequests(f"More than {item.amount} requests; try again in {wait} s.", retry_after=wait)

    async def _count(self, item: RateLimitItem, scope: Scope, client: str) -> tuple[bool, WindowStats]:
        common = self._common
        if self._shared is not None and common is not None:
            try:
                return await self._shared.ask(lambda _: _hit(common, item, scope, client))
            except AwayError:
                pass  # better a limit of each process than no answer
        return await _hit(self._own, item, scope, client)


async def _hit(
    limiter: MovingWindowRateLimiter, item: RateLimitItem, scope: Scope, client: str
) -> tuple[bool, WindowStats]:
    allowed = await limiter.hit(item, scope, client)
    return allowed, await limiter.get_window_stats(item, scope, client)
