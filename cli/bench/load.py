"""Measures of many calls at once: what the answers of all of them take beside one's, and whose processor time it is."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

from cli.bench.calls import UTTERANCES, set_world, waits
from cli.bench.figures import Figure
from cli.bench.processors import processor_time
from cli.stack.local import LocalStack
from cli.traveller.audio import Samples
from cli.traveller.caller import ANSWER_SECONDS, CallError, Traveller
from cli.traveller.clips import known_clip
from cli.traveller.library import clip_of
from contracts.dispatch import Pipeline
from contracts.sessions import SessionRequest

AT_ONCE: Final = 8
TURNS: Final = 4
FARGATE_CPU: Final = (0.5, 1.0, 2.0, 4.0)
"""Processors of a task, of those sizes that a worker is run on."""
USED_MOST: Final = 0.7
"""Share of its processors that a task should use: the rest is for calls that begin, and for what comes late."""
WORSE_MOST: Final = 1.25
APART_SECONDS: Final = 0.85
"""Between the beginnings of two calls' first questions: all eight begin within the time of one question and its answer."""


async def many_calls(stack: LocalStack, pipeline: Pipeline) -> list[Figure]:
    """Answers of eight calls at a time, beside one call's; processor time of each part for a call.

    Each call in its own time, as those of people who do not know of each other; and, without a target, all in the same moment:
    the same words end, are transcribed, answered and spoken together, which is the worst that can be.
    """
    await set_world(stack, "P50")
    said = [await known_clip(stack.emulator_url, clip_of("en", "command", number)) for number in UTTERANCES]
    alone = await _talk(stack, pipeline, 1, said)
    used, begun = processor_time(stack), time.monotonic()
    apart = await _talk(stack, pipeline, AT_ONCE, said, apart=APART_SECONDS)
    seconds = time.monotonic() - begun
    each = {name: (now - used[name]) / seconds / AT_ONCE for name, now in processor_time(stack).items()}
    together = await _talk(stack, pipeline, AT_ONCE, said)
    await set_world(stack, "zero")
    name = f"{AT_ONCE} calls at once, {pipeline.value}"
    median = sorted(alone)[len(alone) // 2]
    fits = ", ".join(f"{cpu:g} vCPU {int(cpu * USED_MOST / max(each['agent'], 0.001))}" for cpu in FARGATE_CPU)
    return [
        Figure(f"{name}: answer", apart, "s", "one call", alone, WORSE_MOST * median),
        Figure(f"{name}, in the same moment: answer", together, "s", "one call", alone),
        Figure(f"{name}: agent's CPU a call", (100 * each["agent"],), "%", f"holds: {fits}", (100.0,)),
        *(
            Figure(f"{name}: {part}'s CPU a call", (100 * share,), "%", "one processor", (100.0,))
            for part, share in each.items()
            if part != "agent"
        ),
    ]


async def _talk(
    stack: LocalStack, pipeline: Pipeline, calls: int, said: Sequence[Samples], *, apart: float = 0.0
) -> tuple[float, ...]:
    async with AsyncExitStack() as opened:
        callers = [
            await opened.enter_async_context(Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)))
            for _ in range(calls)
        ]
        answers = await asyncio.gather(
            *(_answers(caller, said, after=apart * number) for number, caller in enumerate(callers))
        )
    return tuple(value for values in answers for value in values)


async def _answers(caller: Traveller, said: Sequence[Samples], *, after: float) -> tuple[float, ...]:
    """Waits of one call; one that is not answered at all has waited for as long as anybody does."""
    await asyncio.sleep(after)
    try:
        return await waits(caller, said, TURNS)
    except CallError:
        return (ANSWER_SECONDS,)
