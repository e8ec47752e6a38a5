"""What the user does without speaking: types, presses stop, touches a card, chooses a language."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from livekit.agents import AgentSession, llm
from livekit.agents.voice import SpeechHandle

from agent import budgets
from agent.call.lifecycle import Lifecycle
from agent.call.record import CutBy
from agent.call.state import Call
from agent.turns.turn import Turn
from agent.turns.typed_input import drop_speech, shield
from contracts.dispatch import Pipeline, check_language
from contracts.languages import is_stop, is_wait
from contracts.room import LanguageRequest, RefineRequest, SelectRequest
from contracts.screen import Hand


class Controls:
    """The hands of one call's user; outlives a change of pipeline."""

    def __init__(  # noqa: PLR0913 - what of the call's session it moves
        self,
        call: Call,
        lifecycle: Lifecycle,
        *,
        session: Callable[[], AgentSession[Call] | None],
        stop: Callable[[CutBy], Awaitable[bool]],
        cut: Callable[[CutBy], None],
        user_turn: Callable[[str, Turn], None],
        see_through: Callable[[SpeechHandle], Coroutine[Any, Any, None]],
        language_changed: Callable[[], None],
    ) -> None:
        self._call = call
        self._lifecycle = lifecycle
        self._session = session
        self._stop = stop
        self._cut = cut
        self._user_turn = user_turn
        self._see_through = see_through
        self._language_changed = language_changed
        self._typing = asyncio.Lock()
        """What is typed is answered in its order, also where two messages wait for the same speech to end."""

    def answer_the_page(self) -> None:
        """Take the page's calls; typed words are listened to on their own, from before the room is joined."""
        self._call.room.answer(
            stop=self.stop_pressed, language=self.choose_language, select=self.select_card, refine=self.refine_cards
        )

    async def stop_pressed(self) -> bool:
        """The page's stop button; whether there was something to stop."""
        self._call.turns.overtake(pressed=True)
        return await self._stop("button")

    async def typed(self, text: str) -> None:
        """Words that the user wrote."""
        self._lifecycle.user_active()
        if is_stop(text):
            if is_wait(text) and self._call.turns.waits():
                return
            self._call.turns.overtake()
            await self._stop("stop")
            return
        self._cut("typed")
        self._user_turn(text, self._call.turns.typed(text))
        session = self._session()
        if session is None:
            # Between two pipelines: the next one takes up the open question.
            return
        if self._call.operators.present:
            return  # a person reads it, and answers
        async with self._typing:
            await self._answer_typed(session, text)

    async def sent(self, text: str) -> None:
        """What a file says that the user sent: asked like something typed, but no sign of the language they speak."""
        self._lifecycle.user_active()
        self._cut("typed")
        self._call.turns.typed(text)
        session = self._session()
        if session is None or self._call.operators.present:
            return
        async with self._typing:
            await self._answer_typed(session, text)

    async def choose_language(self, request: LanguageRequest) -> str:
        """The user's choice of a language, or that it follows their speech again."""
        self._lifecycle.user_active()
        call = self._call
        call.language.choose(check_language(request.language))
        self._language_changed()
        session = self._session()
        if session is not None:
            await session.current_agent.update_instructions(call.persona.instructions(call))
        await call.describe()
        return request.language

    async def select_card(self, request: SelectRequest) -> None:
        """The user touched a card; one of an older search than the present one changes nothing."""
        self._lifecycle.user_active()
        screen = self._call.screen
        if screen.result is not None and screen.result.search_id == request.search_id and screen.select(request.number):
            await self._call.publish_screen(Hand.TOUCH)

    async def refine_cards(self, request: RefineRequest) -> None:
        """The user sorted or filtered the cards; those of an older search than the present one are no longer there."""
        self._lifecycle.user_active()
        screen = self._call.screen
        if screen.result is not None and screen.result.search_id == request.search_id:
            screen.refine(request.view)
            await self._call.publish_screen(Hand.TOUCH)

    async def _answer_typed(self, session: AgentSession[Call], text: str) -> None:
        async with self._call.entering:
            cascade = self._call.pipeline is Pipeline.CASCADE
        if self._call.screen_share is not None:
            await self._call.screen_share.show()
        await drop_speech(session, self._call.turns, realtime=self._call.pipeline is Pipeline.REALTIME)
        with contextlib.suppress(RuntimeError):
            # A search that runs is still to be told of. Interrupted, its speech would also be waited for, for five seconds (1.8).
            working = self._call.turns.working
            if not (working and self._call.speaker.is_filler(session.current_speech)):
                await session.interrupt(force=not working)
        with contextlib.suppress(RuntimeError):
            answer = session.generate_reply(user_input=text, input_modality="text", allow_interruptions=not cascade)
            if cascade:
                self._call.run_aside(shield(session, self._call.turns, answer))
            else:
                known = {item.id for item in session.history.items}
                self._call.run_aside(self._see_typed_through(session, answer, text, known))

    async def _see_typed_through(
        self, session: AgentSession[Call], answer: SpeechHandle, text: str, known: set[str]
    ) -> None:
        """Realtime: an answer that speech ends while it still waits to be asked for takes what was typed with it (1.8)."""
        question = self._call.turns.open
        await self._see_through(answer)
        taken = any(
            isinstance(item, llm.ChatMessage) and item.text_content == text
            for item in session.history.items
            if item.id not in known
        )
        if not answer.interrupted or taken or self._call.turns.muted or self._call.tell_model is None:
            return
        # The provider answers it with what is being said; where it hears nothing in that, it is asked.
        await self._call.tell_model([llm.ChatMessage(role="user", content=[text])])
        while session.user_state == "speaking" or session.current_speech is not None:  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(budgets.ANSWER_RETRY_WAIT)
        if question is not None and self._call.turns.open is question and session is self._session():
            with contextlib.suppress(RuntimeError):
                self._call.run_aside(self._see_through(session.generate_reply()))
