"""Begins a call and ends it: puts its parts together, greets or takes up, stops, and leaves."""

import contextlib
import logging
import time

from livekit import rtc
from livekit.agents import JobContext, llm

from agent.call.assistant import Assistant
from agent.call.calendar_day import CalendarDay
from agent.call.controls import Controls
from agent.call.expert import Expert
from agent.call.handover import leave
from agent.call.lifecycle import Lifecycle
from agent.call.listeners import Listeners, Parts
from agent.call.persona_change import change_persona
from agent.call.record import CutBy, Record
from agent.call.response_recovery import ResponseRecovery
from agent.call.resume import ask_again, inherit
from agent.call.room_listeners import listen_to_room
from agent.call.running_pipeline import RunningPipeline, Session
from agent.call.screen_share import ScreenShare
from agent.call.state import Call
from agent.call.transcript import TurnLog
from agent.call.user_words import UserWords
from agent.files.vision import Vision
from agent.providers.choice import choose_models
from agent.speaking.fact_guard import FactGuard
from agent.speaking.voice_outage import VoiceOutage
from agent.telemetry.events import emit
from agent.telemetry.measures import measure
from agent.turns.turn import Turn
from contracts.events import Event
from contracts.room import NoticeKind

logger = logging.getLogger("polyglot.agent.call.session")


class CallSession:
    """The running call. One per job; survives the loss of its pipeline."""

    def __init__(self, ctx: JobContext, call: Call) -> None:
        self._ctx = ctx
        self._call = call
        self._finished = False
        self._started: float | None = None
        choice = choose_models(call.metadata, call.settings)
        self.pipeline = pipeline = RunningPipeline(call, ctx.room, choice, lost=self.finish)
        self._recovery = ResponseRecovery(call, session=pipeline.present, switch=pipeline.switch)
        self._lifecycle = Lifecycle(
            call,
            finish=self.finish,
            stalled=self._recovery.stalled,
            reassure=self._recovery.reassure,
            day=CalendarDay(call, pipeline.present).look,
        )
        self._record = Record(call, self._lifecycle.allow)
        self._log = TurnLog(call)
        self._guard = FactGuard(call, self._record.corrected)
        voice = VoiceOutage(call, pipeline.present)
        words = UserWords(call, pipeline, self._lifecycle, self._record, voice)
        self.listeners = Listeners(
            call,
            Parts(pipeline, self._recovery, self._lifecycle, self._record, self._guard, voice, words, self._log),
            self,
        )
        pipeline.serve(self._assistant, self.listeners.follow, self._record.pipeline)
        self.controls = Controls(
            call,
            self._lifecycle,
            session=pipeline.present,
            stop=self.stop,
            cut=self._record.cut,
            user_turn=words.asked,
            see_through=self._recovery.see_through,
            language_changed=pipeline.language_changed,
        )
        self._vision = Vision(choice, pipeline.context)
        call.screen_share = ScreenShare(call, choice)
        call.speaker.on_notice = self._record.notice
        call.speaker.on_words, call.speaker.on_sound = call.transcript_filter.says, call.transcript_filter.sound.speech
        call.turns.work.on_change = call.turns.due_again

    @property
    def session(self) -> Session | None:
        """The session of the present pipeline; None between two."""
        return self.pipeline.session

    async def start(self) -> None:
        """Join the call and greet, or take up the conversation of an agent that was lost."""
        call, pipeline = self._call, self.pipeline
        inherited = await inherit(call)
        if inherited.question is not None:
            call.turns.resumed(inherited.question)
        # Before the room is joined, so that nothing typed meanwhile is lost.
        call.room.listen(self.controls.typed)
        await pipeline.open(call.pipeline, inherited.chat)
        others = self._ctx.room.remote_participants.values()
        if any(other.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT for other in others):
            logger.warning("another agent is in the room; leaving it to that one")
            await self.finish("duplicate agent", delete_room=False)
            return
        self._connect()
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
        call.run_aside(call.speaker.prepare(call.persona.fillers))
        ask_again(call, pipeline.session)

    async def stop(self, by: CutBy = "stop", said: Turn | None = None) -> bool:
        """Silence first; then everything of this turn is cancelled. True when there was something to stop."""
        call, session = self._call, self.session
        # What a stop has ended is there for a moment longer, and is not ended again.
        already = call.turns.muted
        busy = not already and (
            call.turns.working
            or (
                session is not None
                and (session.current_speech is not None or session.agent_state in ("speaking", "thinking"))
            )
        )
        if not already:
            self._record.cut(by)
        wanted = call.turns.stop(said)
        self._lifecycle.user_active()
        if session is not None and wanted:
            with contextlib.suppress(RuntimeError):
                session.interrupt(force=True)
        await call.speaker.notice(NoticeKind.STOPPED)
        return busy

    async def finish(self, reason: str, *, delete_room: bool = True) -> None:
        """End the call: the session closes, the room with it, and the job ends."""
        if self._finished:
            return
        self._finished = self.pipeline.over = True
        if self._started is not None:
            seconds = round(time.monotonic() - self._started, 1)
            emit(Event.CALL_ENDED, seconds=seconds, turns=self._call.turns.number, reason=reason)
        await self._lifecycle.aclose()
        await self.pipeline.close()
        await self._log.flush()
        # Where the room stays, the call goes on with another agent.
        await self._record.ended(reason if delete_room else None)
        await self.pipeline.aclose()
        if delete_room:
            with contextlib.suppress(Exception):
                await self._ctx.delete_room()
        self._ctx.shutdown(reason)

    def _assistant(self, chat: llm.ChatContext | None = None) -> Assistant:
        return Assistant(self._call, self._recovery, self._guard, chat)

    def _connect(self) -> None:
        """The room's people, files and screens, the page's buttons, other agents and models reach the call."""
        call, pipeline = self._call, self.pipeline
        self.controls.answer_the_page()
        call.expert = Expert(pipeline.context) if call.settings.experts else None
        call.tell_model = pipeline.tell_model
        listen_to_room(call, self._ctx.room, put=self._record.room, eyes=self._vision, sent=self.controls.sent)
        call.become = lambda name: call.run_aside(
            change_persona(call, name, pipeline.session, self._assistant, pipeline.reopen)
        )
        call.room.on_handover(lambda: leave(call, self.finish))
