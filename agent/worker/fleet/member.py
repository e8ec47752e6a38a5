"""The worker's place in the fleet: reports its calls, protects them, and steps back for a newer version."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Final

from agent.telemetry.events import emit
from agent.worker.fleet.ecs import EXPIRES_MINUTES, EcsError, Service, Task, superseded
from contracts.events import REPORT_EVERY, Event

logger = logging.getLogger("polyglot.agent.worker.fleet")

TICK: Final = 5.0
"""Seconds between two looks; a taken call makes the next one happen at once."""
LOOK_AROUND_EVERY: Final = 30.0
RENEW_AFTER: Final = EXPIRES_MINUTES * 60.0 / 2


class Member:
    """Knows how many calls are live by asking `calls`. Outside ECS it only reports."""

    def __init__(
        self,
        calls: Callable[[], int],
        *,
        max_calls: int,
        service_name: str | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._max_calls = max_calls
        self._service_name = service_name
        self._clock = clock
        self._task: Task | None = None
        self._service: Service | None = None
        self._protected_at: float | None = None
        self._reported_at = -REPORT_EVERY
        self._looked_at = -LOOK_AROUND_EVERY
        self._taken = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self.retired = False
        """A newer version runs: take no more calls. Taken back when that version is rolled back."""

    async def start(self) -> None:
        """Find out where we run, and begin."""
        try:
            task = await Task.here()
        except EcsError as error:
            # Calls can be taken all the same; they are just not protected, and that is logged.
            logger.error("calls cannot be protected", extra={"reason": str(error)})  # noqa: TRY400 - our own words
            task = None
        self.join(task, Service(task.metadata.cluster, self._service_name) if task and self._service_name else None)
        self._runner = asyncio.create_task(self._run())

    def join(self, task: Task | None, service: Service | None) -> None:
        """Set what this worker is part of."""
        self._task, self._service = task, service

    async def aclose(self) -> None:
        """Stop looking."""
        if self._runner is not None:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner
        if self._task is not None:
            await self._task.aclose()

    def call_taken(self) -> None:
        """A call is about to start: protect it now, not at the next look."""
        self._taken.set()

    async def look(self) -> None:
        """Report, protect, and see whether a newer version runs."""
        calls, now = self._calls(), self._clock()
        if now - self._reported_at >= REPORT_EVERY:
            self._reported_at = now
            emit(Event.WORKER_CALLS, calls=calls, max_calls=self._max_calls)
        await self._protect(calls > 0 or self._taken.is_set(), now)
        if now - self._looked_at >= LOOK_AROUND_EVERY:
            self._looked_at = now
            await self._look_around()
        self._taken.clear()

    async def _protect(self, wanted: bool, now: float) -> None:
        if self._task is None:
            return
        protected = self._protected_at is not None
        due = protected and now - (self._protected_at or 0.0) >= RENEW_AFTER
        if wanted == protected and not (wanted and due):
            return
        try:
            done = await self._task.protect(wanted)
        except EcsError as error:
            logger.warning("protection not changed", extra={"reason": str(error), "wanted": wanted})
            return
        if done:
            self._protected_at = now if wanted else None
        else:
            logger.warning("protection refused for now", extra={"wanted": wanted})

    async def _look_around(self) -> None:
        if self._task is None or self._service is None:
            return
        metadata = self._task.metadata
        try:
            retired = superseded(f"{metadata.family}:{metadata.revision}", await self._service.deployments())
        except EcsError as error:
            # What we do not know changes nothing.
            logger.warning("service not seen", extra={"reason": str(error)})
            return
        if retired and not self.retired:
            emit(Event.WORKER_SUPERSEDED)
        self.retired = retired

    async def _run(self) -> None:
        while True:
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self._taken.wait()
