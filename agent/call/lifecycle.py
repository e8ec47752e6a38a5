"""Clocks of a call: nobody is left in silence, and no call outlives its user."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from agent import budgets
from agent.call.state import Call
from contracts.records import Allowance, EndReason
from contracts.room import NoticeKind

logger = logging.getLogger("polyglot.agent.call.lifecycle")

TICK = 0.25
"""Seconds between two looks at the clocks."""


class Lifecycle:
    """Watches that a question gets a sound, that a silent user is asked, and that a call ends."""

    def __init__(  # noqa: PLR0913 - made in one place
        self,
        call: Call,
        *,
        finish: Callable[[str], Awaitable[None]],
        stalled: Callable[[], Awaitable[None]],
        reassure: Callable[[], bool] = lambda: True,
        day: Callable[[], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call = call
        self._day = day
        self._reassure = reassure
        self._finish = finish
        self._stalled = stalled
        self._clock = clock
        self._ends = clock() + budgets.CALL_MAX
        self._end_reason = "longest call"
        self._warned = False
        self._active = clock()
        self._wondered = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the clocks."""
        self._active = self._clock()
        self._ends = self._clock() + min(self._call.metadata.limits.seconds or budgets.CALL_MAX, budgets.CALL_MAX)
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop the clocks; safe to call from within them."""
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._task = None

    def allow(self, allowance: Allowance) -> None:
        """The API says how much longer the call may go on."""
        if allowance.seconds_left is not None:
            self._ends = min(self._ends, self._clock() + allowance.seconds_left)
            self._end_reason = "budget" if allowance.reason is EndReason.BUDGET else "longest call"

    def user_active(self) -> None:
        """The user spoke, typed or touched something."""
        self.sounded()
        self._wondered = False

    def sounded(self) -> None:
        """The assistant is heard: only silence after it counts."""
        self._active = self._clock()

    async def look(self) -> None:
        """One look at the clocks."""
        now, turns = self._clock(), self._call.turns
        question = turns.open
        due = None if question is None else question.due
        if now >= self._ends:
            await self._goodbye(self._end_reason)
        elif now >= self._ends - budgets.ENDS_SOON and not self._warned:
            self._warned = True
            self._call.speaker.line("ending_soon")
        elif now - self._active > budgets.USER_GONE:
            await self._goodbye("user silent")
        elif question is not None and due is not None and now - due > budgets.ANSWER_WATCHDOG and not turns.working:
            question.due = None
            logger.warning("no answer in time", extra={"pipeline": self._call.pipeline.value})
            await self._stalled()
        elif question is not None and due is not None and now - question.quiet > budgets.QUIET_MAX:
            if self._reassure():
                question.quiet = now
        elif now - self._active > budgets.USER_AWAY and not self._wondered:
            self._wondered = True
            self._call.speaker.line("are_you_there")

    async def _goodbye(self, reason: str) -> None:
        await self._call.speaker.notice(NoticeKind.GOODBYE)
        speech = self._call.speaker.line("goodbye")
        if speech is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(budgets.SPOKEN_DEADLINE):
                    await speech
        await self._finish(reason)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            await self.look()
            if self._day is not None:
                await self._day()
