"""An answer that takes its time begins with a line; one that comes in time does not. Time is a number here."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit.agents import FlushSentinel
from virtual_time import in_virtual_time

from agent.speaking.meanwhile import meanwhile


class AWait:
    """Somebody who waits; a line is due when the clock says so."""

    def __init__(self, *due: float) -> None:
        self.due = list(due)
        self.did: list[str] = []

    def must_speak_in(self) -> float:
        return self.due[0] if self.due else 60.0

    def fill(self) -> str:
        self.due.pop(0)
        self.did.append("fill")
        return "One moment."

    def filled(self, *, answered: bool) -> None:
        self.did.append(f"answered {answered}")


async def slow(go: asyncio.Event, *parts: str) -> AsyncIterator[str]:
    await go.wait()
    for part in parts:
        yield part


@pytest.fixture
def go() -> asyncio.Event:
    return asyncio.Event()


async def said(wait: AWait, parts: AsyncIterator[str], go: asyncio.Event, *, lines: int) -> list[Any]:
    """Everything that is said; the model goes on when so many lines have been."""
    heard: list[Any] = []
    if not lines:
        go.set()
    async with asyncio.timeout(30):
        async for part in meanwhile(parts, wait):
            heard.append("|" if isinstance(part, FlushSentinel) else part)
            if wait.did.count("fill") == lines and heard[-1] == "|":
                go.set()
    return heard


async def test_an_answer_in_time_is_left_as_it_is(go: asyncio.Event) -> None:
    wait = AWait()
    assert await said(wait, slow(go, "Two ", "flights."), go, lines=0) == ["Two ", "flights."]
    assert wait.did == ["answered True"]


async def test_one_that_is_there_already_needs_no_line_even_where_one_is_due(go: asyncio.Event) -> None:
    go.set()
    wait = AWait()
    wait.due = [0.0001]
    assert await said(wait, slow(go, "Two flights."), go, lines=0) == ["Two flights."]


@pytest.mark.parametrize("lines", [1, 2])
async def test_one_that_takes_its_time_begins_with_lines_that_are_said_at_once(go: asyncio.Event, lines: int) -> None:
    wait = AWait(*[0.0] * lines)
    heard = await said(wait, slow(go, "Two ", "flights."), go, lines=lines)
    assert heard == ["One moment. ", "|"] * lines + ["Two ", "flights."]
    assert wait.did == ["fill"] * lines + ["answered True"]


async def test_an_answer_of_nothing_answers_nothing(go: asyncio.Event) -> None:
    wait = AWait(0.0)
    assert await said(wait, slow(go), go, lines=1) == ["One moment. ", "|"]
    assert "answered True" not in wait.did
    assert wait.did[-1] == "answered False"


async def test_a_model_that_fails_is_told_of_and_answers_nothing(go: asyncio.Event) -> None:
    async def fails() -> AsyncIterator[str]:
        await go.wait()
        raise OSError("away")
        yield ""

    wait = AWait(0.0)
    with pytest.raises(OSError, match="away"):
        await said(wait, fails(), go, lines=1)
    assert wait.did == ["fill", "answered False"]


async def test_an_answer_that_nobody_wants_any_more_ends_the_models_work(go: asyncio.Event) -> None:
    ended: list[bool] = []

    async def forever() -> AsyncIterator[str]:
        try:
            await go.wait()
            yield ""
        finally:
            ended.append(True)

    wait = AWait(0.0)
    answer = meanwhile(forever(), wait)
    assert await anext(answer) == "One moment. "
    await answer.aclose()  # type: ignore[attr-defined]
    assert ended == [True]
    assert wait.did == ["fill", "answered False"]


class DueAt:
    """A line is due at a moment of the loop's time, and again as long after each."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.quiet = asyncio.get_running_loop().time()
        self.said: list[float] = []

    def must_speak_in(self) -> float:
        return self.quiet + self.seconds - asyncio.get_running_loop().time()

    def fill(self) -> str:
        self.quiet = asyncio.get_running_loop().time()
        self.said.append(self.quiet)
        return "One moment."

    def filled(self, *, answered: bool) -> None:
        assert answered


@pytest.mark.parametrize(("comes", "lines"), [(1.0, 0), (2.9, 0), (3.5, 1), (5.9, 1), (6.5, 2)])
def test_lines_come_when_they_are_due_and_never_before(comes: float, lines: int) -> None:
    async def call() -> None:
        async def model() -> AsyncIterator[str]:
            await asyncio.sleep(comes)
            yield "Two flights."

        wait = DueAt(3.0)
        heard = [part async for part in meanwhile(model(), wait)]
        assert heard[-1] == "Two flights."
        assert wait.said == pytest.approx([3.0, 6.0][:lines], abs=0.01), "a look is taken when a line is due"

    in_virtual_time(call())


def test_what_becomes_a_question_while_its_answer_is_made_is_noticed_soon() -> None:
    async def call() -> None:
        async def model() -> AsyncIterator[str]:
            await asyncio.sleep(3.0)
            yield "Two flights."

        wait = DueAt(3.0)
        asyncio.get_running_loop().call_later(1.01, setattr, wait, "quiet", -2.0)
        assert [part async for part in meanwhile(model(), wait)][-1] == "Two flights."
        assert wait.said == pytest.approx([1.01 + 0.12], abs=0.13), "within a quarter of a second"

    in_virtual_time(call())
