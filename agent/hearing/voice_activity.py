"""Voice activity detection of a call, without the cost of a second thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final

from livekit.agents import inference

SILENCE_SECONDS: Final = 0.3
"""Silence that ends an utterance, which is transcribed as a whole."""


class InPlace(Executor):
    """Runs what it is given at once, in the event loop's own thread.

    The library hands each window of 32 ms to a thread. The model takes 0.02 ms for it; to wake the thread, and the loop again,
    takes ten times as long, 31 times a second for each listener of a call.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - of whatever it is given
        """The result, in a future that is done: one of the loop's own, which it takes as it is."""
        done = asyncio.get_running_loop().create_future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            done.set_exception(error)
        return done


def voice_activity() -> inference.VAD:
    """Notices speech after 0.05 s of it, and its end after `SILENCE_SECONDS`."""
    return inference.VAD(model="silero", min_silence_duration=SILENCE_SECONDS, executor=InPlace())
