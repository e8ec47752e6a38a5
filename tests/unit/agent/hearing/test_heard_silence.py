"""Silence counts as it is heard, not as time passes. Time is a number here."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from livekit.agents import inference
from livekit.agents.vad import VADEvent, VADEventType
from virtual_time import in_virtual_time

from agent.hearing.heard_silence import LATE_SECONDS, HeardSilence

LOOK = 0.032
ENDS = 10 * LOOK
"""Silence that ends an utterance."""


class Sound:
    """What the library's stream gives, look by look."""

    def __init__(self, ears: HeardSilence) -> None:
        self.events: asyncio.Queue[VADEvent | None] = asyncio.Queue()
        self.frames: list[str] = []
        self.heard = ears.stream()
        self.following = asyncio.create_task(self.follow())

    async def __anext__(self) -> VADEvent:
        event = await self.events.get()
        if event is None:
            raise StopAsyncIteration
        return event

    def push_frame(self, frame: Any) -> None:
        self.frames.append(frame)

    async def follow(self) -> None:
        async for _ in self.heard:
            pass

    def tells(self, kind: VADEventType, silence: float, *, voice: bool = False, speaking: bool = False) -> None:
        self.events.put_nowait(VADEvent(kind, 0, 0.0, 0.5, silence, probability=0.9 * voice, speaking=speaking))

    def speaks(self) -> None:
        self.tells(VADEventType.START_OF_SPEECH, 0.0, speaking=True)
        self.tells(VADEventType.INFERENCE_DONE, 0.0, voice=True, speaking=True)

    async def is_silent(self, looks: int, *, since: int = 0, last: bool = False) -> None:
        """One look at a time; `last`: the last of them has a voice in it."""
        for number in range(since + 1, since + looks + 1):
            await asyncio.sleep(LOOK)
            ended = number * LOOK >= ENDS
            silence = number * LOOK if ended else 0.0
            voice = last and number == since + looks
            self.tells(VADEventType.INFERENCE_DONE, silence, voice=voice, speaking=not ended)
            if number * LOOK == ENDS:
                self.tells(VADEventType.END_OF_SPEECH, silence)


def heard(monkeypatch: pytest.MonkeyPatch, call: Callable[[HeardSilence, Sound], Awaitable[None]]) -> None:
    """A listener whose looks at the sound are the test's."""

    async def run() -> None:
        ears = HeardSilence()
        made: list[Sound] = []
        monkeypatch.setattr(inference.VAD, "stream", lambda _: made[0])
        sound: Any = Sound.__new__(Sound)
        made.append(sound)
        sound.__init__(ears)
        await call(ears, sound)
        sound.following.cancel()

    in_virtual_time(run())


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("seconds", [0.55, 0.7, 0.9, 1.3, 1.8])
def test_silence_that_is_heard_in_time_is_not_waited_for_any_longer(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    async def call(ears: HeardSilence, sound: Sound) -> None:
        sound.speaks()
        looks = asyncio.create_task(sound.is_silent(80))
        await asyncio.sleep(0.4)
        await ears.hears_silence(seconds)
        assert seconds - 2 * LOOK <= now() <= seconds
        await looks

    heard(monkeypatch, call)


def test_ears_that_are_late_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call(ears: HeardSilence, sound: Sound) -> None:
        sound.speaks()
        await sound.is_silent(20)

        async def later() -> None:
            await asyncio.sleep(0.3)
            await sound.is_silent(10, since=20)

        looks = asyncio.create_task(later())
        await ears.hears_silence(0.9)
        assert now() == pytest.approx(28 * LOOK - LOOK + 0.3, abs=LOOK)
        await looks

    heard(monkeypatch, call)


def test_a_voice_in_the_last_look_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call(ears: HeardSilence, sound: Sound) -> None:
        sound.speaks()
        await sound.is_silent(28, last=True)
        waiting = asyncio.create_task(ears.hears_silence(0.9))
        await asyncio.sleep(0.01)
        assert not waiting.done(), "somebody may be about to go on"
        await sound.is_silent(1, since=28)
        await asyncio.sleep(0.01)
        assert waiting.done(), "nobody did"

    heard(monkeypatch, call)


def test_who_speaks_again_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call(ears: HeardSilence, sound: Sound) -> None:
        sound.speaks()
        await sound.is_silent(20)
        waiting = asyncio.create_task(ears.hears_silence(0.7))
        sound.speaks()
        await asyncio.sleep(0.1)
        assert not waiting.done()
        waiting.cancel()

    heard(monkeypatch, call)


def test_where_no_sound_comes_any_more_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call(ears: HeardSilence, sound: Sound) -> None:
        sound.speaks()
        await sound.is_silent(12)
        await ears.hears_silence(0.7)
        assert now() == pytest.approx(0.7 + LATE_SECONDS, abs=0.001)

    heard(monkeypatch, call)


def test_without_speech_there_is_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call(ears: HeardSilence, sound: Sound) -> None:
        await HeardSilence().hears_silence(1.0)
        await ears.hears_silence(1.0)
        sound.tells(VADEventType.INFERENCE_DONE, 5.0)
        await asyncio.sleep(0)
        await ears.hears_silence(1.0)
        assert now() == 0.0

    heard(monkeypatch, call)


@pytest.mark.parametrize("ends", [True, False])
def test_ears_that_are_closed_hear_nothing_more(monkeypatch: pytest.MonkeyPatch, *, ends: bool) -> None:
    async def call(ears: HeardSilence, sound: Sound) -> None:
        sound.speaks()
        await sound.is_silent(12)
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(ears.hears_silence(1.8))
        await asyncio.sleep(0.01)
        if ends:
            sound.events.put_nowait(None)
        else:
            sound.following.cancel()
        await asyncio.sleep(0.01)
        assert waiting.done()

    heard(monkeypatch, call)


def test_it_is_the_library_s_stream_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call(_ears: HeardSilence, sound: Sound) -> None:
        sound.heard.push_frame("sound")  # type: ignore[arg-type]
        assert sound.frames == ["sound"]

    heard(monkeypatch, call)
