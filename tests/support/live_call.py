"""A call as it is made, without a room or a network: the library's session, our call around it, models that are told what to
do, and the ears of a traveller. All of it in virtual time.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

import pytest
from call_session import SETTINGS
from cascade import Hearing, Mind
from livekit import rtc
from livekit.agents import AgentSession, APIConnectionError, llm, vad
from realtime_provider import SILENCE, Asked, Link, Plan, Provider
from samples import offer, result
from sounding import Ear, Heard, Labels, Voice
from virtual_time import VirtualLoop

from agent.call.agent_session import new_session
from agent.call.pipelines import SESSION_CONNECT, PipelineModels, _turns
from agent.call.screen import Screen
from agent.call.session import CallSession
from agent.call.state import Call
from agent.hearing.eager_transcription import EagerTranscription
from agent.hearing.language import LanguageTracker
from agent.providers import Built
from agent.providers.voices import Voices
from agent.speaking import fixed_lines
from agent.speaking.fixed_lines import Speaker
from agent.turns.tracker import Turns
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.turns import Turn

EARS_BEGIN: Final = 0.06
EARS_END: Final = 0.3
"""Seconds after which our own ears notice that speech begins and ends."""
THERE: Final = 0.15
"""Seconds to the provider."""


class Ears(vad.VAD):
    """Notices what it is told."""

    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.1))
        self.streams: list[EarsStream] = []

    def stream(self) -> "EarsStream":
        self.streams.append(EarsStream(self))
        return self.streams[-1]

    def tell(self, *, begins: bool) -> None:
        kind = vad.VADEventType.START_OF_SPEECH if begins else vad.VADEventType.END_OF_SPEECH
        silence = 0.0 if begins else EARS_END
        sound = [rtc.AudioFrame(bytes(160), 8000, 1, 80)]
        event = vad.VADEvent(kind, 0, time.time(), EARS_BEGIN, silence, sound, speaking=begins)
        for stream in self.streams:
            with contextlib.suppress(Exception):
                stream.tell(event)


class EarsStream(vad.VADStream):
    def tell(self, event: vad.VADEvent) -> None:
        self._event_ch.send_nowait(event)

    async def _main_task(self) -> None:
        async for _ in self._input_ch:
            """Nothing is learnt from sound."""


class Roomless(AgentSession[Any]):
    """Speaks to an ear instead of a room."""

    async def start(self, agent: Any, **_: Any) -> Any:
        return await super().start(agent, record=False)


@dataclass
class Models:
    """How the models' requests go, one after another; the rest are well."""

    realtime: Plan = field(default_factory=Plan)
    minds: list[str] = field(default_factory=list)
    voices: list[str] = field(default_factory=list)


class LiveCall:
    """One call; `heard` is what the traveller hears. One may take the place of another call's agent."""

    def __init__(
        self,
        models: Models,
        monkeypatch: pytest.MonkeyPatch,
        pipeline: Pipeline = Pipeline.REALTIME,
        *,
        language: str = "en",
        before: "LiveCall | None" = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.now = loop.time
        self.labels = Labels() if before is None else before.labels
        self.ear = Ear(self.labels, pauses=True)
        self.ears = Ears()
        self.provider = Provider(self.labels, models.realtime)
        if before is not None:
            self.provider.known.update(before.provider.known)
        self.provider.heard = lambda text: any(one.text == text and one.ends > one.begins for one in self.ear.heard)
        self.hearing = Hearing()
        self.mind = Mind(models.minds, self.provider.known, self.provider.searching)
        self._voice = Voice(self.labels, models.voices)
        self.noticed: list[tuple[str, float]] = []
        """What was shown or said that is no answer, and when."""
        self.spoken: list[tuple[float, float]] = []
        """When the traveller spoke."""
        self.searched = 0
        self._dead = False
        self.stored: list[Turn] = [] if before is None else list(before.stored)
        self.written: list[tuple[str, float]] = []
        """What was answered in writing alone, and when."""
        monkeypatch.setattr("agent.call.running_pipeline.build", self._build)
        monkeypatch.setattr("agent.call.running_pipeline.new_session", self._new_session)
        monkeypatch.setattr("agent.call.agent_session.AgentSession", Roomless)
        monkeypatch.setattr("agent.call.running_pipeline.silent_at_once", lambda _session: None)
        monkeypatch.setattr(fixed_lines, "clip_frames", self._clip)

        async def notice(message: Any) -> None:
            self.noticed.append((message.kind.value, loop.time()))

        async def nothing(*_: Any, **__: Any) -> None:
            """On the page, in the record."""

        async def none(*_: Any, **__: Any) -> list[Any]:
            return []

        async def history(_session_id: str) -> list[Turn]:
            return list(self.stored)

        resumed = before is not None
        metadata = DispatchMetadata(session_id="s" * 12, pipeline=pipeline, language=language, resumed=resumed)
        self.turns, language = Turns(loop.time), LanguageTracker(metadata)
        hands = dict.fromkeys(("listen", "on_screen", "on_file", "on_people", "on_handover"), lambda *_: None)
        room: Any = SimpleNamespace(
            notice=notice,
            describe=nothing,
            results=nothing,
            ask_shown=lambda *_: None,
            answer=lambda **_: None,
            **hands,
        )
        backend: Any = SimpleNamespace(
            add_events=nothing,
            add_turn=self._store,
            screen=nothing,
            search=self._search,
            history=history,
            searches=none,
        )
        speaker = Speaker(session=lambda: self.running.session, room=room, turns=self.turns, language=language)
        self.call = Call(
            metadata=metadata,
            settings=SETTINGS,
            pipeline=pipeline,
            backend=backend,
            room=room,
            turns=self.turns,
            language=language,
            speaker=speaker,
            screen=Screen(),
        )
        live = SimpleNamespace(
            remote_participants={},
            on=lambda *_: None,
            is_recording=False,
            name="room",
            isconnected=lambda: True,
            local_participant=SimpleNamespace(identity="agent"),
        )
        ctx: Any = SimpleNamespace(room=live, delete_room=nothing, shutdown=lambda _reason: None)
        self.running = CallSession(ctx, self.call)
        self.call.tell_model = self.running.pipeline.tell_model
        # Clocks that were taken before the loop's were put in their place.
        self.running._lifecycle._clock = speaker._clock = loop.time
        speaker.on_notice = lambda line: self.noticed.append((line, loop.time()))

    async def begin(self) -> None:
        """Without a greeting."""
        await self.running.pipeline.open(self.call.pipeline, llm.ChatContext.empty())
        self.running._lifecycle.start()
        self.call.run_aside(self.call.speaker.prepare(self.call.persona.fillers))

    async def take_over(self) -> None:
        """As the agent that takes another's place does."""
        await self.running.start()

    async def end(self) -> None:
        await self.running.finish("over")

    async def die(self) -> None:
        """As an agent whose process is killed."""
        self._dead = True
        self.ear.clear_buffer()
        await self.running._lifecycle.aclose()
        await self.running.pipeline.close()

    @property
    def link(self) -> Link:
        return self.provider.links[-1]

    @property
    def heard(self) -> list[Heard]:
        return [one for one in self.ear.heard if one.ends > one.begins + 0.01]

    # -- what a traveller does -----------------------------------------------------------------------------------

    async def say(self, *, seconds: float, words: list[tuple[float, str | None]], asked: Asked | None) -> None:
        """Speak; `words`: when, after the end, which ones the provider makes of it."""
        began = self.now()
        self.spoken.append((began, began + seconds))
        words = sorted(words, key=lambda one: one[0])
        for _, what in words:
            if what and asked is not None:
                self.provider.known[what] = asked
        realtime = self.call.pipeline is Pipeline.REALTIME
        if not realtime:
            self.hearing.next.append(words[0] if words else (0.2, ""))
        await self._noticed(seconds, realtime=realtime)
        if realtime:
            await asyncio.sleep(max(0.0, SILENCE + THERE - EARS_END))
            item = self.link.speech_ends(asked)
            for at, what in words:
                self._later(at, item, what)

    async def noise(self, seconds: float) -> None:
        """A cough: our own ears notice it, and nobody makes words of it."""
        self.spoken.append((self.now(), self.now() + seconds))
        if self.call.pipeline is Pipeline.CASCADE:
            self.hearing.next.append((0.2, ""))
        await asyncio.sleep(EARS_BEGIN)
        self.ears.tell(begins=True)
        await asyncio.sleep(max(0.0, seconds - EARS_BEGIN) + EARS_END)
        self.ears.tell(begins=False)

    def lose_connection(self) -> None:
        """The provider's connection is lost for good."""
        error = llm.RealtimeModelError(
            timestamp=time.time(), label="provider", error=APIConnectionError(), recoverable=False
        )
        self.link.dies()
        self.link.emit("error", error)

    async def _noticed(self, seconds: float, *, realtime: bool) -> None:
        await asyncio.sleep(EARS_BEGIN)
        self.ears.tell(begins=True)
        await asyncio.sleep(THERE - EARS_BEGIN)
        if realtime:
            self.link.speech_begins()
        await asyncio.sleep(max(0.0, seconds - THERE) + EARS_END)
        self.ears.tell(begins=False)

    def _later(self, seconds: float, item: str | None, text: str | None) -> None:
        link = self.link

        async def told() -> None:
            await asyncio.sleep(seconds)
            if item is not None:
                link.words(item, text)

        self.call.run_aside(told())

    # -- what it is made of --------------------------------------------------------------------------------------

    def _build(self, pipeline: Pipeline, *_: Any) -> PipelineModels:
        if pipeline is Pipeline.REALTIME:
            voice, turns = Built(self._voice, ()), _turns("realtime_llm")
            return PipelineModels(pipeline, Built(self.provider, ()), turns, tts=voice, vad=self.ears)
        return PipelineModels(
            pipeline,
            Built(self.mind, ()),
            _turns("vad", resumes=True),
            stt=Built(EagerTranscription(stt=self.hearing, vad=self.ears), ()),
            tts=Built(Voices([self._voice], retries=1), ()),
            vad=self.ears,
        )

    def _new_session(self, models: PipelineModels, call: Call) -> AgentSession[Call]:
        session = new_session(models, call)
        session.output.audio = self.ear
        return session

    async def _clip(self, line: str, language: str) -> AsyncGenerator[rtc.AudioFrame, None]:
        for _ in range(15):
            yield self.labels.sound(fixed_lines.line_text(line, language), 0.1)

    async def _search(self, *_: Any) -> Any:
        self.searched += 1
        await asyncio.sleep(self.provider.searching.pop(0) if self.provider.searching else 0.5)
        return result(offer("99"))

    async def _store(self, _session_id: str, turn: Turn) -> None:
        if self._dead:
            return
        if turn.role == "user":
            # The library's messages have a clock of their own.
            turn = turn.model_copy(update={"started_at": datetime.fromtimestamp(time.time(), UTC)})
        self.stored = sorted((*self.stored, turn), key=lambda one: one.started_at)
        session = self.running.session
        if turn.role == "assistant" and session is not None and not session.output.audio_enabled:
            self.written.append((turn.text, self.now()))


@contextlib.contextmanager
def clocks_of(loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The library's clocks are the loop's."""
    began = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: began + loop.time())
        patch.setattr(time, "monotonic", loop.time)
        patch.setattr(time, "perf_counter", loop.time)
        patch.setattr(time, "time_ns", lambda: int(1e9 * (began + loop.time())))
        yield


__all__ = ["SESSION_CONNECT", "LiveCall", "Models", "clocks_of"]
