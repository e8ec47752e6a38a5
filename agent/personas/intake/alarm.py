"""What happens when something cannot wait: it is said what to do, the questions end, and a person is called."""

import asyncio
import contextlib
import logging
from typing import Final

from livekit.agents import llm

from agent.call.state import Call
from agent.personas.intake.danger import red_flags
from agent.personas.intake.desk import desk_of, flag, save
from contracts.intakes import RedFlag

logger = logging.getLogger("polyglot.agent.intake")

SAID_WITHIN: Final = 12.0
"""Seconds that the line of what to do has before a person is called all the same."""


def answer(call: Call, chat: llm.ChatContext) -> str | None:
    """What is said in place of any model's answer once something was flagged; None while nothing is."""
    messages = [item for item in chat.items if isinstance(item, llm.ChatMessage)]
    last = next((one for one in reversed(messages) if one.role == "user"), None)
    found = {kind: None for code in call.persona.entry.languages for kind in red_flags(_text(last), code)}
    flag(call, tuple(found))
    if not desk_of(call).flags:
        return None
    call_for_help(call)
    line = call.speaker.text("red_flag")
    told = any(one.role == "assistant" and line[:20] in _text(one) for one in messages)
    return call.speaker.text("red_flag_again") if told else line


def raised(call: Call, kind: RedFlag) -> None:
    """The model found one that no list has."""
    if flag(call, (kind,)):
        call.speaker.words(call.speaker.text("red_flag"))
    call_for_help(call)


def call_for_help(call: Call) -> None:
    """Once a call."""
    desk = desk_of(call)
    if not desk.alarmed:
        desk.alarmed = True
        logger.warning("questions ended by a sign of danger")
        call.run_aside(_help(call))


async def _help(call: Call) -> None:
    await save(call)
    await call.persona.show(call)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SAID_WITHIN):
            await desk_of(call).said.wait()
    await call.operators.ask("red_flag")


def _text(message: llm.ChatMessage | None) -> str:
    return (message.text_content or "") if message is not None else ""
