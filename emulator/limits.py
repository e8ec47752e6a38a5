"""The account's rate limit: requests in a minute, as the service counts and tells them."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from pydantic import JsonValue

WINDOW: Final = 60.0


class RateLimit:
    """Requests of the last minute; None is no limit."""

    def __init__(self, most: int | None, now: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._now = now
        self._taken: deque[float] = deque()

    @property
    def reset_seconds(self) -> float:
        """Until all of it is there again."""
        self._forget()
        return round(self._taken[-1] + WINDOW - self._now(), 3) if self._taken else 0.0

    @property
    def wait_seconds(self) -> float:
        """Until one request is allowed."""
        self._forget()
        full = self.most is not None and len(self._taken) >= self.most
        return round(self._taken[0] + WINDOW - self._now(), 3) if full else 0.0

    @property
    def remaining(self) -> int:
        """Requests that are allowed now."""
        self._forget()
        return max(0, self.most - len(self._taken)) if self.most is not None else 1

    def take(self) -> bool:
        """Count a request; False where it is one too many, which is not counted."""
        if self.most is not None and self.remaining == 0:
            return False
        if self.most is not None:
            self._taken.append(self._now())
        return True

    def headers(self) -> dict[str, str]:
        """As HTTP tells them."""
        if self.most is None:
            return {}
        told = {
            "x-ratelimit-limit-requests": str(self.most),
            "x-ratelimit-remaining-requests": str(self.remaining),
            "x-ratelimit-reset-requests": f"{self.reset_seconds}s",
        }
        if wait := self.wait_seconds:
            told["retry-after-ms"] = str(round(wait * 1000))
            told["retry-after"] = str(max(1, round(wait)))
        return told

    def event(self, *, used_up: bool = False) -> dict[str, JsonValue]:
        """As the realtime service tells them at the beginning of a response; `used_up` by order of a fault."""
        most = self.most or 1000
        remaining = 0 if used_up else self.remaining if self.most is not None else most
        return {
            "type": "rate_limits.updated",
            "rate_limits": [
                {"name": "requests", "limit": most, "remaining": remaining, "reset_seconds": self.wait_seconds}
            ],
        }

    def _forget(self) -> None:
        while self._taken and self._taken[0] <= self._now() - WINDOW:
            self._taken.popleft()
