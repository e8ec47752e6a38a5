"""A realtime call as it is made, without a room or a network: the library's session, our call around it, a provider that is
told what to do, and the ears of a traveller. All of it in virtual time.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Iterator
from types import SimpleNamespace
from typing import Any, Final

import pytest
from call_session import SETTINGS
from livekit import rtc
from livekit.agents import AgentSession, llm, vad
from livekit.agents.types import APIConnectOptions
from realtime_provider import SILENCE, Asked, Link, Plan, Provider
from samples import offer, result
from sounding import Ear, Labels, Voice
from virtual_time import VirtualLoop

from agent.call.agent_session import new_session
from agent.call.pipelines import SESSION_CONNECT, PipelineModels, _turns
from agent.call.screen import Screen
from agent.call.session import CallSession
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.providers import Built
from agent.speaking import fixed_lines
from agent.speaking.fixed_lines import Speaker
from agent.turns.tracker import Turns
from contracts.dispatch import DispatchMetadata, Pipeline

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
        event = vad.VADEvent(kind, 0, time.time(), EARS_BEGIN, silence, speaking=begins)
        for stream in self.streams:
            with contextlib.suppress(Exception):
                stream.tell(event)


class EarsStream(vad.VADStream):
    def tell(self, event: vad.VADEvent) -> None:
        self._event_ch.send_nowait(event)

    async def _main_task(self) -> None:
        async for _ in self._input_ch:
            """Nothing is learnt from sound."""


class Mind(llm.LLM[Any]):
    """The cascade's model: answers whatever is asked."""

    def chat(self, *, chat_ctx: llm.ChatContext, tools: list[llm.Tool] | None = None, **_: Any) -> "Thought":  # type: ignore[override]
        return Thought(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=APIConnectOptions(max_retry=0))


class Thought(llm.LLMStream):
    async def _run(self) -> None:
        await asyncio.sleep(0.4)
        asked = next(
            item for item in reversed(self._chat_ctx.items) if isinstance(item, llm.ChatMessage) and item.role == "user"
        )
        words = (asked.text_content or "").removeprefix("question ")
        self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", content=words)))


class Roomless(AgentSession[Any]):
    """Speaks to an ear instead of a room."""

    async def start(self, agent: Any, **_: Any) -> Any:
        return await super().start(agent, record=False)


class LiveCall:
    """One call; `heard` is what the traveller hears."""

    def __init__(self, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.now = loop.time
        self.labels = Labels()
        self.ear = Ear(self.labels)
        self.ears = Ears()
        self.provider = Provider(self.labels, plan)
        self.provider.heard = lambda text: any(one.text == text and one.ends > one.begins for one in self.ear.heard)
        self.noticed: list[tuple[str, float]] = []
        """What was shown or said that is no answer, and when."""
        self.spoken: list[tuple[float, float]] = []
        """When the traveller spoke."""
        self.searched = 0
        monkeypatch.setattr("agent.call.running_pipeline.build", self._build)
        monkeypatch.setattr("agent.call.running_pipeline.new_session", self._new_session)
        monkeypatch.setattr("agent.call.agent_session.AgentSession", Roomless)
        monkeypatch.setattr("agent.call.running_pipeline.silent_at_once", lambda _session: None)
        monkeypatch.setattr(fixed_lines, "clip_frames", self._clip)

        async def notice(message: Any) -> None:
            self.noticed.append((message.kind.value, loop.time()))

        async def nothing(*_: Any, **__: Any) -> None:
            """On the page, in the record."""

        metadata = DispatchMetadata(session_id="s" * 12, pipeline=Pipeline.REALTIME, language="en")
        turns, language = Turns(loop.time), LanguageTracker(metadata)
        room: Any = SimpleNamespace(
            notice=notice, describe=nothing, results=nothing, ask_shown=lambda *_: None, answer=lambda **_: None
        )
        backend: Any = SimpleNamespace(
            add_events=nothing, add_turn=nothing, screen=nothing, search=self._search, history=nothing
        )
        speaker = Speaker(session=lambda: self.running.session, room=room, turns=turns, language=language)
        self.call = Call(
            metadata=metadata,
            settings=SETTINGS,
            pipeline=Pipeline.REALTIME,
            backend=backend,
            room=room,
            turns=turns,
            language=language,
            speaker=speaker,
            screen=Screen(),
        )
        ctx: Any = SimpleNamespace(
            room=SimpleNamespace(remote_participants={}), delete_room=nothing, shutdown=lambda _reason: None
        )
        self.running = CallSession(ctx, self.call)
        self.call.tell_model = self.running.pipeline.tell_model
        # Clocks that were taken before the loop's were put in their place.
        self.running._lifecycle._clock = speaker._clock = loop.time
        speaker.on_notice = lambda line: self.noticed.append((line, loop.time()))

    async def begin(self) -> None:
        await self.running.pipeline.open(Pipeline.REALTIME, llm.ChatContext.empty())
        self.running._lifecycle.start()
        await self.call.speaker.prepare(self.call.persona.fillers)

    async def end(self) -> None:
        await self.running.finish("over")

    @property
    def link(self) -> Link:
        return self.provider.links[-1]

    # -- what a traveller does -----------------------------------------------------------------------------------

    async def say(self, *, seconds: float, words: list[tuple[float, str | None]], asked: Asked | None) -> None:
        """Speak; `words`: when, after the end, which ones the provider makes of it."""
        began = self.now()
        self.spoken.append((began, began + seconds))
        item = await self._noticed(seconds)
        await asyncio.sleep(max(0.0, SILENCE + THERE - EARS_END))
        self.link.speech_ends(asked)
        for at, what in sorted(words, key=lambda one: one[0]):
            self._later(at, item, what)

    async def noise(self, seconds: float) -> None:
        """A cough: our own ears notice it, and the provider does not."""
        self.spoken.append((self.now(), self.now() + seconds))
        await asyncio.sleep(EARS_BEGIN)
        self.ears.tell(begins=True)
        await asyncio.sleep(max(0.0, seconds - EARS_BEGIN) + EARS_END)
        self.ears.tell(begins=False)

    async def _noticed(self, seconds: float) -> str:
        await asyncio.sleep(EARS_BEGIN)
        self.ears.tell(begins=True)
        await asyncio.sleep(THERE - EARS_BEGIN)
        item = self.link.speech_begins()
        await asyncio.sleep(max(0.0, seconds - THERE) + EARS_END)
        self.ears.tell(begins=False)
        return item

    def _later(self, seconds: float, item: str, text: str | None) -> None:
        link = self.link

        async def told() -> None:
            await asyncio.sleep(seconds)
            link.words(item, text)

        self.call.run_aside(told())

    # -- what it is made of --------------------------------------------------------------------------------------

    def _build(self, pipeline: Pipeline, *_: Any) -> PipelineModels:
        voice = Built(Voice(self.labels), ())
        if pipeline is Pipeline.REALTIME:
            return PipelineModels(pipeline, Built(self.provider, ()), _turns("realtime_llm"), tts=voice, vad=self.ears)
        return PipelineModels(pipeline, Built(Mind(), ()), _turns("manual"), tts=voice)

    def _new_session(self, models: PipelineModels, call: Call) -> AgentSession[Call]:
        session = new_session(models, call)
        session.output.audio = self.ear
        return session

    async def _clip(self, line: str, language: str) -> AsyncGenerator[rtc.AudioFrame, None]:
        for _ in range(15):
            yield self.labels.sound(fixed_lines.line_text(line, language), 0.1)

    async def _search(self, *_: Any) -> Any:
        self.searched += 1
        await asyncio.sleep(self.provider.searching.pop(0))
        return result(offer("99"))


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


__all__ = ["SESSION_CONNECT", "LiveCall", "clocks_of"]
