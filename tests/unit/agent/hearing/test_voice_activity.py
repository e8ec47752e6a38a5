"""Voice activity is found where it is asked for: what is found is the same, and no thread is woken for it."""

import asyncio
import threading

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import inference
from livekit.agents.vad import VADEvent, VADEventType

from agent.hearing.voice_activity import SILENCE_SECONDS, InPlace, voice_activity
from cli.traveller.library import RATE, clips

FRAME = RATE // 50


async def test_what_it_runs_is_done_at_once_and_in_the_same_thread() -> None:
    assert await asyncio.get_running_loop().run_in_executor(InPlace(), threading.get_ident) == threading.get_ident()
    assert InPlace().submit(int, "7", base=8).done()


async def test_what_fails_is_told_to_whoever_waits() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await asyncio.get_running_loop().run_in_executor(InPlace(), int, "seven")


async def events(vad: inference.VAD) -> list[VADEvent]:
    sound = np.concatenate([np.zeros(RATE, np.int16), next(clips("en", "command")).samples, np.zeros(RATE, np.int16)])
    stream = vad.stream()
    for at in range(0, sound.size - FRAME, FRAME):
        stream.push_frame(rtc.AudioFrame(sound[at : at + FRAME].tobytes(), RATE, 1, FRAME))
    stream.end_input()
    found = [event async for event in stream]
    await stream.aclose()
    return found


async def threads_beside(vad: inference.VAD) -> list[str]:
    before = set(threading.enumerate())
    stream = vad.stream()
    stream.push_frame(rtc.AudioFrame(bytes(2 * RATE), RATE, 1, RATE))
    await anext(aiter(stream))
    names = [thread.name for thread in set(threading.enumerate()) - before]
    await stream.aclose()
    return [name for name in names if name.startswith("inference.vad")]


async def test_it_finds_what_the_library_s_own_finds() -> None:
    own = await events(inference.VAD(model="silero", min_silence_duration=SILENCE_SECONDS))
    ours = await events(voice_activity())
    assert {VADEventType.START_OF_SPEECH, VADEventType.END_OF_SPEECH} <= {event.type for event in ours}
    assert [(event.type, event.timestamp) for event in ours] == [(event.type, event.timestamp) for event in own]


async def test_a_call_has_no_thread_for_it() -> None:
    assert await threads_beside(inference.VAD(model="silero")), "what the library does by itself"
    assert await threads_beside(voice_activity()) == []
