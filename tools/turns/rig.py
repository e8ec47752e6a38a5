"""A cascade as calls have it, without a room: a microphone that plays clips, and a loudspeaker that is watched.

The turn detector, the voice activity detection, the filter of transcripts and every delay are the agent's own. The recogniser is told by
the microphone what was said, and takes as long as a distant one: what is measured is when turns end, not how well words
are made out.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession, LanguageCode, llm, stt, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions
from livekit.agents.utils import AudioBuffer, http_context
from livekit.agents.voice import io
from livekit.agents.voice.turn import TurnHandlingOptions

from agent.call.agent_session import CASCADE_RATE, new_session
from agent.call.assistant import Assistant
from agent.call.pipelines import build
from agent.call.response_recovery import ResponseRecovery
from agent.call.screen import Screen
from agent.call.state import Call
from agent.hearing.eager_transcription import EagerTranscription
from agent.hearing.language import LanguageTracker
from agent.hearing.voice_activity import voice_activity
from agent.providers import Built
from agent.providers.choice import choose_models
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.settings import AgentSettings
from agent.speaking.fact_guard import FactGuard
from agent.speaking.fixed_lines import Speaker
from agent.turns.tracker import Turns
from cli.traveller.library import RATE, Clip, Samples
from contracts.dispatch import DispatchMetadata, Pipeline

FRAME: Final = CASCADE_RATE // 50
SPEAKS: Final = 0.06
"""Seconds of sound a character of an answer takes."""
TRANSCRIBES: Final = (0.25, 0.6)
"""Seconds a distant recogniser takes for an utterance."""
SETTINGS: Final = {
    "LIVEKIT_URL": "ws://127.0.0.1",
    "LIVEKIT_API_KEY": "key",
    "LIVEKIT_API_SECRET": "s" * 32,
    "OPENAI_API_KEY": "none",
}


def in_a_room(sound: Samples) -> Samples:
    """By a small loudspeaker, as loud as a traveller and 80 ms later, with a quarter of a second of reverberation."""
    echoes = np.random.default_rng(2).normal(0, 0.15, RATE // 4) * np.exp(-6.9 * np.linspace(0, 1, RATE // 4))
    echoes[0] = 1.0
    loud = np.tanh(sound / 8000) * 8000
    length = sound.size + echoes.size
    spectrum = np.fft.rfft(loud, length) * np.fft.rfft(echoes, length)
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 1.0)
    heard = np.fft.irfft(spectrum / (1 + (300 / hertz) ** 4), length)
    late: Samples = np.concatenate([np.zeros(int(0.08 * RATE)), heard]).clip(-32768, 32767).astype(np.int16)
    return late


def as_heard(samples: Samples) -> Samples:
    """A clip at the rate at which the cascade listens to a room."""
    length = samples.size * CASCADE_RATE // RATE
    spectrum = np.fft.rfft(samples)[: length // 2 + 1]
    heard: Samples = (np.fft.irfft(spectrum, length) * length / samples.size).clip(-32768, 32767).astype(np.int16)
    return heard


class Microphone(io.AudioInput):
    """Silence, with a clip in it when one is played."""

    def __init__(self) -> None:
        super().__init__(label="clips")
        self._room = np.random.default_rng(1)
        self._next = time.monotonic()
        self._clip: Clip | None = None
        self._samples: Samples = np.zeros(0, np.int16)
        self._at = 0
        self.began = float("inf")

    @property
    def language(self) -> str:
        """Code of what is said."""
        return self._clip.language if self._clip else "en"

    def play(self, clip: Clip) -> None:
        """Play a clip from now on; an echo as a room gives it back."""
        samples = as_heard(in_a_room(clip.samples) if clip.kind == "echo" else clip.samples)
        self._clip, self._samples, self._at, self.began = clip, samples, 0, time.monotonic()

    def words(self, seconds: float) -> str:
        """What was said in the last so many seconds."""
        now = self._at / CASCADE_RATE if self._at < self._samples.size else time.monotonic() - self.began
        return self._clip.words_between(now - seconds, now) if self._clip else ""

    async def __anext__(self) -> rtc.AudioFrame:
        self._next += FRAME / CASCADE_RATE
        await asyncio.sleep(max(0.0, self._next - time.monotonic()))
        frame = self._room.normal(0, 6, FRAME).astype(np.int16)
        said = self._samples[self._at : self._at + FRAME]
        frame[: said.size] += said
        self._at += said.size
        return rtc.AudioFrame(frame.tobytes(), CASCADE_RATE, 1, FRAME)


class Loudspeaker(io.AudioOutput):
    """Plays in real time, and remembers when it did."""

    def __init__(self) -> None:
        super().__init__(label="watched", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=RATE)
        self._queued = self._played = 0.0
        self._ends: asyncio.Task[None] | None = None
        self._paused = self._cleared = self._first = False
        self.heard: list[float] = []
        """Moments at which 20 ms of sound were played."""

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Take sound."""
        await super().capture_frame(frame)
        self._queued += frame.duration
        if self._ends is None:
            self._cleared, self._first, self._played = False, True, 0.0
            self._full = False
            self._ends = asyncio.create_task(self._play())

    def flush(self) -> None:
        """No more comes of this speech."""
        super().flush()
        self._full = True

    def clear_buffer(self) -> None:
        """Be silent."""
        self._cleared = True

    def pause(self) -> None:
        """Be silent for now."""
        super().pause()
        self._paused = True

    def resume(self) -> None:
        """Go on."""
        super().resume()
        self._paused = False

    async def _play(self) -> None:
        step = 0.02
        due = time.monotonic()
        while not self._cleared and not (self._full and self._queued <= 0):
            due = max(due + step, time.monotonic() - step)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self._paused or self._queued <= 0 or self._cleared:
                continue
            if self._first:
                self._first = False
                self.on_playback_started(created_at=time.time())
            self._queued -= step
            self._played += step
            self.heard.append(time.monotonic())
        self._queued, self._ends = 0.0, None
        self.on_playback_finished(playback_position=self._played, interrupted=self._cleared)


class Told(stt.STT[Any]):
    """A recogniser that knows what was said."""

    def __init__(self, microphone: Microphone, seed: int) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._microphone = microphone
        self._random = random.Random(seed)  # noqa: S311 - a delay

    async def _recognize_impl(self, buffer: AudioBuffer, **_: object) -> stt.SpeechEvent:
        frames = buffer if isinstance(buffer, list) else [buffer]
        words = self._microphone.words(sum(frame.duration for frame in frames))
        await asyncio.sleep(self._random.uniform(*TRANSCRIBES))
        data = stt.SpeechData(language=LanguageCode(self._microphone.language), text=words)
        return stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])


class Mind(llm.LLM[Any]):
    """Answers anything with the same words, in half a second."""

    def chat(self, *, chat_ctx: llm.ChatContext, tools: Any = None, **options: Any) -> llm.LLMStream:  # noqa: ANN401
        """The answer."""
        conn = options.get("conn_options") or DEFAULT_API_CONNECT_OPTIONS
        return _Thought(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn)


class _Thought(llm.LLMStream):
    async def _run(self) -> None:
        await asyncio.sleep(0.5)
        self._event_ch.send_nowait(
            llm.ChatChunk(id="answer", delta=llm.ChoiceDelta(role="assistant", content="Let me see what there is."))
        )


class Voice(tts.TTS[Any]):
    """Speaks silence as long as its words, after a sound where it is given one for its first sentence."""

    def __init__(self) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)
        self.first: Samples = np.zeros(0, np.int16)

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """A sentence."""
        return _Sentence(tts=self, input_text=text, conn_options=conn_options)


class _Sentence(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(request_id="voice", sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        voice = self._tts
        await asyncio.sleep(0.15)
        if isinstance(voice, Voice) and voice.first.size:
            output_emitter.push(voice.first.tobytes())
            voice.first = np.zeros(0, np.int16)
        output_emitter.push(bytes(2 * int(SPEAKS * RATE * len(self.input_text))))
        output_emitter.flush()


@dataclass
class Rig:
    """One call."""

    session: AgentSession[Call]
    microphone: Microphone
    loudspeaker: Loudspeaker
    voice: Voice
    turns: list[float]
    """Moments at which a turn of the user was over."""


@asynccontextmanager
async def a_call(language: str, seed: int = 0, *, by_silence: bool = False) -> AsyncIterator[Rig]:
    """A call in a language, which has begun and is silent; `by_silence`: without the detector, as a baseline."""
    settings = AgentSettings.model_validate(SETTINGS)
    metadata = DispatchMetadata(session_id="s" * 12, pipeline=Pipeline.CASCADE, locale=language)
    turns, tracker, room = Turns(), LanguageTracker(metadata), _Nobody()
    speaker = Speaker(session=lambda: None, room=room, turns=turns, language=tracker)
    call = Call(
        metadata=metadata,
        settings=settings,
        pipeline=Pipeline.CASCADE,
        backend=room,
        room=room,
        turns=turns,
        language=tracker,
        speaker=speaker,
        screen=Screen(),
    )
    clients = Clients(settings)
    microphone, loudspeaker, voice = Microphone(), Loudspeaker(), Voice()
    async with http_context.open():
        context = CallContext(settings, clients, language, pinned=True)
        models = build(Pipeline.CASCADE, choose_models(metadata, settings), context, call.transcript_filter)
        handling = models.turn_handling
        if by_silence:
            handling = TurnHandlingOptions(**(handling | {"turn_detection": "vad"}))  # type: ignore[typeddict-item]
        models = replace(
            models,
            llm=Built(Mind(), ()),
            stt=Built(EagerTranscription(stt=Told(microphone, seed), vad=voice_activity()), ()),
            turn_handling=handling,
            tts=Built(voice, ()),
        )
        session = new_session(models, call)
        session.input.audio, session.output.audio = microphone, loudspeaker
        rig = Rig(session, microphone, loudspeaker, voice, [])
        session.on("conversation_item_added", lambda event: _noted(rig, event.item))
        recovery = ResponseRecovery(call, session=lambda: session, switch=_nowhere)
        await session.start(Assistant(call, recovery, FactGuard(call, lambda _count: None)), record=False)
        try:
            yield rig
        finally:
            await session.aclose()
            await clients.aclose()


def _noted(rig: Rig, item: Any) -> None:  # noqa: ANN401 - any item of a conversation
    if getattr(item, "role", "") == "user":
        rig.turns.append(time.monotonic())


class _Nobody:
    """A room and an API that nothing is asked of."""

    def __getattr__(self, _name: str) -> Any:  # noqa: ANN401 - whatever is asked
        async def nothing(*_: object, **__: object) -> None:
            return None

        return nothing


async def _nowhere(_pipeline: Pipeline) -> None:
    """There is no other pipeline."""
