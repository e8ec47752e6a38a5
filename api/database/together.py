"""Questions to the database that come while it is busy are asked together, in one statement and one transaction.

Under load a statement for each request costs more processor than all the rest of it; one request alone is not held up.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

MOST: Final = 100
"""Questions in one go."""


class Together(Generic[Q, A]):
    """`work` gets the questions that have come since it was last begun, and returns an answer for each, in order.

    A question is always asked after it was put: its answer is never older than the question.
    """

    def __init__(self, work: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._work = work
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer, or what `work` raised."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        self._waiting.append((question, answer))
        if self._running is None or self._running.done():
            # A context of its own: the work is not of the request that happens to begin it.
            self._running = loop.create_task(self._run(), context=contextvars.Context())
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            asked = [(question, answer) for question, answer in some if not answer.done()]
            try:
                answers = await self._work([question for question, _ in asked])
            except Exception as error:  # noqa: BLE001 - it is raised where the question was put
                for _, answer in asked:
                    if not answer.done():
                        answer.set_exception(error)
            except BaseException:
                for _, answer in (*asked, *self._waiting):
                    answer.cancel()
                raise
            else:
                for (_, answer), found in zip(asked, answers, strict=True):
                    if not answer.done():
                        answer.set_result(found)
