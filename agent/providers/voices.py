"""Voices that stand in for one another, also in the middle of a sentence.

The library's fallback adapter gives up what is left of an answer where a voice fails that has been heard already, and a retry of
a whole request begins its sentence again (livekit-agents 1.8, `FallbackSynthesizeStream._run`, `ChunkedStream._main_task`). Here
a voice that is asked again is heard from where it stopped, and the next voice says what is left.
"""

import asyncio
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from livekit import rtc
from livekit.agents import APIConnectionError, APIError, tts, utils
from livekit.agents.tts.fallback_adapter import FallbackChunkedStream
from livekit.agents.tts.tts import AudioEmitter
from livekit.agents.types import APIConnectOptions

logger = logging.getLogger("polyglot.agent.providers.voices")

Voice = tts.TTS[Any]

USUAL_PACE: Final = 15.0
"""Letters of a spoken second, until a voice's own pace is known."""
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_WIDE_LETTERS: Final = 2.5
"""A kana or Chinese character takes about as long as so many letters."""
_WORDS: Final = re.compile(rf"{_WIDE.pattern}\W*|[^\s\u3040-\u30ff\u3400-\u9fff]+\s*|\s+")


class Voices(tts.FallbackAdapter):
    """In their order; each sentence is asked for by itself, so that it is known what has been heard."""

    def __init__(self, voices: list[Voice], *, retries: int) -> None:
        super().__init__(voices, max_retry_per_tts=retries)
        # The library then cuts what is to be said into sentences.
        self._capabilities = tts.TTSCapabilities(streaming=False)
        self._spoken: dict[Voice, tuple[float, float]] = {}

    def synthesize(self, text: str, *, conn_options: APIConnectOptions | None = None) -> "_Sentence":
        """The sound of a text."""
        return _Sentence(self, text, conn_options or APIConnectOptions(max_retry=self._max_retry_per_tts))

    def now(self) -> Iterator[tuple[Voice, bool]]:
        """Those to be asked, and for each whether it answered last time; all where none did."""
        some = any(status.available for status in self._status)
        for voice, status in zip(self._tts_instances, self._status, strict=True):
            if status.available or not some:
                yield voice, status.available

    def away(self) -> list[Voice]:
        """Those that failed last time."""
        return [voice for voice, status in zip(self._tts_instances, self._status, strict=True) if not status.available]

    def answers(self, voice: Voice, *, well: bool) -> None:
        """Whether a voice spoke to the end."""
        status = self._status[self._tts_instances.index(voice)]
        if status.available is not well:
            status.available = well
            self.emit("tts_availability_changed", tts.AvailabilityChangedEvent(voice, well))

    def learn(self, voice: Voice, text: str, seconds: float) -> None:
        """How long a voice took for a text."""
        letters, before = self._spoken.get(voice, (0.0, 0.0))
        self._spoken[voice] = letters + _letters(text), before + seconds

    def left(self, voice: Voice, text: str, seconds: float) -> str:
        """What of a text a voice has not said whole within so many seconds of its sound."""
        letters, before = self._spoken.get(voice, (USUAL_PACE, 1.0))
        said = seconds * letters / before if before else 0.0
        position = 0
        for word in _WORDS.finditer(text):
            said -= _letters(word[0])
            if said < -_letters(word[0][len(word[0].rstrip()) :]):
                break
            position = word.end()
        return text[position:]


class _Sentence(FallbackChunkedStream):
    def __init__(self, voices: Voices, text: str, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=voices, input_text=text, conn_options=conn_options)
        self._voices = voices

    async def _run(self, output_emitter: AudioEmitter) -> None:
        voices, text = self._voices, self._input_text
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=voices.sample_rate,
            num_channels=voices.num_channels,
            mime_type="audio/pcm",
        )
        failed: APIError | None = None
        for voice, _well in list(voices.now()):
            attempt = _Attempt(voice, text, voices.sample_rate)
            failed = await self._insist(attempt, output_emitter)
            voices.answers(voice, well=failed is None)
            if failed is None:
                voices.learn(voice, text, attempt.given)
                break
            text = voices.left(voice, text, attempt.given)
            if not text.strip():
                failed = None
                break
        for voice in voices.away():
            self._try_recovery(voice)
        if failed is not None:
            # Asked again from the beginning, what has been heard would be heard twice.
            raise APIConnectionError(f"no voice is left of {len(voices.away())}", retryable=False) from failed

    async def _insist(self, attempt: "_Attempt", emitter: AudioEmitter) -> APIError | None:
        """Have a voice speak, again where it fails and may be asked again; the failure that remains."""
        retries = min(self._conn_options.max_retry, self._voices._max_retry_per_tts)  # noqa: SLF001
        once = replace(self._conn_options, max_retry=0)
        for tried in range(retries + 1):
            try:
                await attempt.speak(emitter, once)
            except APIError as error:
                logger.warning("a voice failed", extra={"voice": attempt.voice.label, "cause": type(error).__name__})
                if tried == retries or not error.retryable:
                    return error
                await asyncio.sleep(self._conn_options.retry_interval)
            else:
                self._voices._active_instance = attempt.voice  # noqa: SLF001
                return None
        return None


class _Attempt:
    """A voice at one text, however often it is asked."""

    def __init__(self, voice: Voice, text: str, rate: int) -> None:
        self.voice = voice
        self.text = text
        self.given = 0.0
        """Seconds of its sound that have been given on."""
        self._rate = rate

    async def speak(self, emitter: AudioEmitter, options: APIConnectOptions) -> None:
        """Give its sound on, without what has been given before."""
        heard, at = self.given, 0.0
        resampler = (
            rtc.AudioResampler(self.voice.sample_rate, self._rate) if self.voice.sample_rate != self._rate else None
        )
        async with self.voice.synthesize(self.text, conn_options=options) as stream:
            async for spoken in stream:
                frame, begins = spoken.frame, at
                at += frame.duration
                skipped = min(max(round((heard - begins) * frame.sample_rate), 0), frame.samples_per_channel)
                if skipped < frame.samples_per_channel:
                    rest = _without(frame, skipped)
                    self.given = at
                    for part in resampler.push(rest) if resampler else (rest,):
                        emitter.push_frame(part)
        for part in resampler.flush() if resampler else ():
            emitter.push_frame(part)


def _without(frame: rtc.AudioFrame, samples: int) -> rtc.AudioFrame:
    if not samples:
        return frame
    data = frame.data[samples * frame.num_channels :]
    return rtc.AudioFrame(bytes(data), frame.sample_rate, frame.num_channels, frame.samples_per_channel - samples)


def _letters(text: str) -> float:
    wide = len(_WIDE.findall(text))
    return len(text) - wide + _WIDE_LETTERS * wide
