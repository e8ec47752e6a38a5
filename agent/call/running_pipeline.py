"""The pipeline that a call runs on: the library's session of it, opened, closed, and followed by another where it is lost."""

import logging
from collections.abc import Awaitable, Callable

from livekit import rtc
from livekit.agents import Agent, AgentSession, llm

from agent.call.agent_session import close_quietly, hear_the_traveller, new_session, room_options
from agent.call.chat_context import put_in, without_handoffs
from agent.call.pipelines import PipelineModels, build
from agent.call.resume import ask_again
from agent.call.state import Call
from agent.hearing.eager_transcription import EagerTranscription
from agent.providers.choice import ModelChoice
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.speaking.audio_output import silent_at_once
from agent.telemetry import traces
from contracts.dispatch import Pipeline
from contracts.room import NoticeKind

logger = logging.getLogger("polyglot.agent.call.running_pipeline")

Session = AgentSession[Call]


class RunningPipeline:
    """One per call; one session at a time, none between two."""

    def __init__(
        self, call: Call, room: rtc.Room, choice: ModelChoice, *, lost: Callable[[str], Awaitable[None]]
    ) -> None:
        self._call = call
        self._room = room
        self._choice = choice
        self._lost = lost
        self._clients = Clients(call.settings)
        self._models: PipelineModels | None = None
        self._agent: Callable[[llm.ChatContext], Agent] = lambda chat: Agent(instructions="", chat_ctx=chat)
        self._follow: Callable[[Session], None] = lambda _session: None
        self._changed: Callable[[Pipeline, str], None] = lambda _pipeline, _reason: None
        self.session: Session | None = None
        """The session of the present pipeline; None between two."""
        self.changing = False
        """One session is being closed and another opened."""
        self.over = False
        """The call ends: no other session follows."""

    def present(self) -> Session | None:
        """The session, for those that outlive it."""
        return self.session

    def serve(
        self,
        agent: Callable[[llm.ChatContext], Agent],
        follow: Callable[[Session], None],
        changed: Callable[[Pipeline, str], None],
    ) -> None:
        """Who speaks in each session, who follows its events, and who is told of a change and its reason."""
        self._agent, self._follow, self._changed = agent, follow, changed

    @property
    def eager_ears(self) -> EagerTranscription | None:
        """Ears that tell whether they are still at work; others tell nothing of the kind."""
        ears = self._models.stt.model if self._models is not None and self._models.stt else None
        return ears if isinstance(ears, EagerTranscription) else None

    def context(self) -> CallContext:
        """What providers need to know of the call as it is now."""
        language = self._call.language
        return CallContext(self._call.settings, self._clients, language.code, pinned=language.pinned)

    def language_changed(self) -> None:
        """Tell ears and voice."""
        if self._models is not None:
            self._models.language_changed(self.context(), self._choice)

    async def tell_model(self, items: list[llm.ChatItem]) -> None:
        """Put something into the model's conversation that nobody said."""
        await put_in(self.session, items)

    async def open(self, pipeline: Pipeline, chat: llm.ChatContext) -> None:
        """Begin a session with the conversation so far."""
        call = self._call
        models = build(pipeline, self._choice, self.context(), call.transcript_filter)
        session = new_session(models, call)
        self._follow(session)
        self._models = models
        call.pipeline = pipeline
        # Joins the room itself: what was said before that waits in the browser's buffer, and is asked for only then.
        with traces.in_call():
            await session.start(
                self._agent(chat),
                room=self._room,
                room_options=room_options(pipeline),
                record=False,
                session_host=False,
            )
        silent_at_once(session)
        self.session = session
        call.run_aside(hear_the_traveller(session, self._room))
        await call.describe()

    async def switch(self, pipeline: Pipeline) -> None:
        """The present one is lost: go on in another, and answer there what was open."""
        old = self.session
        chat = old.history.copy(exclude_function_call=False) if old else llm.ChatContext.empty()
        if await self.reopen(pipeline, without_handoffs(chat), "the connection was lost"):
            await self._call.speaker.apologise(NoticeKind.PIPELINE_SWITCHED, severity="info")
            ask_again(self._call, self.session)

    async def reopen(self, pipeline: Pipeline, chat: llm.ChatContext, reason: str) -> bool:
        """Close the session and begin another; False where that is done already, or fails, which ends the call."""
        if self.changing or self.over:
            return False
        self.changing = True
        try:
            # A session is not closed before its tools are done.
            self._call.turns.work.abandon()
            await self._close_session()
            await self.open(pipeline, chat)
            self._changed(pipeline, reason)
        except Exception:
            logger.exception("pipeline not switched")
            await self._lost("pipeline lost")
        finally:
            self.changing = False
        return not self.over

    async def close(self) -> None:
        """End it for good; its clients stay until what was measured is sent."""
        self.over = True
        await self._close_session()

    async def aclose(self) -> None:
        """Close the clients too."""
        await self._clients.aclose()

    async def _close_session(self) -> None:
        session, self.session = self.session, None
        await close_quietly(session)
