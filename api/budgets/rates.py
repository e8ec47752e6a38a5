"""Requests per minute by caller: one count for all processes in Valkey, or for this process alone in its memory."""

import math
import time
from typing import Any, Final

from fastapi import Depends, Response
from limits import RateLimitItem, WindowStats, parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import HTTPConnection

from api.access.caller import Caller, Kind
from api.access.caller import Scope as Right
from api.access.dependencies import CallerDep, asks_who, must_or_sign_in, who_calls
from api.budgets.counts import OwnCounts
from api.budgets.service import BudgetService
from api.budgets.service import Rate as Scope
from api.provide import held
from api.shared import AwayError, Shared
from contracts.problems import TooManyRequests, rate_headers

UNCOUNTED: Final = frozenset({Kind.AGENT, Kind.OPERATOR})
"""Our agent is counted by its call."""


class Limiter:
    """Counts requests by scope and caller. While Valkey is away each process counts what it answers itself."""

    def __init__(self, rates: dict[Scope, str], shared: Shared | None = None) -> None:
        self._own: Final = SlidingWindowCounterRateLimiter(OwnCounts())
        self._shared: Final = shared
        self._common: Final = SlidingWindowCounterRateLimiter(shared.counters()) if shared else None
        self._items: Final[dict[Scope, RateLimitItem]] = {scope: parse(rate) for scope, rate in rates.items()}

    async def check(self, scope: Scope, caller: Caller, response: Response) -> None:
        """Count one request and set the RateLimit-* headers; TooManyRequests when it is one too many."""
        if caller.kind in UNCOUNTED:
            return
        item = self._items[scope]
        allowed, (reset, remaining) = await self._count(item, scope, caller.id)
        wait = max(1, math.ceil(reset - time.time()))
        response.headers.update(rate_headers(item.amount, max(0, remaining), wait))
        if not allowed:
            detail = f"More than {item.amount} requests; try again in {wait} s."
            raise TooManyRequests(detail, retry_after=wait, limit=item.amount)

    async def _count(self, item: RateLimitItem, scope: Scope, client: str) -> tuple[bool, WindowStats]:
        common = self._common
        if self._shared is not None and common is not None:
            try:
                return await self._shared.ask(lambda _: _hit(common, item, scope, client))
            except AwayError:
                pass  # better a limit of each process than no answer
        return await _hit(self._own, item, scope, client)


async def _hit(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, scope: Scope, client: str
) -> tuple[bool, WindowStats]:
    allowed = await limiter.hit(item, scope, client)
    return allowed, await limiter.get_window_stats(item, scope, client)


async def _count(connection: HTTPConnection, scope: Scope, caller: Caller, response: Response) -> None:
    try:
        await held(connection, Limiter).check(scope, caller, response)
    except TooManyRequests:
        # The desk tells who was turned away, by this as by a budget.
        await held(connection, BudgetService).too_many(scope, caller.tenant)
        raise


def limited(scope: Scope) -> Any:  # noqa: ANN401 - FastAPI's own type for Depends is private
    """The dependency that counts a request of a route."""

    async def check(caller: CallerDep, connection: HTTPConnection, response: Response) -> None:
        await _count(connection, scope, caller, response)

    return Depends(check)


def admitted(right: Right, scope: Scope) -> Any:  # noqa: ANN401
    """The dependency that does in one what `limited` and the right do: it counts the request, and gives its caller."""

    @asks_who
    async def check(connection: HTTPConnection, response: Response) -> Caller:
        caller = await who_calls(connection)
        await _count(connection, scope, caller, response)
        must_or_sign_in(caller, right)
        return caller

    return Depends(check)
