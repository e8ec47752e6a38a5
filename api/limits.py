"""Rate limits per client address, in memory: one process serves one container, and the load balancer spreads clients."""

import math
import time
from typing import Final, Literal

from fastapi import Response
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection

from api.settings import Settings
from contracts.problems import TooManyRequests

Scope = Literal["sessions", "tokens", "searches"]


class Limiter:
    """Counts requests by scope and client."""

    def __init__(self, settings: Settings) -> None:
        self._limiter: Final = MovingWindowRateLimiter(MemoryStorage())
        self._items: Final[dict[Scope, RateLimitItem]] = {
            "sessions": parse(settings.rate_sessions),
            "tokens": parse(settings.rate_tokens),
            "searches": parse(settings.rate_searches),
        }

    async def check(self, scope: Scope, request: HTTPConnection, response: Response) -> None:
        """Count one request and set the RateLimit-* headers; TooManyRequests when it is one too many."""
        item = self._items[scope]
        client = request.client.host if request.client else "unknown"
        allowed = await self._limiter.hit(item, scope, client)
        reset, remaining = await self._limiter.get_window_stats(item, scope, client)
        wait = max(1, math.ceil(reset - time.time()))
        response.headers["RateLimit-Limit"] = str(item.amount)
        response.headers["RateLimit-Remaining"] = str(max(0, remaining))
        response.headers["RateLimit-Reset"] = str(wait)
        if not allowed:
            raise TooManyRequests(f"More than {item.amount} requests; try again in {wait} s.", retry_after=wait)
