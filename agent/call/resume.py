"""What an agent that takes another one's place goes on with: the conversation, its language, the cards, an open question.

The API remembers them while the call runs. What cannot be had is missed and nothing more: the call must go on.
"""

import asyncio
from dataclasses import dataclass

from livekit.agents import AgentSession, llm

from agent.call.chat_context import last_message
from agent.call.search_context import as_model_calls
from agent.call.state import Call
from agent.turns.turn import State
from contracts.flights import SearchResult
from contracts.languages import is_language, is_stop
from contracts.turns import Turn

CALL_ID = "resumed-search"


@dataclass(frozen=True)
class Inherited:
    """What was taken over; empty for a call that begins."""

    chat: llm.ChatContext
    question: str | None = None
    """What the user said last, and nobody answered."""


async def inherit(call: Call) -> Inherited:
    """Take over the call, when it is one that another agent began; fills the call's screen and language."""
    if not call.metadata.resumed:
        return Inherited(llm.ChatContext.empty())
    session_id = call.metadata.session_id
    await call.persona.take_up(call)
    turns, searches = await asyncio.gather(call.backend.history(session_id), call.backend.searches(session_id))
    chat = llm.ChatContext.empty()
    for turn in turns:
        chat.add_message(role=turn.role, content=turn.text, created_at=turn.started_at.timestamp())
    if turns and is_language(turns[-1].language):
        call.language.follow(turns[-1].language)
    call.searches = len(searches)
    if searches:
        call.screen.show(searches[-1])
        known = await call.backend.screen(session_id)
        if known is not None and known.search is not None:
            call.screen.follow(known)
        chat.insert(_as_asked(call, call.screen.result or searches[-1], turns))
    return Inherited(chat, _open_question(turns))


def ask_again(call: Call, session: AgentSession[Call] | None) -> None:
    """Answer what was open when an agent or a pipeline was lost."""
    question = call.turns.untold
    if question is None or session is None or call.turns.muted:
        return
    if question.words is None:
        # Who has spoken to a connection that was lost is asked to say it again.
        call.turns.settle(State.EMPTY)
        call.speaker.line("not_understood")
        return
    call.turns.due_again(question)
    last = last_message(session.history)
    if last is not None and last.role == "user" and last.text_content == question.words:
        session.generate_reply()
    else:
        session.generate_reply(user_input=question.words)


def _open_question(turns: list[Turn]) -> str | None:
    last = turns[-1] if turns else None
    return last.text if last is not None and last.role == "user" and not is_stop(last.text) else None


def _as_asked(call: Call, result: SearchResult, turns: list[Turn]) -> list[llm.ChatItem]:
    # A result may be older than the call that it was found again in: never before the first words.
    began = turns[0].started_at.timestamp() if turns else 0.0
    return as_model_calls(call, result, CALL_ID, max(result.fetched_at.timestamp(), began))
