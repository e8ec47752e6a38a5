"""Does jobs in this process, one after the other; every task of the API runs one, and a lease keeps them apart."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from api import tracing
from api.jobs.repository import Job, JobRepository
from contracts.problems import Unavailable

log = structlog.get_logger("polyglot.jobs")

IDLE: Final = 1.0
"""Seconds between two looks for a job, when nobody says that there is one."""
LONGEST: Final = 45.0
"""One job, less than its lease."""
AWAY: Final = 3.0
_FIRST_RETRY: Final = 2.0
_RETRY_GROWTH: Final = 4.0
_RETRY_MOST: Final = 6 * 3600.0


class Hopeless(Exception):
    """No further try will do it: the job is given up at once."""


@dataclass(frozen=True, slots=True)
class Work:
    """How one kind of job is done."""

    do: Callable[[Mapping[str, str]], Awaitable[None]]
    attempts: int
    failed: Callable[[Mapping[str, str]], Awaitable[None]] | None = None
    """Called when it is given up."""
    every: timedelta | None = None
    """A chore: ordered anew after each time."""


class Runner:
    """The loop."""

    def __init__(
        self,
        jobs: JobRepository,
        work: Mapping[str, Work],
        observe: Callable[[str, str, float], None] = lambda _kind, _outcome, _seconds: None,
    ) -> None:
        """`observe` is told of each attempt: its kind, `done`, `failed` or `given_up`, and how many seconds it took."""
        self._jobs = jobs
        self._observe = observe
        self._work = work
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; chores are ordered by whoever is first."""
        self._task = asyncio.create_task(self._run(), name="jobs")

    def nudge(self) -> None:
        """There is a job."""
        self._more.set()

    async def aclose(self) -> None:
        """Stop. A job that is cut off is done again, by another task or after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def drain(self) -> None:
        """Do what is due now."""
        while job := await self._jobs.take(datetime.now(UTC)):
            await self._one(job)

    async def _run(self) -> None:
        chores_ordered = False
        while True:
            pause = IDLE
            try:
                if not chores_ordered:
                    await self._order_chores()
                    chores_ordered = True
                await self.drain()
            except Unavailable:
                pause = AWAY
            except Exception:
                log.exception("jobs stopped short")
                pause = AWAY
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._more.wait()
            self._more.clear()

    async def _order_chores(self) -> None:
        now = datetime.now(UTC)
        for kind, work in self._work.items():
            if work.every is not None:
                await self._jobs.ensure(kind, f"chore:{kind}", {}, now)

    async def _one(self, job: Job) -> None:
        work = self._work.get(job.kind)
        now, begun = datetime.now(UTC), time.monotonic()
        if work is None:  # a newer version's, in the middle of a deployment
            await self._jobs.again(job, now + timedelta(seconds=60), "unknown kind")
            return
        if job.attempts > work.attempts and work.every is None:  # each time its process died before it said a word
            await self._failed(job, work, RuntimeError("cut off"), begun)
            return
        try:
            with tracing.asking(f"job {job.kind}"):
                async with asyncio.timeout(LONGEST):
                    await work.do(job.payload)
        except Exception as error:  # noqa: BLE001 - whatever it was, the job is tried again or given up
            await self._failed(job, work, error, begun)
            return
        self._observe(job.kind, "done", time.monotonic() - begun)
        if work.every is not None:
            await self._jobs.again(job, datetime.now(UTC) + work.every, "")
        else:
            await self._jobs.done(job)

    async def _failed(self, job: Job, work: Work, error: Exception, begun: float) -> None:
        now, name = datetime.now(UTC), type(error).__name__
        tried = job.attempts >= work.attempts or isinstance(error, Hopeless)
        again = not tried or work.every is not None
        self._observe(job.kind, "failed" if again else "given_up", time.monotonic() - begun)
        log.warning("job failed", kind=job.kind, attempts=job.attempts, error=name)
        if again:
            wait = min(_RETRY_MOST, _FIRST_RETRY * _RETRY_GROWTH ** (job.attempts - 1)) * (1 + random.random() / 4)  # noqa: S311
            await self._jobs.again(job, now + timedelta(seconds=wait), name)
            return
        if work.failed is not None:
            await work.failed(job.payload)
        await self._jobs.give_up(job, now, name)
