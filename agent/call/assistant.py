"""The LiveKit agent of a call: its prompt, its tools, and where a stop takes hold."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing
from typing import TypeVar

from livekit import rtc
from livekit.agents import Agent, FlushSentinel, ModelSettings, StopResponse, llm, stt

from agent.call.response_recovery import ResponseRecovery
from agent.call.sound_watch import LINE
from agent.call.state import Call
from agent.speaking.audio_output import once_subscribed
from agent.speaking.continued import continued
from agent.speaking.fact_guard import FactGuard, Part
from agent.speaking.late_response import LineSound
from agent.speaking.meanwhile import meanwhile
from agent.speaking.unbroken import unbroken
from agent.speaking.words import Words
from agent.turns.turn import State
from contracts.languages import is_stop, is_wait

Served = TypeVar("Served", bound="InCall")


class InCall(Agent):
    """What an agent of a call is, whatever it says: its ears and voice, and where a stop takes hold.

    A mixin: it stands before the library's own agents and tasks, and is given the call by `serve`.
    """

    _call: Call
    _recovery: ResponseRecovery
    _guard: FactGuard
    entered: asyncio.Event
    """Set once it has the call: what is said before is refused by the library."""

    def serve(self, call: Call, recovery: ResponseRecovery, guard: FactGuard) -> None:
        """Become an agent of that call."""
        self._call, self._recovery, self._guard = call, recovery, guard
        self.entered = asyncio.Event()

    def bring(self, other: Served) -> Served:
        """Another agent of the same call, such as a task of the library's."""
        other.serve(self._call, self._recovery, self._guard)
        return other

    async def on_enter(self) -> None:
        """It has the call; realtime: follow the provider, whose session an agent before may have followed already."""
        self.entered.set()
        with contextlib.suppress(RuntimeError):  # a pipeline without a realtime model
            provider, recovery = self.realtime_llm_session, self._recovery
            provider.on("openai_server_event_received", recovery.server_event)
            provider.on("generation_created", recovery.response_made)
            provider.on("session_reconnected", recovery.reconnected)
            # Those that speak OpenAI's protocol have named the item by then.
            provider.on("input_speech_started", recovery.speech_began)
            provider.on("input_speech_stopped", recovery.speech_ended)
        await super().on_enter()

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:  # noqa: ARG002
        """Cascade: not answered are a stop, what was said before something typed, and what a person hears."""
        spoken = self._call.turns.spoken
        overtaken = spoken is not None and spoken.state is State.OVERTAKEN
        if is_stop(new_message.text_content or "") or overtaken or self._call.operators.present:
            raise StopResponse

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[llm.ChatChunk | str | FlushSentinel, None]:
        """Cascade and text: the library's own, read before it is heard; or what is said without a model."""
        fixed = self._call.persona.fixed_answer(self._call, chat_ctx)
        if fixed is not None:
            yield fixed
            return
        if self._call.screen_share is not None:
            chat_ctx = await self._call.screen_share.with_picture(chat_ctx)

        def ask(chat: llm.ChatContext) -> AsyncIterable[Part]:
            return self._guard.answer(Agent.default.llm_node(self, chat, tools, model_settings))

        answer = continued(chat_ctx, ask, self._recovery.gave_up)
        async for part in meanwhile(answer, self._recovery):
            yield part

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        """Cascade: the library's own, without what is no turn."""
        async for event in Agent.default.stt_node(self, self._listening(audio), model_settings):
            if isinstance(event, stt.SpeechEvent) and not self._no_turn(event):
                yield event

    async def _listening(self, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
        async for frame in audio:
            self._call.transcript_filter.sound.heard(frame)
            yield frame

    def _no_turn(self, event: stt.SpeechEvent) -> bool:
        if event.type is not stt.SpeechEventType.FINAL_TRANSCRIPT or not event.alternatives:
            return False
        text, heard = event.alternatives[0].text, self._call.transcript_filter
        speech = self.session.current_speech
        speaking = speech is not None and not speech.done() and not speech.interrupted
        if is_wait(text) and self._call.turns.waits(self._call.turns.spoken):
            # A turn of the session's would take the place of the answer that is being worked for.
            if speech is not None and self._call.speaker.is_filler(speech):
                speech.interrupt(force=True)
            return True
        if heard.holds_back(text, speaking=speaking):
            if heard.echoes:
                # Whoever's loudspeaker is heard by the microphone would silence the assistant with each of its sentences:
                # from now on only words do, which pass the filter.
                self.session.options.interruption["min_words"] = 1
            return True
        heard.hears(text, self._call.language.code)
        return False

    def tts_node(self, text: AsyncIterable[str], model_settings: ModelSettings) -> AsyncIterator[rtc.AudioFrame]:
        """The library's own, for a listener who is there; with lines where its sound is missing."""
        filtered = self._call.transcript_filter
        words = Words(text, filtered.says)
        gap = self._recovery.sound.speech(own=False, whole=lambda: words.whole)
        return once_subscribed(self.session, unbroken(self._voice(words, model_settings), gap), filtered.sound.speech())

    async def _voice(self, words: Words, model_settings: ModelSettings) -> AsyncGenerator[rtc.AudioFrame, None]:
        speaker = self._call.speaker
        if await words.are(speaker.wordings(LINE)):
            # What fills the wait for an answer does not wait for a voice.
            frames = speaker.ready(LINE)
        else:
            frames = Agent.default.tts_node(self, words.parts(), model_settings)
        async with aclosing(frames):
            async for frame in frames:
                yield frame

    def realtime_audio_output_node(
        self,
        audio: AsyncIterable[rtc.AudioFrame],
        model_settings: ModelSettings,  # noqa: ARG002
    ) -> AsyncIterator[rtc.AudioFrame]:
        """Realtime: the answer to speech is held until its words are known; the answer to a stop is dropped."""
        if isinstance(audio, LineSound):
            return once_subscribed(self.session, self._line(audio))
        gap = self._recovery.sound.speech(own=True)
        return once_subscribed(self.session, unbroken(self._unless_stopped(audio), gap))

    async def _line(self, line: LineSound) -> AsyncGenerator[rtc.AudioFrame, None]:
        async with aclosing(line.frames()) as frames:
            if await self._call.turns.may_be_heard():
                async for frame in frames:
                    yield frame

    async def _unless_stopped(self, audio: AsyncIterable[rtc.AudioFrame]) -> AsyncGenerator[rtc.AudioFrame, None]:
        checked = False
        async for frame in audio:
            if not checked:
                checked = True
                if not await self._call.turns.may_be_heard():
                    return
            yield frame


class Assistant(InCall):
    """The persona's agent; a change of pipeline makes a new one with the conversation so far."""

    def __init__(
        self, call: Call, recovery: ResponseRecovery, guard: FactGuard, chat_ctx: llm.ChatContext | None = None
    ) -> None:
        persona = call.persona
        super().__init__(instructions=persona.instructions(call), tools=persona.tools_of(call), chat_ctx=chat_ctx)
        self.serve(call, recovery, guard)
