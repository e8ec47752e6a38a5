"""What a listener hears of a session, in virtual time: a voice and an output whose sound says whose it is."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final

from livekit import rtc
from livekit.agents import APIConnectionError, tts, utils
from livekit.agents.types import APIConnectOptions
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities

RATE: Final = 8000
QUEUED: Final = 0.2
"""Seconds of sound that wait to be sent, as in a room."""
NEVER: Final = 1e5
SOME: Final = 2
"""Pieces of a tenth of a second after which a voice fails in the middle."""


class Labels:
    """Numbers of texts; a sound's samples are the number of what it says."""

    def __init__(self) -> None:
        self._texts: list[str] = [""]

    def sound(self, text: str, seconds: float) -> rtc.AudioFrame:
        if text not in self._texts:
            self._texts.append(text)
        samples = round(seconds * RATE)
        return rtc.AudioFrame(self._texts.index(text).to_bytes(2, "little") * samples, RATE, 1, samples)

    def text(self, frame: rtc.AudioFrame) -> str:
        return self._texts[frame.data[0]]


@dataclass
class Heard:
    """A stretch of sound."""

    text: str
    begins: float
    ends: float
    speech: int = 0
    """Which of the speeches it is of; one that goes on after a pause is one."""


class Ear(AudioOutput):
    """Plays in virtual time, and remembers what of it was heard."""

    def __init__(self, labels: Labels, *, pauses: bool = False) -> None:
        super().__init__(label="ear", capabilities=AudioOutputCapabilities(pause=pauses), sample_rate=RATE)
        self._labels = labels
        self._now = asyncio.get_running_loop().time
        self.heard: list[Heard] = []
        self._began: float | None = None
        self._ends = 0.0
        self._ending: asyncio.Task[None] | None = None
        self._paused_at: float | None = None
        self._goes_on = asyncio.Event()
        self._goes_on.set()

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await self._goes_on.wait()
        await super().capture_frame(frame)
        now = self._now()
        begins = max(now, self._ends)
        self._ends = begins + frame.duration
        text = self._labels.text(frame)
        last = self.heard[-1] if self.heard else None
        if last is not None and last.text == text and last.ends >= begins - 1e-6:
            last.ends = self._ends
        else:
            self.heard.append(Heard(text, begins, self._ends, self.captured_playout_segments))
        if self._began is None:
            self._began = begins
            self.on_playback_started(created_at=time.time() + begins - now)
        await asyncio.sleep(max(0.0, self._ends - now - QUEUED))

    def flush(self) -> None:
        super().flush()
        if self._began is not None and self._ending is None:
            self._ending = asyncio.create_task(self._end())

    def pause(self) -> None:
        if self._paused_at is None:
            self._paused_at = self._now()
            self._goes_on.clear()

    def resume(self) -> None:
        if self._paused_at is None:
            return
        at, self._paused_at = self._paused_at, None
        self._goes_on.set()
        later = max(0.0, self._now() - at)
        for one in [one for one in self.heard if one.ends > at]:
            if one.begins < at:
                self.heard.append(Heard(one.text, self._now(), one.ends + later, one.speech))
                one.ends = at
            else:
                one.begins, one.ends = one.begins + later, one.ends + later
        self._ends += later if self._ends > at else 0.0

    def clear_buffer(self) -> None:
        now = self._now() if self._paused_at is None else self._paused_at
        if self._began is None:
            return
        began, self._began = self._began, None
        for one in self.heard:
            one.ends = min(one.ends, max(now, one.begins))
        self._ends = now
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        self.on_playback_finished(playback_position=max(0.0, now - began), interrupted=True)

    async def _end(self) -> None:
        while self._paused_at is not None or self._ends > self._now():
            await self._goes_on.wait()
            await asyncio.sleep(max(0.0, self._ends - self._now()))  # more may come meanwhile
        began, self._began, self._ending = self._began, None, None
        assert began is not None
        self.on_playback_finished(playback_position=self._ends - began, interrupted=False)


class Voice(tts.TTS[Any]):
    """Says a text for as long as it has words; `plan`: how its requests go, the rest are well.

    `late` (first sound after some seconds), `failed` (before any), `cut` (after some), `stuck` (after some, without an end),
    `mute` (never any sound).
    """

    def __init__(self, labels: Labels, plan: list[str] | None = None) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)
        self.labels = labels
        self.plan = plan if plan is not None else []

    def synthesize(self, text: str, *, conn_options: APIConnectOptions | None = None) -> "Said":
        return Said(tts=self, input_text=text, conn_options=conn_options or APIConnectOptions())


class Said(tts.ChunkedStream):
    _tts: Voice

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        plan = self._tts.plan
        outcome = plan.pop(0) if plan else "ok"
        output_emitter.initialize(request_id=utils.shortuuid(), sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        await asyncio.sleep({"late": 4.5, "mute": NEVER}.get(outcome, 0.15))
        if outcome == "failed":
            raise APIConnectionError
        for number in range(3 * len(self._input_text.split())):
            if number == SOME and outcome == "cut":
                raise APIConnectionError
            if number == SOME and outcome == "stuck":
                await asyncio.sleep(NEVER)
            output_emitter.push(bytes(self._tts.labels.sound(self._input_text, 0.1).data))
            await asyncio.sleep(0.01)
