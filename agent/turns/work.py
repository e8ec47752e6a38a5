"""What runs for a question, a search that is: it ends by a stop or by newer work, never by a sound or by words.

A cough, an "okay" or a transcript that comes late says nothing against it, and what a new question means for it is the
model's to decide.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Stopped(Exception):
    """The user stopped the work; there is nothing to say about it."""


class Superseded(Stopped):
    """Newer work took its place, and will be answered."""


class Work:
    """One piece at a time."""

    def __init__(self, muted: Callable[[], bool]) -> None:
        self._muted = muted
        self._stops = 0
        self._running: set[asyncio.Task[Any]] = set()
        self.on_change: Callable[[], None] = lambda: None
        """Called when work begins, and when it is done: a sound is due again."""

    @property
    def running(self) -> bool:
        """Whether there is any."""
        return bool(self._running)

    def cancel(self) -> None:
        """The user wants silence."""
        self._stops += 1
        for task in self._running:
            task.cancel()

    def abandon(self) -> None:
        """Whoever asked for it is gone, and it will be asked for again."""
        running, self._running = self._running, set()
        for task in running:
            task.cancel()

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do it, in the place of what is running; raises `Stopped` or `Superseded` where it is not wanted any more."""
        if self._muted():
            work.close()
            raise Stopped
        for older in self._running:
            older.cancel()
        stops = self._stops
        task = asyncio.ensure_future(work)
        self._running = {task}
        self.on_change()
        try:
            result = await task
        except asyncio.CancelledError:
            if stops != self._stops:
                raise Stopped from None
            if task not in self._running:
                raise Superseded from None
            raise
        finally:
            self._running.discard(task)
            self.on_change()
        if stops != self._stops:
            raise Stopped
        return result
