"""The model's conversation: its newest message, what of it a new session needs, and what is put in that nobody said."""

import contextlib
from typing import Any

from livekit.agents import AgentSession, llm


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
