"""An event loop whose time is a number: it goes on to the next timer as soon as there is nothing else to do."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _AtOnce(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else 30)
        if timeout is None and not ready:
            raise TimeoutError("nothing is left to wait for")
        if not ready and timeout:
            self.passed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Nothing in it takes time but timers, which take none of ours."""

    def __init__(self) -> None:
        self._at_once = _AtOnce()
        super().__init__(self._at_once)

    def time(self) -> float:
        """Seconds since it began."""
        return self._at_once.passed


def in_virtual_time(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
