"""Does what we depend on answer; asked for by anybody, so each check is made once in a few seconds whoever asks."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

log = structlog.get_logger("polyglot.health")

SECONDS: Final = 3.0
"""For one check."""
FRESH: Final = 2.0
"""How long an answer stands."""


class Checks:
    """Named checks; one that raises, takes too long or says False has failed."""

    def __init__(
        self, checks: Mapping[str, Callable[[], Awaitable[object]]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._checks = checks
        self._clock = clock
        self._known: dict[str, tuple[float, bool]] = {}
        self._locks = {name: asyncio.Lock() for name in checks}

    async def all(self) -> dict[str, bool]:
        """Every check by name."""
        return dict(zip(self._checks, await asyncio.gather(*map(self.one, self._checks)), strict=True))

    async def one(self, name: str) -> bool:
        """Whether a check passes."""
        async with self._locks[name]:
            at, good = self._known.get(name, (float("-inf"), False))
            if self._clock() - at >= FRESH:
                good = await self._make(name)
                self._known[name] = (self._clock(), good)
            return good

    async def _make(self, name: str) -> bool:
        try:
            async with asyncio.timeout(SECONDS):
                return await self._checks[name]() is not False
        except Exception as error:  # noqa: BLE001 - whatever it is, the thing is not usable
            log.warning("check failed", check=name, error=type(error).__name__)
            return False
