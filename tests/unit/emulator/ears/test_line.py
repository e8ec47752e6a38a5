import asyncio
import threading

import pytest

from emulator.ears.heard import TooMuchToHear
from emulator.ears.line import Line


async def test_what_nobody_waits_for_any_more_is_never_heard() -> None:
    begun, go_on, heard = threading.Event(), threading.Event(), []

    def hear(name: str) -> str:
        heard.append(name)
        begun.set()
        go_on.wait(10)
        return name

    line = Line()
    first = asyncio.create_task(line.run(hear, "first"))
    assert await asyncio.to_thread(begun.wait, 10)
    forgotten = asyncio.create_task(line.run(hear, "forgotten"))
    last = asyncio.create_task(line.run(hear, "last"))
    await asyncio.sleep(0.01)
    forgotten.cancel()
    await asyncio.gather(forgotten, return_exceptions=True)
    go_on.set()
    assert await asyncio.gather(first, last) == ["first", "last"]
    assert heard == ["first", "last"]
    line.close()


async def test_a_full_line_takes_nobody_until_one_is_through() -> None:
    go_on = threading.Event()
    line = Line(longest=2)
    waiting = [asyncio.create_task(line.run(go_on.wait, 10)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooMuchToHear):
        await line.run(go_on.wait, 10)
    go_on.set()
    await asyncio.gather(*waiting)
    assert await line.run(lambda: "heard") == "heard"
    line.close()
