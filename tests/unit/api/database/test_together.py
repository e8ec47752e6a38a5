"""Questions that come while the database is busy: asked in one go, each after it was put, and none lost."""

import asyncio
import contextvars
from collections.abc import Sequence

import pytest

from api.database import together
from api.database.together import Together

WHOSE: contextvars.ContextVar[str] = contextvars.ContextVar("whose", default="nobody's")


class Busy:
    """Work that waits to be let go."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.go = asyncio.Event()
        self.error: Exception | None = None
        self.context = ""

    async def __call__(self, questions: Sequence[int]) -> list[int]:
        self.asked.append(list(questions))
        self.context = WHOSE.get()
        await self.go.wait()
        if self.error:
            raise self.error
        return [question * 2 for question in questions]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_meanwhile_is_asked_together_and_never_with_what_had_begun() -> None:
    work = Busy()
    asking = Together(work)
    first = asyncio.create_task(asking.ask(1))
    await settle()
    others = [asyncio.create_task(asking.ask(number)) for number in (2, 3, 4)]
    await settle()
    assert work.asked == [[1]]
    work.go.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert work.asked == [[1], [2, 3, 4]]
    assert await asking.ask(5) == 10, "and it begins again"


async def test_an_error_is_told_to_all_who_asked_and_the_next_are_asked_all_the_same() -> None:
    work = Busy()
    asking = Together(work)
    work.error = OSError("away")
    work.go.set()
    for answer in await asyncio.gather(asking.ask(1), asking.ask(2), return_exceptions=True):
        assert isinstance(answer, OSError)
    work.error = None
    assert await asking.ask(3) == 6


async def test_whoever_gives_up_costs_the_others_nothing() -> None:
    work = Busy()
    asking = Together(work)
    tasks = [asyncio.create_task(asking.ask(number)) for number in (1, 2, 3)]
    await settle()
    late = [asyncio.create_task(asking.ask(number)) for number in (4, 5)]
    await settle()
    tasks[1].cancel()
    late[0].cancel()
    work.go.set()
    await settle()
    assert [await tasks[0], await tasks[2], await late[1]] == [2, 6, 10]
    assert work.asked == [[1, 2, 3], [5]]


async def test_no_more_than_the_bound_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST", 2)
    work = Busy()
    work.go.set()
    asking = Together(work)
    assert await asyncio.gather(*(asking.ask(number) for number in range(5))) == [0, 2, 4, 6, 8]
    assert [len(some) for some in work.asked] == [2, 2, 1]


async def test_the_work_runs_in_nobodys_context() -> None:
    work = Busy()
    work.go.set()
    WHOSE.set("a request's")
    await Together(work).ask(1)
    assert work.context == "nobody's", "a request's id must not stand in what is done for others"
