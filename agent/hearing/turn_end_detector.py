"""When a spoken turn is over: how its end sounds and what its last words say decide how long a silence must be.

The library's local detector listens to the last 1.2 s of sound. It looks when 0.2 s of them are silent, where it takes one
whole sentence in seven for unfinished; at 0.4 s it is less of a toss-up. The library knows two silences, one below its
threshold and one above it; here the longer one is set for each turn, and always taken.
"""

import asyncio
import math
from collections.abc import Callable
from typing import Any, Final, Protocol

from livekit.agents import LanguageCode, inference
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions

SURE_SECONDS: Final = 0.55
"""Silence that ends a turn which sounds finished beyond doubt, or like a question and reads like one."""
END_OF_TURN_SECONDS: Final = 0.7
"""Silence that ends a turn which sounds finished; an utterance that follows sooner belongs to it. A distant model's first
words are there no sooner."""
QUESTION_SECONDS: Final = 0.9
"""Silence that ends a turn which reads like a question and does not sound finished."""
DOUBTFUL_SECONDS: Final = 1.3
UNFINISHED_SECONDS: Final = 1.8
"""Silence that ends a turn which does not sound finished, between the two as little as it does: people hesitate for up to a
second and a half in the middle of a sentence."""

FINISHED: Final = 1.35
ASKS: Final = 1.0
SURE: Final = 2.4
UNFINISHED: Final = 0.5
"""Multiples of the library's threshold for the language, at the second look: finished, finished where it reads like a
question, beyond doubt, and not at all. Ends of clauses are heard up to twice the threshold, so that none is certain."""
LOOKS_AGAIN: Final = 0.2
"""Seconds after its first look."""
LOOK_SECONDS: Final = 0.8
"""Longest that the second look is waited for."""
NEVER_LIKELY: Final = 2.0
"""A threshold above every probability."""


class LastWords(Protocol):
    """What the words of the turn so far say of its end."""

    unfinished: bool
    """They stop in the middle of a sentence."""
    asks: bool
    """They end like a question."""
    language: str | None
    """Code of what they are in; None before there are any."""


def patience(sound: float, *, unfinished: bool = False, asks: bool = False) -> float:
    """Seconds of silence that end a turn; `sound`: the detector's probability, as a multiple of its threshold.

    >>> patience(3.0), patience(1.5), patience(1.5, asks=True), patience(0.9, asks=True), patience(3.0, unfinished=True)
    (0.55, 0.7, 0.55, 0.9, 1.8)
    """
    if unfinished:
        return UNFINISHED_SECONDS
    if asks:
        return SURE_SECONDS if sound >= ASKS else QUESTION_SECONDS
    if sound >= FINISHED:
        return SURE_SECONDS if sound >= SURE else END_OF_TURN_SECONDS
    doubt = min(1.0, (FINISHED - sound) / (FINISHED - UNFINISHED))
    return DOUBTFUL_SECONDS + (UNFINISHED_SECONDS - DOUBTFUL_SECONDS) * doubt


class TurnEndDetector(inference.TurnDetector):
    """The local detector (no service, no key), for a call whose words are followed."""

    def __init__(self, words: LastWords) -> None:
        super().__init__(version="v1-mini")
        self.words = words
        self.wait: Callable[[float], None] = lambda _seconds: None
        """Told how long the silence must be that ends the turn."""

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> Any:  # noqa: ANN401 - private type
        """Listen to one user."""
        stream = super().stream(conn_options=conn_options)
        looks = _Looks(stream)
        by_sound = stream.unlikely_threshold

        async def threshold(language: LanguageCode | None) -> float | None:
            words = self.words
            code = LanguageCode(words.language) if words.language else language
            usual = await by_sound(code) or math.inf
            seen = await looks.probability()
            self.wait(patience(seen / usual, unfinished=words.unfinished, asks=words.asks))
            return NEVER_LIKELY

        stream.unlikely_threshold = threshold  # type: ignore[method-assign]
        return stream


class _Looks:
    """A stream's look at the sound, which the library asks for, and another one a little later."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - a private type
        self._predict, self._cancel = stream.predict, stream.cancel_inference
        self._first: asyncio.Future[Any] | None = None
        self._second: asyncio.Task[float] | None = None
        stream.predict, stream.cancel_inference = self._look, self._give_up

    async def probability(self) -> float:
        """Of the second look, or of the first where there is no second."""
        second, first = self._second, self._first
        if second is not None:
            done, _ = await asyncio.wait([second], timeout=LOOK_SECONDS)
            if done and not second.cancelled():
                return second.result()
        return float(first.result().end_of_turn_probability) if first is not None and first.done() else 0.0

    def _look(self) -> asyncio.Future[Any]:
        self._give_up()
        self._first = self._predict()
        self._second = asyncio.create_task(self._look_again(self._first))
        return self._first

    async def _look_again(self, first: asyncio.Future[Any]) -> float:
        await asyncio.sleep(LOOKS_AGAIN)
        await first
        return float((await self._predict()).end_of_turn_probability)

    def _give_up(self, *, timed_out: bool = False) -> None:
        """The user goes on, or the turn is over. The stream calls this too, when it is asked for another look."""
        if self._second is not None and self._second is not asyncio.current_task():
            self._second.cancel()
        self._cancel(timed_out=timed_out)
