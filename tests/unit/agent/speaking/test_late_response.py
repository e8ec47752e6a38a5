"""A realtime response of which nothing comes for a while is waited for aloud, and answers; given up, it ends. Virtual time."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any, Final

import pytest
from livekit import rtc
from livekit.agents import llm
from virtual_time import in_virtual_time

from agent.speaking.late_response import LINE_ID, LineSound, waited_for

LINE_SECONDS: Final = 1.0
SPEAKS_AFTER: Final = 3.0
NEVER: Final = 1e6
FRAME: Final = rtc.AudioFrame(bytes(480), 24_000, 1, 240)


class Caller:
    """Who waits: a question was asked at the beginning."""

    def __init__(self, gives_up_after: float = NEVER) -> None:
        self.now = asyncio.get_running_loop().time
        self.quiet = 0.0
        self.did: list[str] = []
        self.gives_up_after = gives_up_after
        self.waits = True

    def begins(self) -> None:
        self.did.append("begins")

    def ends(self) -> None:
        self.did.append("ends")

    def must_speak_in(self) -> float:
        return SPEAKS_AFTER - (self.now() - self.quiet) if self.waits else NEVER

    async def line(self) -> AsyncGenerator[rtc.AudioFrame, None]:
        self.did.append(f"line at {self.now():.0f}")
        self.quiet = self.now() + LINE_SECONDS
        yield FRAME
        await asyncio.sleep(LINE_SECONDS)

    def heard(self) -> None:
        self.waits = False
        self.did.append(f"answer at {self.now():.0f}")

    def given_up(self) -> bool:
        return self.now() >= self.gives_up_after


def message(name: str, *modalities: Any) -> llm.MessageGeneration:
    async def text() -> AsyncIterator[str]:
        yield name

    async def audio() -> AsyncIterator[rtc.AudioFrame]:
        yield FRAME

    known: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
    known.set_result(list(modalities) or ["audio", "text"])
    return llm.MessageGeneration(name, text(), audio(), known)


async def provider(*parts: tuple[float, llm.MessageGeneration | None]) -> AsyncIterator[llm.MessageGeneration]:
    for wait, one in parts:
        await asyncio.sleep(wait)
        if one is not None:
            yield one


async def play(messages: AsyncIterator[llm.MessageGeneration]) -> list[str]:
    """As the library does: one after the other, each with its sound or, where it has none, its words."""
    played = []
    async for one in messages:
        pieces: Any = one.audio_stream if "audio" in await one.modalities else one.text_stream
        sounds = [piece async for piece in pieces]
        played.append("line" if one.message_id.startswith(LINE_ID) else one.message_id)
        if not sounds:
            played[-1] += " without sound"
    return played


def run(work: Coroutine[Any, Any, None]) -> None:
    in_virtual_time(work)


def test_an_answer_in_time_is_passed_on_as_it_is() -> None:
    async def call() -> None:
        caller, given = Caller(), message("hello")
        words, sound = given.text_stream, given.audio_stream
        got = [one async for one in waited_for(provider((2.9, given), (0.0, message("more"))), caller)]
        assert [one.message_id for one in got] == ["hello", "more"]
        assert (got[0].text_stream, got[0].audio_stream) == (words, sound)
        assert caller.did == ["begins", "ends"]

    run(call())


@pytest.mark.parametrize(("seconds", "lines"), [(3.5, [3]), (5.0, [3]), (8.0, [3, 7]), (9.5, [3, 7])])
def test_an_answer_that_comes_late_is_heard_behind_as_many_lines_as_its_wait_is_long(
    seconds: float, lines: list[int]
) -> None:
    async def call() -> None:
        caller = Caller()
        played = await play(waited_for(provider((seconds, message("hello"))), caller))
        assert played == ["line"] * len(lines) + ["hello"]
        said = max(seconds, lines[-1] + LINE_SECONDS)
        assert caller.did == ["begins", *(f"line at {at}" for at in lines), f"answer at {said:.0f}", "ends"]

    run(call())


def test_a_late_answer_in_writing_is_told_by_its_words() -> None:
    async def call() -> None:
        caller = Caller()
        assert await play(waited_for(provider((6.0, message("hello", "text"))), caller)) == ["line", "hello"]
        assert caller.did == ["begins", "line at 3", "answer at 6", "ends"]

    run(call())


def test_a_response_without_a_message_ends_behind_its_line() -> None:
    async def call() -> None:
        caller = Caller()
        assert await play(waited_for(provider((6.0, None)), caller)) == ["line"]
        assert caller.did == ["begins", "line at 3", "ends"]

    run(call())


def test_a_response_that_is_given_up_ends_and_what_comes_late_is_not_heard() -> None:
    async def call() -> None:
        caller = Caller(gives_up_after=10.0)
        played = await play(waited_for(provider((11.0, message("hello"))), caller))
        assert played == ["line", "line"]
        assert caller.now() == pytest.approx(10.0, abs=0.3)
        await asyncio.sleep(5)
        assert caller.did[-1] == "ends"

    run(call())


def test_a_line_whose_turn_comes_behind_the_answer_is_not_said() -> None:
    async def call() -> None:
        caller = Caller()
        messages = waited_for(provider((4.0, message("hello"))), caller)
        line = await anext(messages)
        assert isinstance(line.audio_stream, LineSound)
        following = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(2.0)  # something else is being said
        assert [frame async for frame in line.audio_stream] == []
        assert (await following).message_id == "hello"
        await messages.aclose()
        assert caller.did == ["begins", "ends"]

    run(call())


def test_no_second_line_waits_behind_one_that_is_not_over() -> None:
    async def call() -> None:
        caller = Caller()
        messages = waited_for(provider((NEVER, None)), caller)
        await anext(messages)
        following = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(60.0)
        assert not following.done()
        following.cancel()
        await asyncio.wait([following])
        assert caller.did == ["begins", "ends"]

    run(call())


def test_of_a_line_that_is_cut_off_the_provider_is_told_to_cut_nothing() -> None:
    async def call() -> None:
        caller = Caller()
        messages = waited_for(provider((NEVER, None)), caller)
        line = await anext(messages)
        assert await line.modalities == ["audio"]
        assert isinstance(line.audio_stream, LineSound)
        sound = line.audio_stream.frames()
        await anext(sound)
        await sound.aclose()
        assert await line.modalities == []
        await messages.aclose()

    run(call())
