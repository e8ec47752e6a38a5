"""Answers that do not come: a response that failed or was refused, a connection that was replaced, a silence that grows.

Each question is answered once. What can be asked for again is, once; then it is said that it failed.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final
from weakref import WeakKeyDictionary

from livekit import rtc
from livekit.agents import AgentSession, llm
from livekit.agents.voice import SpeechHandle

from agent import budgets
from agent.call.sound_watch import LINE, SoundWatch
from agent.call.state import Call
from agent.providers.heartbeat import responds
from agent.speaking.late_response import waited_for
from agent.telemetry.events import emit
from agent.telemetry.measures import measure
from agent.turns.turn import State, Turn
from contracts.dispatch import Pipeline
from contracts.events import Event
from contracts.room import NoticeKind

logger = logging.getLogger("polyglot.agent.call.response_recovery")

ALREADY_ANSWERING: Final = "conversation_already_has_active_response"
"""The provider's code for a response that is asked for while another is under way."""
REFUSALS_MAX: Final = 3
"""Answers of the provider's own that one of ours waits for."""


class ResponseRecovery:
    """Follows what a realtime provider says of its responses; and what is heard in time, in every pipeline."""

    def __init__(
        self,
        call: Call,
        *,
        session: Callable[[], AgentSession[Call] | None],
        switch: Callable[[Pipeline], Awaitable[None]],
    ) -> None:
        self._call = call
        self._session = session
        self._switch = switch
        self._reassurance: SpeechHandle | None = None
        self._filling = False
        """What is heard of an answer that is on its way is a line of ours."""
        self._made: WeakKeyDictionary[SpeechHandle, float] = WeakKeyDictionary()
        """When each answer was begun."""
        self.under_way: set[LateResponse] = set()
        """Responses that a realtime provider has made and not ended; what is said in the wait for them is said within them."""
        self._missed_before = False
        """The provider missed what was said last, and cannot tell whether it lives."""
        self.sound = SoundWatch(
            call,
            session,
            fills=self._fills,
            filled=lambda answered: self.filled(answered=answered),
            clock=call.turns.now,
        )
        self._refilled_in = 0.0
        """Seconds after which the account may ask again, as the provider said last."""

    def made(self, answer: SpeechHandle) -> None:
        """An answer is begun, or is about to be asked for."""
        self._made[answer] = self._call.turns.now()

    def response_made(self, event: llm.GenerationCreatedEvent) -> None:
        """A realtime provider has begun a response; the library reads its messages only after this."""
        event.message_stream = waited_for(event.message_stream, LateResponse(self))

    def server_event(self, event: dict[str, Any]) -> None:
        """One raw event of a provider that speaks OpenAI's realtime protocol."""
        turns, kind = self._call.turns, event.get("type")
        if kind == "input_audio_buffer.speech_started":
            turns.provider_began(event.get("item_id"))
        elif kind == "input_audio_buffer.speech_stopped":
            turns.provider_ended(event.get("item_id"))
        elif kind == "conversation.item.input_audio_transcription.failed":
            # The library tells of it only where it has part of the words.
            turns.no_words(item_id=event.get("item_id"))
            emit(Event.MODEL_FAILED, stage="stt_error", cause="transcription failed")
        elif kind == "rate_limits.updated":
            used_up = [one for one in event.get("rate_limits") or () if one.get("remaining") == 0]
            self._refilled_in = max((float(one.get("reset_seconds") or 0) for one in used_up), default=0.0)
        elif kind == "response.done":
            self._done(event.get("response") or {})

    def speech_began(self) -> None:
        """Any realtime provider notices speech."""
        self._call.turns.provider_began()

    def speech_ended(self) -> None:
        """Any realtime provider has heard its end."""
        self._call.turns.provider_ended()

    def _done(self, response: dict[str, Any]) -> None:
        status = response.get("status")
        if status not in ("failed", "incomplete"):
            return
        details = response.get("status_details") or {}
        cause = (details.get("error") or {}).get("code") or details.get("reason") or status
        emit(Event.MODEL_FAILED, stage="realtime_model_error", cause=str(cause))
        # An answer that was cut short was heard, as far as it went.
        if status == "failed" or self._call.turns.unanswered:
            self._call.run_aside(self.again())

    def reconnected(self) -> None:
        """Realtime: another connection took over, with the conversation so far; what was being answered is lost."""
        turns = self._call.turns
        if turns.provider_lost_its_place() and not turns.working and not turns.muted:
            self._call.speaker.line("not_understood")
        if turns.open is not None and not turns.working:
            self._call.run_aside(self.again())

    async def again(self) -> None:
        """Ask for the answer once more; say that it failed when that was done already."""
        turns, session = self._call.turns, self._session()
        # A filler may have been taken for the answer.
        turns.due_again()
        question = turns.open
        if question is None:
            return
        if question.retries >= budgets.ANSWER_RETRIES or self._refilled_in > budgets.RATE_LIMIT_WAIT:
            turns.settle(State.FAILED)
            await self._call.speaker.apologise(NoticeKind.MODEL_UNAVAILABLE, action="retry")
            return
        question.retries += 1
        await asyncio.sleep(max(budgets.ANSWER_RETRY_WAIT, self._refilled_in))
        if session is None or session is not self._session() or turns.open is not question:
            return
        quiet = turns.quiet_for()
        if quiet is not None and quiet > budgets.RETRY_SAID_AFTER and session.current_speech is None:
            self._reassurance = self._call.speaker.line(LINE)
        with contextlib.suppress(RuntimeError):
            session.generate_reply()

    async def see_through(self, answer: SpeechHandle) -> None:
        """Realtime: an answer that the provider refuses, because it is answering something else, is asked for after that.

        What else it answers is over soon: speech from before what was typed, whose answer is silenced when it begins.
        """
        turns = self._call.turns
        question = turns.open
        await answer
        for _ in range(REFUSALS_MAX):
            refusal = answer.exception()
            session = self._session()
            if not isinstance(refusal, llm.RealtimeError) or refusal.code != ALREADY_ANSWERING or session is None:
                return
            if session.current_speech is not None:
                await session.current_speech
            await asyncio.sleep(budgets.ANSWER_RETRY_WAIT)
            if turns.open is None or turns.open is not (question or turns.open):
                return
            try:
                answer = session.generate_reply()
            except RuntimeError:
                return
            await answer

    def gave_up(self) -> None:
        """Cascade and text: no model is left that answers."""
        self._call.turns.settle(State.FAILED)
        self._call.run_aside(self._call.speaker.apologise(NoticeKind.MODEL_UNAVAILABLE, action="retry"))

    async def stalled(self) -> None:
        """Nothing came of a turn: a realtime connection is taken as lost, anything else is apologised for."""
        if self._call.pipeline is Pipeline.REALTIME:
            await self._switch(Pipeline.CASCADE)
        else:
            self._call.turns.settle(State.FAILED)
            session = self._session()
            if session is not None and session.current_speech is not None:
                # The apology would wait for what does not come.
                session.current_speech.interrupt(force=True)
            await self._call.speaker.apologise(NoticeKind.MODEL_UNAVAILABLE, action="retry")

    def reassure(self) -> bool:
        """Nothing has been heard of a question for a while: say that it was, or ask for what the provider did not hear.

        False where an answer is on its way that may still come.
        """
        session, turns = self._session(), self._call.turns
        if session is None or self._call.pipeline is Pipeline.TEXT:
            return True
        turn = turns.open
        if turns.working:
            # What announced it was cut off, by a cough that came with it for one.
            self._reassurance = self._call.speaker.line(LINE)
            return True
        if session.current_speech is not None:
            return self._call.speaker.is_filler(session.current_speech) or self._ask_for_unmade(session)
        if turn is not None and self._call.pipeline is Pipeline.REALTIME and turns.missed(turn):
            if session.user_state != "speaking":
                self._call.run_aside(self._missed(session, turn))
            return True
        self._reassurance = self._call.speaker.line(LINE)
        return True

    def _ask_for_unmade(self, session: AgentSession[Call]) -> bool:
        """Realtime: an answer of which the provider makes no response is asked for anew. False where one may still come.

        A line behind an answer that is on its way would be heard after it: it has lines of its own.
        """
        speech = session.current_speech
        unmade = self._call.pipeline is Pipeline.REALTIME and not self.under_way and session.agent_state != "speaking"
        if speech is None or not unmade or self._call.turns.unheard_for() is None:
            return False
        if self._call.turns.now() - self._made.get(speech, -math.inf) <= budgets.RESPONSE_UNMADE:
            return False
        self._call.run_aside(self._ask_anew(speech, "unmade"))
        return True

    def give_up(self) -> bool:
        """Realtime: a response was made, and nothing of it has come for too long. False where something else is being said."""
        session = self._session()
        speech = session.current_speech if session is not None else None
        if speech is None or self._call.speaker.is_filler(speech):
            return False
        self._call.run_aside(self._ask_anew(speech, "mute"))
        return True

    async def _ask_anew(self, stuck: SpeechHandle, cause: str) -> None:
        """Realtime: an answer does not come. It is given up, so that it is not heard later, too, and asked for once more."""
        turns = self._call.turns
        if turns.muted:
            return
        emit(Event.MODEL_FAILED, stage="realtime_model_error", cause=cause)
        stuck.interrupt(force=True)
        # The answer to something else may have been taken for the one that this was to be.
        turns.due_again()
        question = turns.open
        if question is None:
            return
        if question.retries >= budgets.ANSWER_RETRIES:
            await self.stalled()
            return
        self._call.speaker.clip(LINE)
        await self.again()

    async def _missed(self, session: AgentSession[Call], turn: Turn) -> None:
        """Our own ears noticed what the provider's did not: it was too quiet for them, or the connection is dead."""
        try:
            provider = session.current_agent.realtime_llm_session
        except RuntimeError:  # the session has ended
            return
        lives = await responds(provider)
        turns = self._call.turns
        # Events come in order: what the provider noticed before it answered is known now.
        if session is not self._session() or session.user_state == "speaking" or not turns.missed(turn):
            return
        if lives or (lives is None and not self._missed_before):
            self._missed_before = True
            turns.settle(State.EMPTY, turn)
            self._call.speaker.line("not_understood")
        else:
            await self.stalled()

    # -- what is heard ----------------------------------------------------------------------------------------------

    def heard(self, speech: SpeechHandle | None) -> None:
        """The assistant begins to be heard: with an answer, or with what is none, a line of ours or words before work."""
        turns = self._call.turns
        turns.sounds()
        if turns.working or self._filling or self._call.speaker.is_filler(speech):
            turns.filled()
        else:
            self._answered(math.inf if speech is None else self._made.get(speech, math.inf))

    def hushed(self) -> None:
        """The assistant is heard no more; a question that is still open is quiet from now on, or since before."""
        if self._call.turns.hushed():
            self.sound.hushed()

    def must_speak_in(self) -> float:
        """Seconds until something must be said of the question whose answer is on its way; endless where none is due."""
        turns = self._call.turns
        quiet, listened = turns.quiet_for(), turns.unheard_for()
        if quiet is None or listened is None or self._call.pipeline is Pipeline.TEXT:
            return math.inf
        return budgets.MEANWHILE_AFTER - min(quiet, listened)

    def fill(self) -> str:
        """A line at the beginning of an answer that takes its time."""
        self._fills()
        return self._call.speaker.text(LINE)

    def _fills(self) -> None:
        self._filling = True
        self._call.turns.filled()
        self._call.speaker.on_notice(LINE)

    def filled(self, *, answered: bool) -> None:
        """The answer follows what filled the wait for it, or will not come of this try."""
        filling, self._filling = self._filling, False
        if filling and answered:
            self._answered()

    def answer_heard(self) -> None:
        """An answer begins to be heard in a speech that something was heard of before."""
        self._call.turns.sounds()
        self._answered()

    def _answered(self, made: float = math.inf) -> None:
        waited = self._call.turns.answered(made)
        if waited is None:
            return
        self._missed_before = False
        # A line that waits behind the answer is not needed any more.
        waiting, self._reassurance = self._reassurance, None
        if waiting is not None and not waiting.done():
            waiting.interrupt(force=True)
        emit(Event.TURN_FIRST_AUDIO, seconds=round(waited, 3), pipeline=self._call.pipeline.value)
        measure("answer_seconds", waited, pipeline=self._call.pipeline.value)


class LateResponse:
    """The wait for one realtime response of which nothing has come yet."""

    def __init__(self, recovery: ResponseRecovery) -> None:
        self._recovery = recovery
        self._began = recovery.sound.clock()
        self._gap = recovery.sound.speech(own=True)
        self.heard = recovery.answer_heard

    def begins(self) -> None:
        """It is under way."""
        self._recovery.under_way.add(self)

    def ends(self) -> None:
        """It is whole, or not waited for any more."""
        self._recovery.under_way.discard(self)

    def must_speak_in(self) -> float:
        """Seconds until a line is due, whether or not a question is still open: what is under way was wanted."""
        return budgets.SOUND_GAP - self._gap.silent_for()

    async def line(self) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The sound of a line in the wait for it."""
        gap = self._gap
        try:
            async with aclosing(gap.line()) as frames:
                async for frame in frames:
                    gap.sounds(frame)
                    yield frame
        finally:
            gap.filled(answered=False)
            # The library takes the assistant to be speaking until the response is over.
            sound = self._recovery.sound
            sound.call.turns.hushed()
            sound.call.turns.filled(max(0.0, sound.until - sound.clock()))

    def given_up(self) -> bool:
        """Whether it is not waited for any more: the user wants silence, or it has been mute for too long."""
        sound = self._recovery.sound
        turns = sound.call.turns
        if turns.muted:
            return True
        if turns.unheard_for() is None or turns.working or sound.clock() - self._began < budgets.RESPONSE_MUTE:
            return False
        return self._recovery.give_up()
