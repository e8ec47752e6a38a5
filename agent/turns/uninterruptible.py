"""Holds a speech against sounds: a cough must not lose an answer."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from livekit.agents.voice import SpeechHandle

_holds: Final[Counter[int]] = Counter()
"""By id of a speech: how many hold it at this moment."""


@contextmanager
def uninterruptible(speech: SpeechHandle) -> Iterator[None]:
    """While anybody holds a speech, sound does not interrupt it; a stop still does."""
    if speech.interrupted:
        yield
        return
    key = id(speech)
    _holds[key] += 1
    speech.allow_interruptions = False
    try:
        yield
    finally:
        _holds[key] -= 1
        if not _holds[key]:
            del _holds[key]
            speech.allow_interruptions = True
