"""When a spoken turn is over: the sound of its end decides, and words that stop in the middle of a sentence overrule it.

The library's local detector listens to the last 1.2 s of sound; what it takes for unfinished waits for a longer silence.
Who searches for a word may sound finished all the same, and "a flight from" never is.
"""

from collections.abc import Callable
from typing import Any, Final

from livekit.agents import LanguageCode, inference
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions

NEVER_LIKELY: Final = 2.0
"""A threshold above every probability."""


class TurnEndDetector(inference.TurnDetector):
    """The local detector (no service, no key), for a call whose last words may hang in the air."""

    def __init__(self, unfinished: Callable[[], bool]) -> None:
        super().__init__(version="v1-mini")
        self._unfinished = unfinished

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Any:  # noqa: ANN401 - private type
        """Listen to one user."""
        stream = super().stream(conn_options=conn_options)
        by_sound = stream.unlikely_threshold

        async def threshold(language: LanguageCode | None) -> float | None:
            return NEVER_LIKELY if self._unfinished() else await by_sound(language)

        stream.unlikely_threshold = threshold  # type: ignore[method-assign]
        return stream
