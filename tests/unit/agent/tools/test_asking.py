"""What a tool tells comes after the answer to what was asked meanwhile, of which the model does not know before."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from agent.tools.asking import after_others
from agent.turns.tracker import Turns
from contracts.dispatch import Pipeline


class Saying:
    def __init__(self) -> None:
        self.interrupted = False
        self.allow_interruptions = True


def context(said: Saying | None, pipeline: Pipeline = Pipeline.CASCADE, *, filler: bool = False) -> Any:
    call = SimpleNamespace(turns=Turns(), pipeline=pipeline, speaker=SimpleNamespace(is_filler=lambda _speech: filler))
    return SimpleNamespace(userdata=call, session=SimpleNamespace(current_speech=said), speech_handle=Saying())


async def test_a_tool_waits_for_the_answer_to_what_was_asked_meanwhile() -> None:
    said = Saying()
    ctx = context(said)
    waiting = asyncio.create_task(after_others(ctx))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    assert not ctx.speech_handle.allow_interruptions, "a cough loses nothing of it"
    ctx.session.current_speech = None
    async with asyncio.timeout(1):
        await waiting
    assert ctx.speech_handle.allow_interruptions


@pytest.mark.parametrize(
    "why", ["nothing is said", "a filler", "its own speech", "it is cut off", "a stop", "realtime"]
)
async def test_nobody_waits_for_anything_else(why: str) -> None:
    said = Saying()
    ctx = context(said, Pipeline.REALTIME if why == "realtime" else Pipeline.CASCADE, filler=why == "a filler")
    if why == "nothing is said":
        ctx.session.current_speech = None
    elif why == "its own speech":
        ctx.session.current_speech = ctx.speech_handle
    elif why == "it is cut off":
        said.interrupted = True
    elif why == "a stop":
        ctx.userdata.turns.stop()
    async with asyncio.timeout(1):
        await after_others(ctx)
