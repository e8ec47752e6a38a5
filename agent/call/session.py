"""Assembles a call: builds the session for its pipeline, wires its events, and changes pipeline when one is lost."""

import asyncio
import contextlib
import logging
import time
from functools import partial
from typing import Any

from livekit import rtc
from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    CloseEvent,
    CloseReason,
    ConversationItemAddedEvent,
    ErrorEvent,
    JobContext,
    SpeechCreatedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)

from agent import budgets
from agent.call.agent_session import close_quietly, new_session, room_options
from agent.call.assistant import Assistant
from agent.call.chat_context import put_in, without_handoffs
from agent.call.controls import Controls
from agent.call.expert import Expert
from agent.call.handover import leave
from agent.call.lifecycle import Lifecycle
from agent.call.persona_change import change_persona
from agent.call.pipelines import PipelineModels, build
from agent.call.record import CutBy, Record
from agent.call.response_recovery import ResponseRecovery
from agent.call.resume import ask_again, inherit
from agent.call.room_listeners import listen_to_room
from agent.call.screen_share import ScreenShare
from agent.call.state import Call
from agent.call.transcript import TurnLog
from agent.files.vision import Vision
from agent.hearing.eager_transcription import EagerTranscription
from agent.providers.choice import choose_models
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.speaking.fact_guard import FactGuard
from agent.speaking.voice_outage import VoiceOutage
from agent.telemetry import traces
from agent.telemetry.events import emit
from agent.telemetry.measures import measure
from agent.turns.tracker import Meaning
from agent.turns.turn import State, Turn
from agent.turns.unheard import Hearing, hearing_of
from contracts.dispatch import Pipeline
from contracts.events import Event
from contracts.languages import is_stop
from contracts.room import NoticeKind

logger = logging.getLogger("polyglot.agent.call.session")

Session = AgentSession[Call]
HEARD_KEPT = 500
"""Characters of the user's own words, whose numbers the assistant may repeat."""


class CallSession:
    """The running call. One per job; survives the loss of its pipeline."""

    def __init__(self, ctx: JobContext, call: Call) -> None:
        self._ctx = ctx
        self._call = call
        self._session: Session | None = None
        self._clients = Clients(call.settings)
        self._choice = choose_models(call.metadata, call.settings)
        self._models: PipelineModels | None = None
        self._log = TurnLog(call)
        self._repair = ResponseRecovery(call, session=lambda: self._session, spawn=self._spawn)
        self._lifecycle = Lifecycle(call, finish=self.finish, stalled=self._stalled, reassure=self._repair.reassure)
        self._record = Record(call, self._lifecycle.allow)
        call.speaker.on_notice = self._record.notice
        self._guard = FactGuard(call, self._record.corrected)
        self._controls = Controls(
            call,
            self._lifecycle,
            session=lambda: self._session,
            stop=self.stop,
            cut=self._record.cut,
            user_turn=self._user_turn,
            see_through=self._repair.see_through,
            language_changed=self._language_changed,
            spawn=self._spawn,
        )
        call.turns.work.on_change = call.turns.due_again
        call.screen_share = ScreenShare(call, self._choice)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._switching = self._finished = False
        self._voice = VoiceOutage(call, lambda: self._session)
        self._ears: EagerTranscription | None = None
        self._started: float | None = None

    @property
    def session(self) -> Session | None:
        """The session of the present pipeline; None between two."""
        return self._session

    async def start(self) -> None:
        """Join the call and greet, or take up the conversation of an agent that was lost."""
        call = self._call
        inherited = await inherit(call)
        if inherited.question is not None:
            call.turns.resumed(inherited.question)
        # Before the room is joined, so that nothing typed meanwhile is lost.
        call.room.listen(self._controls.typed)
        await self._open(call.pipeline, inherited.chat)
        others = self._ctx.room.remote_participants.values()
        if any(other.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT for other in others):
            logger.warning("another agent is in the room; leaving it to that one")
            await self.finish("duplicate agent", delete_room=False)
            return
        self._controls.answer_the_page()
        call.expert = Expert(self._context) if call.settings.experts else None
        call.tell_model = lambda items: put_in(self._session, items)
        eyes = Vision(self._choice, self._context)
        listen_to_room(call, self._ctx.room, put=self._record.room, eyes=eyes, sent=self._controls.sent)
        agent = partial(Assistant, call, self._repair, self._guard)
        call.become = lambda name: self._spawn(change_persona(call, name, self._session, agent, self._reopen))
        call.room.on_handover(lambda: leave(call, self.finish))
        self._lifecycle.start()
        self._started = time.monotonic()
        emit(Event.CALL_STARTED, pipeline=call.pipeline.value)
        measure("calls_started", pipeline=call.pipeline.value)
        if call.metadata.resumed:
            # Before anything is said: "the second one" means what is on the screen from now on.
            await call.persona.show(call)
            await call.speaker.apologise(NoticeKind.RESUMED, severity="info")
        else:
            call.speaker.line("greeting")
        ask_again(self._call, self._session)

    async def stop(self, by: CutBy = "stop", said: Turn | None = None) -> bool:
        """Silence first; then everything of this turn is cancelled. True when there was something to stop."""
        call, session = self._call, self._session
        busy = call.turns.working or (
            session is not None
            and (session.current_speech is not None or session.agent_state in ("speaking", "thinking"))
        )
        self._record.cut(by)
        call.turns.stop(said)
        self._lifecycle.user_active()
        if session is not None:
            with contextlib.suppress(RuntimeError):
                session.interrupt(force=True)
        await call.speaker.notice(NoticeKind.STOPPED)
        return busy

    async def finish(self, reason: str, *, delete_room: bool = True) -> None:
        """End the call: the session closes, the room with it, and the job ends."""
        if self._finished:
            return
        self._finished = True
        if self._started is not None:
            seconds = round(time.monotonic() - self._started, 1)
            emit(Event.CALL_ENDED, seconds=seconds, turns=self._call.turns.number, reason=reason)
        await self._lifecycle.aclose()
        await self._close_session()
        await self._log.flush()
        # Where the room stays, the call goes on with another agent.
        await self._record.ended(reason if delete_room else None)
        await self._clients.aclose()
        if delete_room:
            with contextlib.suppress(Exception):
                await self._ctx.delete_room()
        self._ctx.shutdown(reason)

    # -- pipelines ------------------------------------------------------------------------------------------------

    async def _open(self, pipeline: Pipeline, chat: llm.ChatContext) -> None:
        call = self._call
        models = build(pipeline, self._choice, self._context(), lambda: call.transcript_filter.unfinished)
        session: Session = new_session(models, call)
        self._wire(session)
        self._models = models
        ears = models.stt.model if models.stt else None
        self._ears = ears if isinstance(ears, EagerTranscription) else None
        call.pipeline = pipeline
        # Joins the room itself: what was said before that waits in the browser's buffer, and is asked for only then.
        with traces.in_call():
            await session.start(
                Assistant(call, self._repair, self._guard, chat),
                room=self._ctx.room,
                room_options=room_options(audio=pipeline is not Pipeline.TEXT),
                record=False,
                session_host=False,
            )
        self._session = session
        await call.describe()

    async def _switch(self, pipeline: Pipeline) -> None:
        old = self._session
        chat = old.history.copy(exclude_function_call=False) if old else llm.ChatContext.empty()
        if await self._reopen(pipeline, without_handoffs(chat), "the connection was lost"):
            await self._call.speaker.apologise(NoticeKind.PIPELINE_SWITCHED, severity="info")
            ask_again(self._call, self._session)

    async def _reopen(self, pipeline: Pipeline, chat: llm.ChatContext, reason: str) -> bool:
        if self._switching or self._finished:
            return False
        self._switching = True
        try:
            await self._close_session()
            await self._open(pipeline, chat)
            self._record.pipeline(pipeline, reason)
        except Exception:
            logger.exception("pipeline not switched")
            await self.finish("pipeline lost")
        finally:
            self._switching = False
        return not self._finished

    async def _stalled(self) -> None:
        """Nothing came of a turn: a realtime connection is taken as lost, anything else is apologised for."""
        if self._call.pipeline is Pipeline.REALTIME:
            await self._switch(Pipeline.CASCADE)
        else:
            self._call.turns.settle(State.FAILED)
            await self._call.speaker.apologise(NoticeKind.MODEL_UNAVAILABLE, action="retry")

    async def _close_session(self) -> None:
        session, self._session = self._session, None
        await close_quietly(session)

    # -- events ---------------------------------------------------------------------------------------------------

    def _wire(self, session: Session) -> None:
        # First, so that what it finds is counted for the answer that it finds it in.
        session.on("conversation_item_added", self._guard.on_item)
        self._record.follow(session)
        self._call.follow(session)
        session.on("user_state_changed", self._on_user_state)
        session.on("agent_state_changed", self._on_agent_state)
        session.on("user_input_transcribed", self._on_transcribed)
        session.on("user_transcription_timeout", lambda _event: self._spawn(self._not_understood()))
        session.on("speech_created", self._on_speech_created)
        session.on("conversation_item_added", self._on_item)
        session.on("function_tools_executed", lambda _event: self._call.turns.due_again())
        session.on("error", self._on_error)
        session.on("close", self._on_close)

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._call.turns.speech_began()
            self._lifecycle.user_active()
            self._spawn(self._barge_in())
        else:
            session = self._session
            due = self._call.turns.speech_ended(heard=session is not None and session.agent_state == "speaking")
            if due and session is not None and self._call.pipeline is Pipeline.REALTIME:
                self._spawn(self._check_hearing(session))

    async def _check_hearing(self, session: Session) -> None:
        """Realtime: the provider's ears may have missed what ours noticed."""
        hearing = await hearing_of(session, self._call.turns)
        if hearing is Hearing.FINE or session is not self._session:
            return
        if hearing is Hearing.MISSED:
            self._call.turns.settle(State.EMPTY)
            self._call.speaker.line("not_understood")
        else:
            await self._stalled()

    async def _barge_in(self) -> None:
        """Realtime: our own ears may be quicker than the provider's, whose events cross the network."""
        await asyncio.sleep(budgets.BARGE_IN_AFTER)
        session = self._session
        if session is None or self._call.pipeline is not Pipeline.REALTIME:
            return
        if session.user_state == "speaking" and session.agent_state == "speaking":
            with contextlib.suppress(RuntimeError):
                await session.interrupt()

    def _on_agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            session = self._session
            self._lifecycle.sounded()
            if self._repair.fills(session.current_speech if session else None):
                self._call.turns.filled()
            elif (waited := self._call.turns.answered()) is not None:
                self._repair.answer_heard()
                emit(Event.TURN_FIRST_AUDIO, seconds=round(waited, 3), pipeline=self._call.pipeline.value)
                measure("answer_seconds", waited, pipeline=self._call.pipeline.value)
        self._log.agent_state(event)

    def _on_transcribed(self, event: UserInputTranscribedEvent) -> None:
        if not event.is_final:
            return
        turns = self._call.turns
        meaning, turn = turns.words(event.transcript, event.item_id)
        if meaning in (Meaning.QUESTION, Meaning.LATE) and is_stop(event.transcript):
            self._spawn(self.stop(said=turn))
        elif meaning is Meaning.QUESTION:
            turns.ask(turn)
            self._user_turn(event.transcript, turn)
        elif meaning is Meaning.LATE:
            self._follow(event.transcript)

    async def _not_understood(self) -> None:
        """No words came of the user's speech so far; they may still be on their way."""
        turns, ears, turn = self._call.turns, self._ears, self._call.turns.spoken
        if self._session is not None and self._session.current_speech is not None:
            return  # a noise while the assistant speaks, which goes on
        # Ears that stream tell nothing of the kind: the time that has passed must do.
        if ears is not None and not await ears.nothing_heard():
            return
        turns.no_words(turn)
        session = self._session
        if (
            turn is None
            or turn.words
            or turn is not turns.current
            or session is None
            or session.user_state == "speaking"
        ):
            return
        turns.settle(State.EMPTY)
        self._call.speaker.line("not_understood")

    def _on_speech_created(self, event: SpeechCreatedEvent) -> None:
        own = self._call.pipeline is Pipeline.REALTIME and not event.user_initiated
        turn = self._call.turns.answers(event.speech_handle) if own else None
        if self._call.turns.muted or (turn is not None and turn.state is State.OVERTAKEN):
            event.speech_handle.interrupt(force=True)
        elif own:
            self._spawn(self._repair.see_through(event.speech_handle))

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        if isinstance(event.item, llm.ChatMessage):
            self._log.message(event.item)
            if event.item.role == "assistant":
                self._call.turns.told()
                self._call.persona.said(self._call, event.item.text_content or "")
                if event.item.interrupted:
                    emit(Event.TURN_INTERRUPTED)

    def _on_error(self, event: ErrorEvent) -> None:
        if getattr(event.error, "recoverable", False) or self._finished:
            return
        kind = getattr(event.error, "type", "")
        emit(Event.MODEL_FAILED, stage=kind, cause=type(getattr(event.error, "error", None)).__name__)
        if kind != "realtime_model_error":
            self._call.turns.settle(State.FAILED)
        if kind == "realtime_model_error":
            self._spawn(self._switch(Pipeline.CASCADE))
        elif kind == "stt_error":
            self._call.turns.no_words(self._call.turns.spoken)
            self._spawn(self._call.speaker.apologise(NoticeKind.HEARING_UNAVAILABLE, action="type"))
        elif kind == "tts_error" and self._call.pipeline is Pipeline.REALTIME:
            # Only fixed lines are synthesised there; answers have the model's own voice.
            self._call.speaker.repeat_as_clip()
        elif kind == "tts_error":
            self._spawn(self._voice.lose())
        else:
            self._spawn(self._call.speaker.apologise(NoticeKind.MODEL_UNAVAILABLE, action="retry"))

    def _on_close(self, event: CloseEvent) -> None:
        if self._switching or self._finished:
            return
        # A worker that goes takes its agents along, not their calls.
        goes = event.reason is CloseReason.JOB_SHUTDOWN
        self._spawn(self.finish(f"session closed: {event.reason.value}", delete_room=not goes))

    def _user_turn(self, text: str, turn: Turn) -> None:
        """The user asks something."""
        self._voice.restore()
        self._lifecycle.user_active()
        if turn.spoken and turn.ended is not None:
            self._record.words_known(turn.known_after)
        if self._call.operators.present:
            self._call.turns.settle()
        self._follow(text)

    def _follow(self, text: str) -> None:
        """Words of the user: what language they speak, and which numbers the assistant may repeat."""
        call = self._call
        call.heard = f"{call.heard} {text}"[-HEARD_KEPT:]
        if call.language.heard(text):
            self._language_changed()
            self._spawn(call.describe())

    def _context(self) -> CallContext:
        language = self._call.language
        return CallContext(self._call.settings, self._clients, language.code, pinned=language.pinned)

    def _language_changed(self) -> None:
        if self._models is not None:
            self._models.language_changed(self._context(), self._choice)

    def _spawn(self, work: Any) -> None:  # noqa: ANN401 - any coroutine
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
