"""A call that goes on over midnight: "tomorrow" is another day then, and the model's instructions say which day is today."""

import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from livekit.agents import AgentSession, llm

from agent.call.assistant import Assistant
from agent.call.local_time import local_now
from agent.call.state import Call

logger = logging.getLogger("polyglot.agent.call.calendar_day")


class CalendarDay:
    """The day where the user is."""

    def __init__(
        self,
        call: Call,
        session: Callable[[], AgentSession[Call] | None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._call = call
        self._session = session
        self._now = now
        self._day = self._today()

    def _today(self) -> str:
        return local_now(self._call.metadata.time_zone, self._now()).date().isoformat()

    async def look(self) -> None:
        """Where another day has begun, tell the model; one that could not be told is told at the next look."""
        today = self._today()
        session = self._session()
        if today == self._day or session is None:
            return
        with contextlib.suppress(RuntimeError, llm.RealtimeError):  # the session has not begun, or the provider is lost
            agent = session.current_agent
            if not isinstance(agent, Assistant):
                return  # a task of its own, which asks for no flights
            await agent.update_instructions(self._call.persona.instructions(self._call, self._now()))
            self._day = today
            logger.info("another day has begun")
