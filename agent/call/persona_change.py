"""A call goes to another persona. It begins anew: what one was told is not the other's to know."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from livekit.agents import AgentSession, llm

from agent import budgets
from agent.call.assistant import InCall
from agent.call.state import Call
from contracts.dispatch import Pipeline


async def change_persona(
    call: Call,
    name: str,
    session: AgentSession[Call] | None,
    agent: Callable[[], InCall],
    reopen: Callable[[Pipeline, llm.ChatContext, str], Awaitable[bool]],
) -> None:
    """Give the call to it, in a pipeline that it runs in, and let it greet; nothing where there is no session."""
    if session is None:
        return
    call.take(name)
    runs_in = call.persona.entry.pipelines
    if runs_in and call.pipeline.value not in runs_in:
        if not await reopen(Pipeline(runs_in[0]), llm.ChatContext.empty(), "another persona"):
            return
    else:
        async with call.entering:
            newcomer = agent()
            session.update_agent(newcomer)
            await call.describe()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(budgets.SPOKEN_DEADLINE):
                    await newcomer.entered.wait()
    call.speaker.line("greeting")
