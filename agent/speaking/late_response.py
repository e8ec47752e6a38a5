"""A realtime response of which nothing comes for a while: what is said in the wait for it, and when it is given up.

The library plays the messages of a response one after the other, and holds back whatever else would be said until the last
of them is over. So a line is put among them as a message of ours, and the answer follows it, however late it comes.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing
from typing import Any, Final, Literal, Protocol, TypeVar

from livekit import rtc
from livekit.agents import llm, utils

GRAIN: Final = 0.25
"""Seconds between two looks at whether something must be said."""
LEAST: Final = 0.01
"""Seconds between them at the least: a clock moves on in steps."""
LINE_ID: Final = "line_"
"""Ids of messages of ours begin so."""

Modality = Literal["text", "audio"]
Piece = TypeVar("Piece")


class Wait(Protocol):
    """Whose wait for one response it is."""

    def begins(self) -> None:
        """The response is under way."""
        ...

    def ends(self) -> None:
        """It is whole, or not waited for any more."""
        ...

    def must_speak_in(self) -> float:
        """Seconds until something must be said; endless where nobody waits for a sound."""
        ...

    def line(self) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The sound of a line that fills the wait; it is about to be heard."""
        ...

    def heard(self) -> None:
        """The answer begins, behind a line."""
        ...

    def given_up(self) -> bool:
        """Whether the response is not waited for any more; what follows is seen to."""
        ...


class LineSound:
    """The sound of a message of ours: none where, when its turn comes, nothing need be said any more."""

    def __init__(self, wait: Wait, answer: asyncio.Future[Any]) -> None:
        self._wait = wait
        self._answer = answer
        self.over = False
        self.message = llm.MessageGeneration(
            message_id=utils.shortuuid(LINE_ID), text_stream=_nothing(), audio_stream=self, modalities=_known("audio")
        )

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self.frames()

    async def frames(self) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The line, once."""
        try:
            if not self._answer.done() and self._wait.must_speak_in() <= 0:
                async with aclosing(self._wait.line()) as line:
                    async for frame in line:
                        yield frame
        finally:
            self.over = True
            # Where it is interrupted, the provider would be told to cut the sound of a message that it does not know.
            self.message.modalities = _known()


async def waited_for(
    messages: AsyncIterable[llm.MessageGeneration], wait: Wait
) -> AsyncGenerator[llm.MessageGeneration, None]:
    """A response's messages, and before the first of them whatever must be said meanwhile; given up, it ends."""
    source = aiter(messages)
    coming = asyncio.ensure_future(_next(source))
    line: LineSound | None = None
    wait.begins()
    try:
        while not coming.done():
            said = line is None or line.over
            await asyncio.wait([coming], timeout=min(max(wait.must_speak_in(), LEAST), GRAIN) if said else GRAIN)
            if coming.done():
                break
            if wait.given_up():
                return
            if said and wait.must_speak_in() <= 0:
                line = LineSound(wait, coming)
                yield line.message
        for message in coming.result():
            if line is not None:
                await _tell(message, wait)
            yield message
        async for message in source:
            yield message
    finally:
        coming.cancel()
        await asyncio.wait([coming])
        wait.ends()


async def _tell(message: llm.MessageGeneration, wait: Wait) -> None:
    """Have it told that a message behind a line begins: nobody else notices, the assistant is speaking already."""
    if "audio" in await asyncio.shield(message.modalities):
        message.audio_stream = _telling(message.audio_stream, wait)
    else:
        message.text_stream = _telling(message.text_stream, wait)


async def _telling(pieces: AsyncIterable[Piece], wait: Wait) -> AsyncGenerator[Piece, None]:
    begun = False
    async for piece in pieces:
        if not begun:
            begun = True
            wait.heard()
        yield piece


async def _next(source: AsyncIterator[llm.MessageGeneration]) -> list[llm.MessageGeneration]:
    """The next message, alone in a list; an empty one at the end, which a task cannot raise."""
    async for message in source:
        return [message]
    return []


async def _nothing() -> AsyncGenerator[str, None]:
    words: tuple[str, ...] = ()
    for word in words:
        yield word


def _known(*modalities: Modality) -> asyncio.Future[list[Modality]]:
    known: asyncio.Future[list[Modality]] = asyncio.get_running_loop().create_future()
    known.set_result(list(modalities))
    return known
