"""When a spoken turn is over: how its end sounds and what its last words say decide how long a silence must be.

The library's local detector listens to the last 1.2 s of sound. It looks when 0.2 s of them are silent, where it takes one
whole sentence in seven for unfinished; at 0.4 s it is less of a toss-up. The library knows two silences, one below its
threshold and one above it; here the longer one is set for each turn, and always taken.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol

from livekit.agents import LanguageCode, inference
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions
from livekit.agents.voice.turn import TurnDetectionEvent

SURE_SECONDS: Final = 0.55
"""Silence that ends a turn which sounds finished beyond doubt, or like a question and reads like one."""
END_OF_TURN_SECONDS: Final = 0.7
"""Silence that ends a turn which sounds finished; an utterance that follows sooner belongs to it. A distant model's first
words are there no sooner."""
QUESTION_SECONDS: Final = 0.9
"""Silence that ends a turn which reads like a question and does not sound finished."""
TELLS_SECONDS: Final = 1.5
"""Silence that ends a turn which only tells when somebody travels, whatever it sounds like: what they want is yet to come."""
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
LOOK_SECONDS: Final = 1.6
"""Longest, from the first look on, that the second one is waited for: then the longest silence is over."""
FIRST_LOOK_SECONDS: Final = 0.8
"""Longest that the library waits for the first look; after a second it would take the turn for finished."""
WORDS_SECONDS: Final = 2.5
"""Longest that a turn of which words are known waits for those of its last utterance."""
WORDS_ARRIVE: Final = 0.1
"""Seconds from a recogniser's answer until the library has it, and asks again."""
NEVER_LIKELY: Final = 2.0
"""A threshold above every probability."""


class LastWords(Protocol):
    """What the words of the turn so far say of its end."""

    unfinished: bool
    """They stop in the middle of a sentence."""
    tells: bool
    """They tell when somebody travels."""
    asks: bool
    """They end like a question."""
    language: str | None
    """Code of what they are in; None before there are any."""


class Recogniser(Protocol):
    """Who makes out words."""

    @property
    def awaiting(self) -> bool:
        """Whether an utterance has ended whose words are not known yet."""
        ...

    async def nothing_heard(self) -> bool:
        """Whether it had no words, when that is known."""
        ...


def patience(sound: float, *, unfinished: bool = False, tells: bool = False, asks: bool = False) -> float:
    """Seconds of silence that end a turn; `sound`: the detector's probability, as a multiple of its threshold.

    >>> patience(3.0), patience(1.5), patience(1.5, asks=True), patience(0.9, asks=True), patience(3.0, unfinished=True)
    (0.55, 0.7, 0.55, 0.9, 1.8)
    """
    if unfinished:
        return UNFINISHED_SECONDS
    if asks:
        return SURE_SECONDS if sound >= ASKS else QUESTION_SECONDS
    if sound >= FINISHED and not tells:
        return SURE_SECONDS if sound >= SURE else END_OF_TURN_SECONDS
    doubt = min(1.0, max(0.0, FINISHED - sound) / (FINISHED - UNFINISHED))
    waits = DOUBTFUL_SECONDS + (UNFINISHED_SECONDS - DOUBTFUL_SECONDS) * doubt
    return max(waits, TELLS_SECONDS) if tells else waits


class TurnEndDetector(inference.TurnDetector):
    """The local detector (no service, no key), for a call whose words are followed."""

    def __init__(self, words: LastWords) -> None:
        super().__init__(version="v1-mini")
        self.words = words
        self.wait: Callable[[float], None] = lambda _seconds: None
        """Told how long the silence must be that ends the turn."""
        self.silence: Callable[[float], Awaitable[None]] = _passed
        """Waits until so much silence has been heard; what has only passed is no silence where ears are late."""
        self.ears: Sequence[Recogniser] = ()
        """Those that tell whether they are still at work."""

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
            seconds = patience(seen / usual, unfinished=words.unfinished, tells=words.tells, asks=words.asks)
            self.wait(seconds)
            # Who goes on, or whose words come, ends this: the library asks anew.
            await self.silence(seconds)
            await self._last_words()
            return NEVER_LIKELY

        stream.unlikely_threshold = threshold  # type: ignore[method-assign]
        return stream

    async def _last_words(self) -> None:
        """Half a question is not answered because a recogniser takes longer than a silence."""
        for ears in self.ears:
            if ears.awaiting:
                with suppress(TimeoutError):
                    async with asyncio.timeout(WORDS_SECONDS):
                        if not await ears.nothing_heard():
                            await asyncio.sleep(WORDS_ARRIVE)


async def _passed(_seconds: float) -> None:
    """The library waits for that itself."""


class _Looks:
    """A stream's look at the sound, which the library asks for, and another one a little later."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - a private type
        self._predict, self._cancel = stream.predict, stream.cancel_inference
        self._first: asyncio.Future[Any] | None = None
        self._second: asyncio.Task[float] | None = None
        self._until = 0.0
        stream.predict, stream.cancel_inference = self._look, self._give_up

    async def probability(self) -> float:
        """Of the second look; of the first where there is no second, or only one that is of no use any more."""
        second, first = self._second, self._first
        if second is not None:
            await asyncio.wait([second], timeout=max(0.0, self._until - asyncio.get_running_loop().time()))
            if second.done() and not second.cancelled():
                return second.result()
        return float(first.result().end_of_turn_probability) if first is not None and first.done() else 0.0

    def _look(self) -> asyncio.Future[Any]:
        self._give_up()
        loop = asyncio.get_running_loop()
        self._until = loop.time() + LOOK_SECONDS
        self._first = first = self._predict()
        self._second = asyncio.create_task(self._look_again(first))
        told: asyncio.Future[Any] = loop.create_future()

        def tell() -> None:
            if not told.done():
                told.set_result(
                    first.result() if first.done() else TurnDetectionEvent("eot_prediction", 0.0, time.time())
                )

        first.add_done_callback(lambda _: tell())
        loop.call_later(FIRST_LOOK_SECONDS, tell)
        return told

    async def _look_again(self, first: asyncio.Future[Any]) -> float:
        await asyncio.sleep(LOOKS_AGAIN)
        await first
        return float((await self._predict()).end_of_turn_probability)

    def _give_up(self, *, timed_out: bool = False) -> None:
        """The user goes on, or the turn is over. The stream calls this too, when it is asked for another look."""
        if self._second is not None and self._second is not asyncio.current_task():
            self._second.cancel()
        self._cancel(timed_out=timed_out)
