"""Leaves a source alone that has failed again and again, and tries it with one question after a while."""

import time
from collections.abc import Callable
from typing import Final

FAILURES: Final = 4
"""In a row, after which it is left alone."""
REST: Final = 20.0
"""Seconds of that; doubled with each trial that fails."""
REST_MAX: Final = 300.0


class Breaker:
    """Of one source, in this process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._open_until = float("-inf")
        self._rest = REST
        self._trial = False

    @property
    def open(self) -> bool:
        """Whether it is left alone just now."""
        return self._failures >= FAILURES and (self._now() < self._open_until or self._trial)

    def begin(self) -> bool:
        """Whether it may be asked now; after a rest, one question at a time."""
        if self.open:
            return False
        self._trial = self._failures >= FAILURES
        return True

    def answered(self) -> None:
        """It works."""
        self._failures, self._rest, self._trial = 0, REST, False

    def failed(self) -> None:
        """It does not."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._rest = min(REST_MAX, self._rest * 2) if self._trial else REST
            self._open_until = self._now() + self._rest
        self._trial = False

    def left_alone(self) -> None:
        """The question was taken back before it was answered."""
        self._trial = False
