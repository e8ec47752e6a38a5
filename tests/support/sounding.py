"""What a listener hears of a session, in virtual time: a voice and an output whose sound says whose it is."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from livekit import rtc
from livekit.agents import tts, utils
from livekit.agents.types import APIConnectOptions
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities

RATE: Final = 8000
QUEUED: Final = 0.2
"""Seconds of sound that wait to be sent, as in a room."""


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


class Ear(AudioOutput):
    """Plays in virtual time, and remembers what of it was heard."""

    def __init__(self, labels: Labels) -> None:
        super().__init__(label="ear", capabilities=AudioOutputCapabilities(pause=False), sample_rate=RATE)
        self._labels = labels
        self._now = asyncio.get_running_loop().time
        self.heard: list[Heard] = []
        self._began: float | None = None
        self._ends = 0.0
        self._ending: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        now = self._now()
        begins = max(now, self._ends)
        self._ends = begins + frame.duration
        text = self._labels.text(frame)
        last = self.heard[-1] if self.heard else None
        if last is not None and last.text == text and last.ends >= begins - 1e-6:
            last.ends = self._ends
        else:
            self.heard.append(Heard(text, begins, self._ends))
        if self._began is None:
            self._began = begins
            self.on_playback_started(created_at=begins)
        await asyncio.sleep(max(0.0, self._ends - now - QUEUED))

    def flush(self) -> None:
        super().flush()
        if self._began is not None and self._ending is None:
            self._ending = asyncio.create_task(self._end())

    def clear_buffer(self) -> None:
        if self._began is None:
            return
        now, began, self._began = self._now(), self._began, None
        for one in self.heard:
            one.ends = min(one.ends, max(now, one.begins))
        self._ends = now
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        self.on_playback_finished(playback_position=max(0.0, now - began), interrupted=True)

    async def _end(self) -> None:
        while (left := self._ends - self._now()) > 0:  # noqa: ASYNC110 - more may come meanwhile
            await asyncio.sleep(left)
        began, self._began, self._ending = self._began, None, None
        assert began is not None
        self.on_playback_finished(playback_position=self._ends - began, interrupted=False)


class Voice(tts.TTS[Any]):
    """Says a text for as long as it has words."""

    def __init__(self, labels: Labels) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)
        self.labels = labels

    def synthesize(self, text: str, *, conn_options: APIConnectOptions | None = None) -> "Said":
        return Said(tts=self, input_text=text, conn_options=conn_options or APIConnectOptions())


class Said(tts.ChunkedStream):
    _tts: Voice

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(request_id=utils.shortuuid(), sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        await asyncio.sleep(0.15)
        for _ in range(3 * len(self._input_text.split())):
            output_emitter.push(bytes(self._tts.labels.sound(self._input_text, 0.1).data))
            await asyncio.sleep(0.01)
