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
TURNS: Final = 3
FARGATE_CPU: Final = (0.5, 1.0, 2.0, 4.0)
"""Processors of a task, of those sizes that a worker is run on."""
USED_MOST: Final = 0.7
"""Share of its processors that a task should use: the rest is for calls that begin, and for what comes late."""
WORSE_MOST: Final = 1.25


async def many_calls(stack: LocalStack, pipeline: Pipeline) -> list[Figure]:
    """Answers of eight calls that talk at the same time, beside one call's; processor time of each part for a call."""
    await set_world(stack, "P50")
    said = [await known_clip(stack.emulator_url, clip_of("en", "command", number)) for number in UTTERANCES]
    alone = await _talk(stack, pipeline, 1, said)
    used, begun = processor_time(stack), time.monotonic()
    together = await _talk(stack, pipeline, AT_ONCE, said)
    seconds = time.monotonic() - begun
    each = {name: (now - used[name]) / seconds / AT_ONCE for name, now in processor_time(stack).items()}
    await set_world(stack, "zero")
    name = f"{AT_ONCE} calls at once, {pipeline.value}"
    median = sorted(alone)[len(alone) // 2]
    fits = ", ".join(f"{cpu:g} vCPU {int(cpu * USED_MOST / max(each['agent'], 0.001))}" for cpu in FARGATE_CPU)
    return [
        Figure(f"{name}: answer", together, "s", "one call", alone, WORSE_MOST * median),
        Figure(f"{name}: agent's CPU a call", (100 * each["agent"],), "%", f"holds: {fits}", (100.0,)),
        *(
            Figure(f"{name}: {part}'s CPU a call", (100 * share,), "%", "one processor", (100.0,))
            for part, share in each.items()
            if part != "agent"
        ),
    ]


async def _talk(stack: LocalStack, pipeline: Pipeline, calls: int, said: Sequence[Samples]) -> tuple[float, ...]:
    async with AsyncExitStack() as opened:
        callers = [
            await opened.enter_async_context(Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)))
            for _ in range(calls)
        ]
        answers = await asyncio.gather(*(_answers(caller, said) for caller in callers))
    return tuple(value for values in answers for value in values)


async def _answers(caller: Traveller, said: Sequence[Samples]) -> tuple[float, ...]:
    """Waits of one call; one that is not answered at all has waited for as long as anybody does."""
    try:
        return await waits(caller, said, TURNS)
    except CallError:
        return (ANSWER_SECONDS,)
