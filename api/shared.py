"""What the processes of the API share: a Valkey, when there is one.

Valkey is memory here, never storage: everything we put into it expires, and every use of it has an answer of this
process's own for when it is away. Each command names one key, so that a server that spreads keys over slots behind one
address (ElastiCache Serverless) takes it from a client that knows nothing of slots.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from limits.aio.storage import RedisStorage
from pydantic import SecretStr
from valkey.asyncio import BlockingConnectionPool, Valkey, ValkeyError

from api.shared_url import checked_url

log = structlog.get_logger("polyglot.shared")

TIMEOUT: Final = 0.25
"""Seconds for one use, connecting included. In one network it takes about a millisecond."""
REST: Final = 2.0
"""Seconds without another try after a failure, so that requests do not queue up at a server that is away."""
WARN_EVERY: Final = 60.0
CONNECTIONS: Final = 32
LIMITS_PREFIX: Final = "polyglot:limit"

T = TypeVar("T")


class AwayError(Exception):
    """Valkey did not answer in time, refused, or rests after a failure; the caller goes on without it."""


class Shared:
    """A Valkey that may be away at any time."""

    def __init__(self, url: SecretStr, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._rests_until = self._warn_after = float("-inf")
        self._away = False
        # The client calls the schemes by its own name.
        own = checked_url(url).get_secret_value().replace("redis", "valkey", 1)
        verified = {"ssl_check_hostname": True} if own.startswith("valkeys") else {}
        self._pool = BlockingConnectionPool.from_url(
            own,
            max_connections=CONNECTIONS,
            timeout=TIMEOUT,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            decode_responses=True,
            **verified,
        )
        self._client = Valkey(connection_pool=self._pool)

    async def ask(self, use: Callable[[Valkey], Awaitable[T]]) -> T:
        """What `use` makes of the client, within `TIMEOUT`. Raises AwayError, after a warning (one a minute)."""
        if self._now() < self._rests_until:
            raise AwayError
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await use(self._client)
        except (ValkeyError, OSError) as error:  # the builtin TimeoutError is an OSError
            self._failed(error)
            raise AwayError from error
        if self._away:
            self._away = False
            log.info("valkey.back")
        return answer

    def counters(self) -> RedisStorage:
        """Storage for rate limits, on the same connections; to be used within `ask`."""
        # Options are declared as plain values; the library takes a pool by this name all the same.
        return RedisStorage("async+valkey://", key_prefix=LIMITS_PREFIX, connection_pool=self._pool)  # type: ignore[arg-type]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()

    def _failed(self, error: Exception) -> None:
        now = self._now()
        self._rests_until, self._away = now + REST, True
        if now >= self._warn_after:
            self._warn_after = now + WARN_EVERY
            log.warning("valkey.away", error=type(error).__name__, cause=type(error.__cause__).__name__)
