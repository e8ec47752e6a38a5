"""What is said while an answer is on its way and takes its time: the wait for its first words is never silent for long.

A line that another speech said would wait behind the answer, and be heard after it; so it is said as the answer's beginning.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Final, Protocol, TypeVar

from livekit.agents import FlushSentinel

GRAIN: Final = 0.25
"""Seconds between two looks at whether something must be said; a question may become one while its answer is made."""
LEAST: Final = 0.01
"""Seconds between them at the least: a clock moves on in steps."""

Part = TypeVar("Part")


class Wait(Protocol):
    """Whose wait it is."""

    def must_speak_in(self) -> float:
        """Seconds until something must be said; endless where nobody waits for a sound."""
        ...

    def fill(self) -> str:
        """Words that fill the wait; they are about to be said."""
        ...

    def filled(self, *, answered: bool) -> None:
        """The answer begins, or will not come of this try."""
        ...


async def meanwhile(parts: AsyncIterable[Part], wait: Wait) -> AsyncIterator[Part | str | FlushSentinel]:
    """An answer's parts, and before the first of them whatever must be said meanwhile."""
    source = aiter(parts)
    coming = asyncio.ensure_future(_next(source))
    answered = False
    try:
        while not coming.done():
            await asyncio.wait([coming], timeout=min(max(wait.must_speak_in(), LEAST), GRAIN))
            if not coming.done() and wait.must_speak_in() <= 0:
                yield f"{wait.fill()} "
                # Said at once, whatever follows.
                yield FlushSentinel()
        first = coming.result()
        answered = bool(first)
        wait.filled(answered=answered)
        for part in first:
            yield part
        async for part in source:
            yield part
    finally:
        if not coming.done():
            coming.cancel()
            await asyncio.wait([coming])
        if not answered:
            wait.filled(answered=False)


async def _next(source: AsyncIterator[Part]) -> list[Part]:
    """The next part, alone in a list; an empty one at the end, which a task cannot raise."""
    async for part in source:
        return [part]
    return []
