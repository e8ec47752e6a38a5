"""Clocks of a call: nobody is left in silence, and no call outlives its user."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from agent import budgets
from agent.call import Call
from contracts.records import Allowance, EndReason
from contracts.room import NoticeKind

logger = logging.getLogger("polyglot.agent.lifecycle")

TICK = 0.5
"""Seconds between two looks at the clocks."""


class Lifecycle:
    """Watches that a question gets a sound, that a silent user is asked, and that a call ends."""

    def __init__(
        self,
        call: Call,
        *,
        finish: Callable[[str], Awaitable[None]],
        stalled: Callable[[], Awaitable[None]],
        reassure: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call = call
        self._reassure = reassure
        self._finish = finish
        self._stalled = stalled
        self._clock = clock
        self._ends = clock() + budgets.CALL_MAX
        self._end_reason = "longest call"
        self._warned = False
        self._active = clock()
        self._asked: float | None = None
        self._quiet_since = clock()
        self._question_ended: float | None = None
        self._speaking_since: float | None = None
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
        """The user spoke or typed."""
        self._active = self._clock()
        self._wondered = False

    def speech_began(self) -> None:
        """The user begins to speak."""
        self.user_active()
        self._speaking_since = self._clock()

    def speech_ended(self, *, heard: bool = False) -> bool:
        """The user's speech ends: if it was long enough, a sound is due even when nothing comes of it. Whether it is.

        Not after a stop, nor while the assistant is `heard`: the words, and even the answer, may be there before the
        silence that ends the speech has been noticed.
        """
        since, self._speaking_since = self._speaking_since, None
        if since is None or self._clock() - since < budgets.SPEECH_MIN or self._call.turns.muted or heard:
            return False
        self._question_ended = self._clock()
        if self._asked is None:
            self.asked()
        return True

    def nothing_said(self) -> None:
        """There were no words in the user's speech, whose end may not have been noticed yet."""
        self._speaking_since = None
        self.answered()

    def asked(self) -> None:
        """A question is open: from now on a sound is due."""
        self.user_active()
        self._asked = self._quiet_since = self._clock()
        if self._question_ended is None:
            self._question_ended = self._asked

    @property
    def waiting(self) -> bool:
        """Whether a question is open."""
        return self._asked is not None

    def due_again(self) -> None:
        """Work for the question has begun or is done: whatever was said before it, an answer is due from now on."""
        if not self._call.turns.muted:
            self._asked = self._quiet_since = self._clock()

    def filled(self) -> None:
        """The assistant is heard with what is no answer: the question stays open."""
        self._quiet_since = self._active = self._clock()

    def sounded(self) -> float | None:
        """The assistant's answer is heard; seconds since the question ended, None when nothing was asked."""
        ended, self._question_ended = self._question_ended, None
        self.answered()
        return None if ended is None else self._clock() - ended

    def answered(self) -> None:
        """A sound came, or none is wanted."""
        self._asked = None
        self._question_ended = None
        self._active = self._clock()

    async def look(self) -> None:
        """One look at the clocks."""
        now = self._clock()
        if now >= self._ends:
            await self._goodbye(self._end_reason)
        elif now >= self._ends - budgets.ENDS_SOON and not self._warned:
            self._warned = True
            self._call.speaker.line("ending_soon")
        elif now - self._active > budgets.USER_GONE:
            await self._goodbye("user silent")
        elif self._asked is not None and not self._call.turns.working and now - self._asked > budgets.ANSWER_WATCHDOG:
            self._asked = None
            logger.warning("no answer in time", extra={"pipeline": self._call.pipeline.value})
            await self._stalled()
        elif self._asked is not None and not self._call.turns.working and now - self._quiet_since > budgets.QUIET_MAX:
            self._quiet_since = now
            self._reassure()
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
