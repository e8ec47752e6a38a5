import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from emulator.audio import LISTENING_RATE
from emulator.ears import recogniser
from emulator.ears.decoding import Guess

TONE = (8000 * np.sin(np.arange(LISTENING_RATE) / 5)).astype(np.int16)
"""A second of it."""


async def test_an_utterance_that_nobody_waits_for_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, decoded = threading.Event(), threading.Event(), []

    def decode(audio: bytes) -> Guess:
        decoded.append(len(audio))
        begun.set()
        go_on.wait(10)
        return Guess(("find", "a", "flight"), 0.0, 100)

    monkeypatch.setattr(recogniser, "guess_sentence", decode)
    monkeypatch.setattr(recogniser, "guess_phones", lambda _audio: 0.0)
    ears = recogniser.Recogniser()
    with ThreadPoolExecutor(1) as grammar, ThreadPoolExecutor(1) as phones:
        monkeypatch.setattr(ears, "_started", lambda: (grammar, phones))
        first = asyncio.create_task(ears.transcribe(TONE, LISTENING_RATE))
        assert await asyncio.to_thread(begun.wait, 10)
        forgotten = [asyncio.create_task(ears.transcribe(TONE[: LISTENING_RATE // 2], LISTENING_RATE)) for _ in "abc"]
        last = asyncio.create_task(ears.transcribe(TONE, LISTENING_RATE))
        await asyncio.sleep(0.1)
        for task in forgotten:
            task.cancel()
        await asyncio.gather(*forgotten, return_exceptions=True)
        go_on.set()
        heard = await asyncio.gather(first, last)
    assert [words.text for words in heard] == ["Find a flight"] * 2
    assert len(decoded) == 2
    assert len(set(decoded)) == 1
