"""The assistant's voice: lost when speech synthesis fails, and taken up again after a while."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from livekit.agents import AgentSession, llm

from agent import budgets
from agent.call import Call
from contracts.room import NoticeKind


class Voice:
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


def last_message(chat: llm.ChatContext) -> llm.ChatMessage | None:
    """The newest message of a conversation, tool calls left out."""
    return next((item for item in reversed(chat.items) if isinstance(item, llm.ChatMessage)), None)


def without_handoffs(chat: llm.ChatContext) -> llm.ChatContext:
    """Only what a new agent needs: messages and tool calls."""
    kept = llm.ChatContext.empty()
    kept.items.extend(item for item in chat.items if item.type in ("message", "function_call", "function_call_output"))
    return kept


async def put_in(session: AgentSession[Any] | None, items: list[llm.ChatItem]) -> None:
    """Put something into the model's conversation that nobody said; lost with a session that closes."""
    with contextlib.suppress(RuntimeError):
        if session is not None:
            agent = session.current_agent
            chat = agent.chat_ctx.copy()
            chat.items.extend(items)
            await agent.update_chat_ctx(chat)
