"""Transcription that starts before the end of speech is certain.

A turn ends after a silence that is long enough to mean it. The provider's time is hidden in that silence: as soon as the
user pauses, what was said is sent; when they go on speaking it is thrown away, and sent again whole at the next pause. The
same silence ends a turn as before, so nobody is cut off sooner. The price is a request for every such pause.
"""

import asyncio
import time
from typing import Any, Final

from livekit import rtc
from livekit.agents import APIError, stt, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, APIConnectOptions, NotGivenOr
from livekit.agents.vad import VAD, VADEvent, VADEventType

EAGER_AFTER: Final = 0.06
"""Seconds of silence after which speech is sent; shorter than the gaps inside words would send every syllable."""
EAGER_MAX: Final = 10.0
"""Seconds of speech; a longer utterance is sent once, when it has ended, as each try would send all of it again."""


class EagerTranscription(stt.StreamAdapter):
    """A streaming STT over one that takes whole utterances."""

    _awaited: asyncio.Future[bool] | None = None
    """Of the utterance that ended last: whether the provider made out nothing. An error is told as such; one that is
    dropped cancels it.
    """

    @property
    def awaiting(self) -> bool:
        """Whether an utterance has ended whose words are not known yet."""
        return self._awaited is not None and not self._awaited.done()

    async def nothing_heard(self) -> bool:
        """Whether the utterance that ended last had no words, waiting for them if they are not known yet.

        False where the utterance was dropped meanwhile: nobody wants to know any more.
        """
        awaited = self._awaited
        if awaited is None:
            return True
        await asyncio.wait([awaited])
        return not awaited.cancelled() and awaited.result()

    def awaits(self) -> asyncio.Future[bool]:
        """An utterance has ended; its listener says here whether nothing was made out."""
        self._awaited = asyncio.get_running_loop().create_future()
        return self._awaited

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        """Listen to one user; input is mono frames, events come as from any streaming STT without interim results."""
        return EagerStream(self, vad=self._vad, wrapped=self._stt, language=language, conn_options=conn_options)

    def failed(self, error: APIError) -> None:
        """Tell the session that an utterance was not heard. Of a guess that is thrown away nothing needs to be told."""
        self.emit("error", stt.STTError(timestamp=time.time(), label=self.label, error=error, recoverable=False))


class EagerStream(stt.RecognizeStream):
    """Follows one user's voice activity; at most one request is in flight."""

    def __init__(
        self,
        owner: EagerTranscription,
        *,
        vad: VAD,
        wrapped: stt.STT[Any],
        language: NotGivenOr[str],
        conn_options: APIConnectOptions,
    ) -> None:
        # The wrapped STT does the retries.
        super().__init__(stt=owner, conn_options=APIConnectOptions(max_retry=0, timeout=conn_options.timeout))
        self._owner = owner
        self._vad = vad
        self._wrapped = wrapped
        self._language = language
        self._wrapped_options = conn_options
        self._said: list[rtc.AudioFrame] = []
        self._speaking = False
        self._guess: asyncio.Task[stt.SpeechEvent] | None = None

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:  # noqa: ANN401 - as the library has it
        """The wrapped STT reports its own."""
        async for _ in event_aiter:
            pass

    async def _run(self) -> None:
        voice = self._vad.stream()

        async def forward() -> None:
            async for item in self._input_ch:
                if isinstance(item, self._FlushSentinel):
                    voice.flush()
                else:
                    voice.push_frame(item)
            voice.end_input()

        async def follow() -> None:
            async for event in voice:
                await self._on_voice(event)

        tasks = [asyncio.create_task(forward()), asyncio.create_task(follow())]
        try:
            await asyncio.gather(*tasks)
        finally:
            await utils.aio.cancel_and_wait(*tasks)
            await self._forget()
            await voice.aclose()

    async def _on_voice(self, event: VADEvent) -> None:
        if event.type == VADEventType.START_OF_SPEECH:
            self._speaking, self._said = True, list(event.frames)
            self._event_ch.send_nowait(stt.SpeechEvent(stt.SpeechEventType.START_OF_SPEECH))
        elif event.type == VADEventType.INFERENCE_DONE and self._speaking:
            self._said += event.frames
            if event.raw_accumulated_silence < EAGER_AFTER:
                await self._forget()
            elif self._guess is None and event.speech_duration <= EAGER_MAX:
                self._guess = self._transcribe(self._said)
        elif event.type == VADEventType.END_OF_SPEECH:
            await self._finish(event)

    async def _finish(self, event: VADEvent) -> None:
        """Give what the last guess heard: nothing was said since. Speech that follows waits in the voice activity's queue."""
        self._speaking = False
        ended = time.time() - event.silence_duration - event.inference_duration
        self._event_ch.send_nowait(stt.SpeechEvent(stt.SpeechEventType.END_OF_SPEECH, speech_end_time=ended))
        if self._guess is None:
            self._guess = self._transcribe(event.frames)
        nothing = self._owner.awaits()
        try:
            heard = await self._guess
            words = bool(heard.alternatives and heard.alternatives[0].text)
            nothing.set_result(not words)
        except APIError as error:
            nothing.set_result(False)
            self._owner.failed(error)
            return
        finally:
            nothing.cancel()  # nobody need wait any more; what is set stays
            await self._forget()
        if words:
            self._event_ch.send_nowait(
                stt.SpeechEvent(
                    stt.SpeechEventType.FINAL_TRANSCRIPT,
                    alternatives=[heard.alternatives[0]],
                    speech_end_time=heard.speech_end_time if heard.speech_end_time is not None else ended,
                )
            )

    def _transcribe(self, frames: list[rtc.AudioFrame]) -> asyncio.Task[stt.SpeechEvent]:
        return asyncio.create_task(
            self._wrapped.recognize(
                utils.merge_frames(list(frames)), language=self._language, conn_options=self._wrapped_options
            )
        )

    async def _forget(self) -> None:
        guess, self._guess = self._guess, None
        if guess is not None:
            await utils.aio.cancel_and_wait(guess)
            if not guess.cancelled():
                guess.exception()  # taken, or asyncio would print it


def eager_ears(model: Any) -> tuple[EagerTranscription, ...]:  # noqa: ANN401 - any model, or several in one
    """Those of a transcription model, or of several that stand in for one another, that are sent whole utterances."""
    return tuple(one for one in getattr(model, "_stt_instances", (model,)) if isinstance(one, EagerTranscription))
