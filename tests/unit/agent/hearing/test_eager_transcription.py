"""Transcription that starts in the pause: what is asked of the provider, and when its answer counts."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, stt
from livekit.agents.types import APIConnectOptions
from livekit.agents.vad import VAD, VADEvent, VADEventType

from agent.hearing.eager_transcription import EagerTranscription, eager_ears

RATE = 16_000
WINDOW = 512
"""Samples of one look at the voice, 32 ms."""


def frame(windows: int = 1) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytes(2 * WINDOW * windows), RATE, 1, WINDOW * windows)


@dataclass
class Voice:
    """Voice activity that the test makes up."""

    events: asyncio.Queue[VADEvent | None] = field(default_factory=asyncio.Queue)
    spoken: float = 0.0
    did: list[str] = field(default_factory=list)

    def stream(self) -> "Voice":
        return self

    async def __aiter__(self) -> AsyncIterator[VADEvent]:
        while (event := await self.events.get()) is not None:
            yield event

    def push_frame(self, _frame: rtc.AudioFrame) -> None:
        self.did.append("frame")

    def flush(self) -> None:
        self.did.append("flush")

    def end_input(self) -> None:
        self.did.append("end")

    async def aclose(self) -> None:
        self.did.append("closed")

    def _put(self, kind: VADEventType, frames: list[rtc.AudioFrame], silence: float = 0.0) -> None:
        self.events.put_nowait(
            VADEvent(kind, 0, 0.0, self.spoken, silence, frames=frames, raw_accumulated_silence=silence)
        )

    def starts(self) -> None:
        self._put(VADEventType.START_OF_SPEECH, [frame(4)])

    def speaks(self, windows: int = 3) -> None:
        for _ in range(windows):
            self._put(VADEventType.INFERENCE_DONE, [frame()])

    def pauses(self, windows: int) -> None:
        for number in range(1, windows + 1):
            self._put(VADEventType.INFERENCE_DONE, [frame()], silence=number * 0.032)

    def ends(self) -> None:
        self._put(VADEventType.END_OF_SPEECH, [frame(20)], silence=0.3)


class Provider(stt.STT[Any]):
    """A transcription service that answers when the test says so."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self.samples: list[int] = []
        self.answers: list[asyncio.Future[str]] = []
        self.asked: list[dict[str, Any]] = []
        self.ended: float | None = None

    async def _recognize_impl(self, buffer: Any, **asked: Any) -> stt.SpeechEvent:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.samples.append(buffer.samples_per_channel)
        self.answers.append(answer)
        self.asked.append(asked)
        text = await answer
        return stt.SpeechEvent(
            stt.SpeechEventType.FINAL_TRANSCRIPT,
            alternatives=[stt.SpeechData(language=cast("Any", "en"), text=text)],
            speech_end_time=self.ended,
        )


@dataclass
class Scene:
    """One user's speech, heard."""

    voice: Voice
    provider: Provider
    ears: EagerTranscription
    stream: stt.RecognizeStream
    errors: list[stt.STTError]
    heard: list[stt.SpeechEvent] = field(default_factory=list)

    @property
    def finals(self) -> list[str]:
        return [e.alternatives[0].text for e in self.heard if e.type is stt.SpeechEventType.FINAL_TRANSCRIPT]

    async def settle(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)

    async def pump(self) -> None:
        async for event in self.stream:
            self.heard.append(event)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    voice, provider = Voice(), Provider()
    errors: list[stt.STTError] = []
    ears = EagerTranscription(stt=provider, vad=cast("VAD", voice))
    ears.on("error", errors.append)
    stream = ears.stream(conn_options=APIConnectOptions(max_retry=0, timeout=5))
    made = Scene(voice, provider, ears, stream, errors)
    pumping = asyncio.create_task(made.pump())
    try:
        yield made
    finally:
        await stream.aclose()
        await pumping
        await ears.aclose()


async def test_the_provider_is_asked_in_the_pause_and_its_answer_counts_when_the_speech_has_ended(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.speaks(3)
    scene.voice.pauses(1)
    await scene.settle()
    assert not scene.provider.samples, "32 ms may be a gap inside a word"
    scene.voice.pauses(2)
    await scene.settle()
    assert scene.provider.samples == [WINDOW * (4 + 3 + 1 + 2)], "all that was said, and the pause"
    scene.provider.answers[0].set_result("To Rome")
    await scene.settle()
    assert scene.finals == [], "the user may go on"
    scene.voice.ends()
    await scene.settle()
    assert scene.finals == ["To Rome"]
    assert len(scene.provider.samples) == 1
    assert [event.type.name for event in scene.heard] == ["START_OF_SPEECH", "END_OF_SPEECH", "FINAL_TRANSCRIPT"]


async def test_who_goes_on_after_a_pause_is_heard_whole_and_once(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.pauses(3)
    await scene.settle()
    scene.voice.speaks(5)
    await scene.settle()
    assert scene.provider.answers[0].cancelled(), "half a sentence is of no use"
    scene.voice.pauses(3)
    await scene.settle()
    assert scene.provider.samples == [WINDOW * (4 + 2), WINDOW * (4 + 3 + 5 + 2)]
    scene.voice.ends()
    scene.provider.answers[1].set_result("To Rome tomorrow")
    await scene.settle()
    assert scene.finals == ["To Rome tomorrow"]


async def test_speech_without_a_pause_to_use_is_sent_at_its_end(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.ends()
    await scene.settle()
    assert scene.provider.samples == [WINDOW * 20]
    scene.provider.answers[0].set_result("Stop")
    await scene.settle()
    assert scene.finals == ["Stop"]


async def test_a_long_utterance_is_sent_once(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.spoken = 10.5
    scene.voice.pauses(5)
    await scene.settle()
    assert not scene.provider.samples
    scene.voice.ends()
    await scene.settle()
    assert len(scene.provider.samples) == 1


async def test_what_was_not_heard_is_told_once_and_the_next_utterance_is_heard(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.pauses(3)
    await scene.settle()
    scene.provider.answers[0].set_exception(APIConnectionError())
    await scene.settle()
    assert scene.errors == [], "the user is perhaps still speaking"
    scene.voice.ends()
    await scene.settle()
    assert [error.recoverable for error in scene.errors] == [False]
    scene.voice.starts()
    scene.voice.pauses(3)
    scene.voice.ends()
    await scene.settle()
    scene.provider.answers[1].set_result("Again")
    await scene.settle()
    assert scene.finals == ["Again"]
    assert len(scene.errors) == 1


async def test_a_failed_guess_that_is_thrown_away_is_no_failure(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.pauses(3)
    await scene.settle()
    scene.provider.answers[0].set_exception(APIConnectionError())
    await scene.settle()
    scene.voice.speaks()
    scene.voice.pauses(3)
    await scene.settle()
    scene.provider.answers[1].set_result("To Rome")
    scene.voice.ends()
    await scene.settle()
    assert (scene.finals, scene.errors) == (["To Rome"], [])


async def test_noise_without_words_gives_no_transcript(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.pauses(3)
    scene.voice.ends()
    await scene.settle()
    scene.provider.answers[0].set_result("")
    await scene.settle()
    assert scene.finals == []
    assert scene.heard[-1].type is stt.SpeechEventType.END_OF_SPEECH
    assert await scene.ears.nothing_heard()


@pytest.mark.parametrize(("answer", "nothing"), [("Stop", False), ("", True), (APIConnectionError(), False)])
async def test_whether_anything_was_heard_is_known_when_the_provider_answers(
    scene: Scene, answer: str | Exception, nothing: bool
) -> None:
    assert await scene.ears.nothing_heard(), "nothing was said"
    assert not scene.ears.awaiting
    scene.voice.starts()
    scene.voice.ends()
    await scene.settle()
    asked = asyncio.create_task(scene.ears.nothing_heard())
    await scene.settle()
    assert not asked.done()
    assert scene.ears.awaiting
    if isinstance(answer, str):
        scene.provider.answers[0].set_result(answer)
    else:
        scene.provider.answers[0].set_exception(answer)
    assert await asked is nothing
    assert not scene.ears.awaiting


async def test_nobody_waits_for_the_words_of_a_call_that_has_ended(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.ends()
    await scene.settle()
    asked = asyncio.create_task(scene.ears.nothing_heard())
    await scene.settle()
    await scene.stream.aclose()
    assert await asked is False, "nobody wants to know any more"


async def test_what_follows_a_pause_in_the_answer_is_not_lost(scene: Scene) -> None:
    """The provider answers late; the user has spoken again meanwhile."""
    scene.voice.starts()
    scene.voice.pauses(3)
    scene.voice.ends()
    scene.voice.starts()
    scene.voice.pauses(3)
    scene.voice.ends()
    await scene.settle()
    scene.provider.answers[0].set_result("Find me a flight")
    await scene.settle()
    scene.provider.answers[1].set_result("to Rome")
    await scene.settle()
    assert scene.finals == ["Find me a flight", "to Rome"]


async def test_of_several_ears_those_that_are_sent_utterances_are_known(scene: Scene) -> None:
    several = stt.FallbackAdapter([scene.ears, EagerTranscription(stt=Provider(), vad=cast("VAD", Voice()))])
    assert eager_ears(scene.ears) == (scene.ears,)
    assert eager_ears(several)[0] is scene.ears
    assert len(eager_ears(several)) == 2
    assert eager_ears(Provider()) == ()


async def test_the_moment_at_which_speech_ended_is_told(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.ends()
    await scene.settle()
    scene.provider.answers[0].set_result("To Rome")
    await scene.settle()
    ended, final = scene.heard[-2:]
    assert ended.speech_end_time == pytest.approx(time.time() - 0.3, abs=0.2), "before the silence that proved it"
    assert final.speech_end_time == ended.speech_end_time
    scene.provider.ended = 7.5
    scene.voice.starts()
    scene.voice.ends()
    await scene.settle()
    scene.provider.answers[1].set_result("tomorrow")
    await scene.settle()
    assert scene.heard[-1].speech_end_time == 7.5, "where the provider knows it"


async def test_sound_reaches_the_voice_activity_detection_and_no_further_than_the_call(scene: Scene) -> None:
    scene.stream.push_frame(frame())
    scene.stream.flush()
    await scene.settle()
    assert scene.voice.did == ["frame", "flush"]
    scene.stream.end_input()
    await scene.settle()
    assert scene.voice.did[-1] == "end"
    await scene.stream.aclose()
    assert scene.voice.did[-1] == "closed"


async def test_the_provider_is_asked_in_the_language_and_with_the_retries_of_the_call() -> None:
    voice, provider = Voice(), Provider()
    ears = EagerTranscription(stt=provider, vad=cast("VAD", voice))
    stream = ears.stream(language="de", conn_options=APIConnectOptions(max_retry=3, retry_interval=0.1, timeout=5))
    voice.starts()
    voice.ends()
    for _ in range(50):
        await asyncio.sleep(0)
    (asked,) = provider.asked
    assert (asked["language"], asked["conn_options"].max_retry, asked["conn_options"].timeout) == ("de", 3, 5)
    assert stream._conn_options.max_retry == 0, "one that failed was tried again already"
    await stream.aclose()
    await ears.aclose()


async def test_an_utterance_that_was_not_made_out_is_told_with_what_the_provider_said(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.ends()
    await scene.settle()
    said = APIConnectionError("gone")
    scene.provider.answers[0].set_exception(said)
    await scene.settle()
    (error,) = scene.errors
    assert (error.error, error.recoverable, error.label) == (said, False, scene.ears.label)
    assert error.timestamp == pytest.approx(time.time(), abs=5)


async def test_an_utterance_as_long_as_is_sent_in_pauses_is_sent_in_one(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.spoken = 10.0
    scene.voice.pauses(5)
    await scene.settle()
    assert len(scene.provider.samples) == 1
    scene.provider.answers[0].set_result("To Rome")


async def test_a_pause_before_anything_was_said_is_sent_to_nobody(scene: Scene) -> None:
    scene.voice.pauses(10)
    await scene.settle()
    assert scene.provider.samples == []
    scene.voice.starts()
    scene.voice.ends()
    await scene.settle()
    scene.voice.pauses(10)
    scene.provider.answers[0].set_result("To Rome")
    await scene.settle()
    assert len(scene.provider.samples) == 1, "what follows speech is silence"


async def test_a_call_that_ends_forgets_what_is_being_made_out(scene: Scene) -> None:
    scene.voice.starts()
    scene.voice.pauses(3)
    await scene.settle()
    assert len(scene.provider.answers) == 1
    await scene.stream.aclose()
    assert scene.provider.answers[0].cancelled()
