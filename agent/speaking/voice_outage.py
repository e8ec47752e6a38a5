"""The assistant's voice: lost when speech synthesis fails, and taken up again after a while."""

import time
from collections.abc import Callable

from livekit.agents import AgentSession

from agent import budgets
from agent.call.chat_context import last_message
from agent.call.state import Call
from contracts.room import NoticeKind


class VoiceOutage:
    """Answers in writing while synthesis is down."""

    def __init__(self, call: Call, session: Callable[[], AgentSession[Call] | None]) -> None:
        self._call = call
        self._session = session
        self._failed_at: float | None = None

    async def lose(self) -> None:
        """Say so from rendered audio, then answer the open turn in writing."""
        session = self._session()
        if session is None or self._failed_at is not None:
            return
        self._failed_at = time.monotonic()
        # The speech that failed may still be the current one: without sound from then on, the apology would not be heard.
        speech = (
            await self._call.speaker.apologise(NoticeKind.VOICE_UNAVAILABLE, action="type") or session.current_speech
        )
        if speech is not None:
            await speech
        session.output.set_audio_enabled(False)
        last = last_message(session.history)
        if last is not None and last.role == "user" and not self._call.turns.muted:
            session.generate_reply()

    def restore(self) -> None:
        """Speak again, when synthesis may have recovered."""
        session = self._session()
        if self._failed_at is None or session is None:
            return
        if time.monotonic() - self._failed_at >= budgets.VOICE_RETRY_AFTER:
            self._failed_at = None
            session.output.set_audio_enabled(True)
