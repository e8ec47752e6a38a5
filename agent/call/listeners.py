"""What the library's events of a session mean for the call's turns; one set of listeners for all its sessions."""

import asyncio
import contextlib
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Protocol

from livekit.agents import (
    AgentStateChangedEvent,
    CloseEvent,
    CloseReason,
    ConversationItemAddedEvent,
    ErrorEvent,
    SpeechCreatedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)

from agent import budgets
from agent.call.lifecycle import Lifecycle
from agent.call.record import Record
from agent.call.response_recovery import ResponseRecovery
from agent.call.running_pipeline import RunningPipeline, Session
from agent.call.state import Call
from agent.call.transcript import TurnLog
from agent.call.user_words import UserWords
from agent.speaking.fact_guard import FactGuard
from agent.speaking.voice_outage import VoiceOutage
from agent.telemetry.events import emit
from agent.turns.turn import Meaning, State, Turn
from contracts.dispatch import Pipeline
from contracts.events import Event
from contracts.languages import is_stop, is_wait
from contracts.room import NoticeKind


class Ends(Protocol):
    """What ends a turn, and what ends the call."""

    def stop(self, *, said: Turn | None = None) -> Awaitable[object]:
        """The user said that they want silence."""
        ...

    def finish(self, reason: str, *, delete_room: bool = True) -> Awaitable[None]:
        """The call is over."""
        ...


@dataclass(frozen=True)
class Parts:
    """Parts of a call that are told of what happens in a session."""

    pipeline: RunningPipeline
    recovery: ResponseRecovery
    lifecycle: Lifecycle
    record: Record
    guard: FactGuard
    voice: VoiceOutage
    words: UserWords
    log: TurnLog


class Listeners:
    """One per call; follows each of its sessions."""

    def __init__(self, call: Call, parts: Parts, ends: Ends) -> None:
        self._call = call
        self._parts = parts
        self._ends = ends

    def follow(self, session: Session) -> None:
        """Listen to a session that is about to start."""
        parts = self._parts
        # First, so that what it finds is counted for the answer that it finds it in.
        session.on("conversation_item_added", parts.guard.on_item)
        parts.record.follow(session)
        self._call.follow(session)
        session.on("user_state_changed", self.user_state)
        session.on("agent_state_changed", self.agent_state)
        session.on("user_input_transcribed", self.transcribed)
        session.on("user_transcription_timeout", lambda _event: self._call.run_aside(self.no_words_yet()))
        session.on("speech_created", self.speech_created)
        session.on("conversation_item_added", self.item_added)
        session.on("function_tools_executed", lambda _event: self._call.turns.due_again())
        session.on("error", self.failed)
        session.on("close", self.closed)

    def user_state(self, event: UserStateChangedEvent) -> None:
        """Our own ears notice that speech begins or ends."""
        session = self._parts.pipeline.session
        heard = session is not None and session.agent_state == "speaking"
        if event.new_state == "speaking":
            self._call.turns.speech_began()
            if not heard:
                self._parts.recovery.sound.hushed()
            self._parts.lifecycle.user_active()
            if heard and session is not None and self._call.pipeline is Pipeline.CASCADE:
                # The library waits for the next 32 ms of sound before it asks itself whether this silences the assistant.
                activity: Any = session._activity  # noqa: SLF001
                if activity is not None:
                    asyncio.get_running_loop().call_soon(activity._interrupt_by_audio_activity)  # noqa: SLF001
            self._call.run_aside(self._barge_in())
        else:
            self._call.turns.speech_ended(heard=heard)

    def agent_state(self, event: AgentStateChangedEvent) -> None:
        """The assistant is heard, or is heard no more."""
        if event.new_state == "speaking":
            session = self._parts.pipeline.session
            self._parts.lifecycle.sounded()
            self._parts.recovery.heard(session.current_speech if session else None)
        elif event.old_state == "speaking":
            self._parts.recovery.hushed()
        self._parts.log.agent_state(event)

    def transcribed(self, event: UserInputTranscribedEvent) -> None:
        """Words are known."""
        if not event.is_final:
            return
        turns = self._call.turns
        meaning, turn = turns.words(event.transcript, event.item_id)
        if meaning in (Meaning.QUESTION, Meaning.LATE) and is_stop(event.transcript):
            if is_wait(event.transcript) and turns.waits(turn):
                if turn.answer is not None:
                    turn.answer.interrupt(force=True)
            else:
                self._call.run_aside(self._ends.stop(said=turn))
        elif meaning is Meaning.QUESTION:
            turns.ask(turn)
            self._parts.words.asked(event.transcript, turn)
            if turn.silenced:
                self._call.run_aside(self._parts.recovery.again())
        elif meaning is Meaning.LATE:
            self._parts.words.follow(event.transcript)

    async def no_words_yet(self) -> None:
        """Cascade: no words came of the user's speech so far; they may still be on their way."""
        turns, turn = self._call.turns, self._call.turns.spoken
        pipeline = self._parts.pipeline
        if pipeline.session is not None and pipeline.session.current_speech is not None:
            return  # a noise while the assistant speaks, which goes on
        # Ears that stream tell nothing of the kind: the time that has passed must do.
        ears = pipeline.eager_ears
        if ears is not None and not await ears.nothing_heard():
            return
        turns.no_words(turn)
        session = pipeline.session
        if (
            turn is None
            or turn.words
            or turn is not turns.current
            or session is None
            or session.user_state == "speaking"
        ):
            return
        turns.settle(State.EMPTY, turn)
        self._call.speaker.line("not_understood")

    def speech_created(self, event: SpeechCreatedEvent) -> None:
        """Something is about to be said; nothing is after a stop, and not what answers overtaken words."""
        own = self._call.pipeline is Pipeline.REALTIME and not event.user_initiated
        self._parts.recovery.made(event.speech_handle)
        turn = self._call.turns.answers(event.speech_handle) if own else None
        if turn is not None and self._call.turns.muted:
            turn.silenced = True
        if self._call.turns.muted or (turn is not None and turn.state is State.OVERTAKEN):
            event.speech_handle.interrupt(force=True)
        elif own:
            self._call.run_aside(self._parts.recovery.see_through(event.speech_handle))

    def item_added(self, event: ConversationItemAddedEvent) -> None:
        """Something is in the conversation now."""
        if isinstance(event.item, llm.ChatMessage):
            self._parts.log.message(event.item)
            if event.item.role == "assistant":
                self._call.turns.told()
                self._call.persona.said(self._call, event.item.text_content or "")
                if event.item.interrupted:
                    emit(Event.TURN_INTERRUPTED)

    def failed(self, event: ErrorEvent) -> None:
        """A stage gave up after its retries: the user hears it, and the call goes on without it."""
        if getattr(event.error, "recoverable", False) or self._parts.pipeline.over:
            return
        self._parts.recovery.sound.failed()
        call, kind = self._call, getattr(event.error, "type", "")
        emit(Event.MODEL_FAILED, stage=kind, cause=type(getattr(event.error, "error", None)).__name__)
        if kind == "realtime_model_error":
            call.run_aside(self._parts.pipeline.switch(Pipeline.CASCADE))
            return
        if kind == "stt_error":
            spoken = call.turns.spoken
            call.turns.no_words(spoken)
            call.turns.settle(State.FAILED, spoken)
            call.run_aside(call.speaker.apologise(NoticeKind.HEARING_UNAVAILABLE, action="type"))
        elif kind == "tts_error" and call.pipeline is Pipeline.REALTIME:
            # Only fixed lines are synthesised there; answers have the model's own voice, and are still due.
            call.speaker.repeat_as_clip()
        elif kind == "tts_error":
            call.turns.settle(State.FAILED)
            call.run_aside(self._parts.voice.lose())
        elif not isinstance(event.source, llm.LLM):
            # A model's own failure is told by the answer that it was to give: another one may have the rest of it.
            self._parts.recovery.gave_up()

    def closed(self, event: CloseEvent) -> None:
        """The session is over, and with it the call, unless another session follows."""
        if self._parts.pipeline.changing or self._parts.pipeline.over:
            return
        # A worker that goes takes its agents along, not their calls.
        goes = event.reason is CloseReason.JOB_SHUTDOWN
        self._call.run_aside(self._ends.finish(f"session closed: {event.reason.value}", delete_room=not goes))

    async def _barge_in(self) -> None:
        """Realtime: our own ears may be quicker than the provider's, whose events cross the network."""
        await asyncio.sleep(budgets.BARGE_IN_AFTER)
        session = self._parts.pipeline.session
        if session is None or self._call.pipeline is not Pipeline.REALTIME:
            return
        if self._parts.recovery.under_way and self._call.turns.open is not None:
            return  # what is heard fills the wait for an answer, which only what the provider hears takes back
        if session.user_state == "speaking" and session.agent_state == "speaking":
            with contextlib.suppress(RuntimeError):
                await session.interrupt()
