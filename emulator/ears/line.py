"""Utterances wait in line for the one thread that hears them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from emulator.ears.heard import TooMuchToHear

P = ParamSpec("P")
T = TypeVar("T")
LONGEST: Final = 16
"""Utterances in line: two for each of the calls that a small machine holds."""


class Line:
    """Runs one function after another, off the event loop."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, "ears")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result. Cancelled while it is still in line, it is never called.

        Raises TooMuchToHear when the line is full.
        """
        if self._waiting >= self._longest:
            raise TooMuchToHear
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._thread.submit(function, *args, **kwargs))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Drops what is in line."""
        self._thread.shutdown(wait=False, cancel_futures=True)
