"""Transcription that starts in the pause: what is asked of the provider, and when its answer counts."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, stt
from livekit.agents.types import APIConnectOptions
from livekit.agents.vad import VAD, VADEvent, VADEventType

from agent.hearing.eager_transcription import EAGER_MAX, EagerTranscription, eager_ears

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

    def stream(self) -> "Voice":
        return self

    async def __aiter__(self) -> AsyncIterator[VADEvent]:
        while (event := await self.events.get()) is not None:
            yield event

    def push_frame(self, _frame: rtc.AudioFrame) -> None: ...
    def flush(self) -> None: ...
    def end_input(self) -> None: ...
    async def aclose(self) -> None: ...

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

    async def _recognize_impl(self, buffer: Any, **_: Any) -> stt.SpeechEvent:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.samples.append(buffer.samples_per_channel)
        self.answers.append(answer)
        text = await answer
        return stt.SpeechEvent(
            stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[stt.SpeechData(language=cast("Any", "en"), text=text)]
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
    scene.voice.spoken = EAGER_MAX + 1
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
