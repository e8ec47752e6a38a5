"""A speech whose sound does not come, or stops before its end: what is said in the gap, and when it is given up.

A line that another speech said would wait behind the one that is stuck, and be heard after it; so the line is put into its
sound. Whatever the voice still gives follows the line: nothing is said twice.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing
from typing import Final, Protocol

from livekit import rtc

from agent import budgets

GRAIN: Final = 0.25
"""Seconds between two looks at whether something must be said."""
LINES_MAX: Final = 2
"""Lines in one speech; a gap that follows them is a failure."""


class Gap(Protocol):
    """Who notices that nothing of a speech is heard, and has something to say then."""

    def silent_for(self) -> float:
        """Seconds for which nothing has been heard that should have been."""
        ...

    def sounds(self, frame: rtc.AudioFrame) -> None:
        """A frame is on its way to the listener."""
        ...

    def line(self) -> AsyncGenerator[rtc.AudioFrame, None]:
        """A line to fill the gap; it is about to be heard."""
        ...

    def filled(self, *, answered: bool) -> None:
        """The speech goes on after a line, or will not."""
        ...

    def lost(self) -> None:
        """Nothing came after the lines: the speech is given up."""
        ...


async def unbroken(frames: AsyncIterable[rtc.AudioFrame], gap: Gap) -> AsyncGenerator[rtc.AudioFrame, None]:
    """A speech's sound, with lines where it has none; given up, it ends."""
    lines, filling = 0, False
    async with aclosing(_or_silence(frames)) as source:
        try:
            async for frame in source:
                if frame is not None:
                    if filling:
                        filling = False
                        gap.filled(answered=True)
                    gap.sounds(frame)
                    yield frame
                elif gap.silent_for() >= budgets.SOUND_GAP:
                    if lines == LINES_MAX:
                        break
                    lines, filling = lines + 1, True
                    async with aclosing(gap.line()) as line:
                        async for part in line:
                            gap.sounds(part)
                            yield part
            if filling:
                # A voice that ends behind a line has not said what was due, whatever it takes itself to have done.
                gap.lost()
        finally:
            if filling:
                gap.filled(answered=False)


async def _or_silence(frames: AsyncIterable[rtc.AudioFrame]) -> AsyncGenerator[rtc.AudioFrame | None, None]:
    """The frames; None for each grain of time in which there was none."""
    source = aiter(frames)
    coming = asyncio.ensure_future(_next(source))
    try:
        while True:
            await asyncio.wait([coming], timeout=GRAIN)
            if not coming.done():
                yield None
            elif got := coming.result():
                yield got[0]
                coming = asyncio.ensure_future(_next(source))
            else:
                return
    finally:
        coming.cancel()
        await asyncio.wait([coming])
        if isinstance(source, AsyncGenerator):
            await source.aclose()


async def _next(source: AsyncIterator[rtc.AudioFrame]) -> list[rtc.AudioFrame]:
    """The next frame, alone in a list; an empty one at the end, which a task cannot raise."""
    async for frame in source:
        return [frame]
    return []
