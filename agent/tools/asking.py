"""How a tool asks the API for something that may take a while: with fillers, ended by a stop or a newer question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from livekit.agents.llm import ToolResult
from pydantic import BaseModel

from agent import budgets
from agent.call.backend import BackendError
from agent.call.state import Call
from agent.tools.results import STOPPED, SUPERSEDED, Context, from_error, reply
from agent.turns.uninterruptible import uninterruptible
from agent.turns.work import Stopped, Superseded
from contracts.dispatch import Pipeline

LOOKS: Final = 0.1
"""Seconds between two looks at what is being said."""
_Answer = TypeVar("_Answer", bound=BaseModel)


async def after_others(ctx: Context) -> None:
    """Wait until what was asked meanwhile is answered: else the model, which does not know of that yet, would answer it again.

    In realtime the library does so by itself (livekit-agents 1.8). A filler is no answer: nobody waits for its end.
    """
    call: Call = ctx.userdata
    if call.pipeline is Pipeline.REALTIME:
        return
    with uninterruptible(ctx.speech_handle):
        while (speech := ctx.session.current_speech) is not None and not call.turns.muted:
            if speech is ctx.speech_handle or speech.interrupted or call.speaker.is_filler(speech):
                return
            await asyncio.sleep(LOOKS)


async def asked(
    ctx: Context,
    work: Callable[[], Awaitable[_Answer]],
    then: Callable[[_Answer], Awaitable[BaseModel]],
    *,
    fillers: int = 1,
) -> str | ToolResult:
    """What the model is told: what `then` makes of the answer, or the problem in words."""
    call: Call = ctx.userdata
    if call.turns.muted:
        return STOPPED
    call.told = None

    async def run() -> _Answer:
        return await work()

    try:
        with uninterruptible(ctx.speech_handle):
            async with ctx.with_filler(
                lambda _step: None if call.turns.muted else call.speaker.line("one_moment"),
                delay=budgets.FILLER_AFTER,
                interval=budgets.FILLER_AGAIN_AFTER,
                max_steps=fillers,
            ):
                answer = await call.turns.work.run(run())
    except Superseded:
        return SUPERSEDED
    except Stopped:
        return STOPPED
    except BackendError as error:
        return reply(from_error(error))
    told = await then(answer)
    call.told = told
    await after_others(ctx)
    return reply(told)
