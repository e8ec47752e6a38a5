"""Measures of calls: answer latency, silence after a stop, time until the agent is in the room."""

import asyncio
import os
import time
from collections.abc import Sequence
from typing import Final

import httpx2

from cli.bench import starter
from cli.bench.figures import Figure
from cli.bench.floor import floor
from cli.bench.processors import processor_time
from cli.stack.local import LocalStack
from cli.traveller.audio import RATE, Samples, trim
from cli.traveller.caller import Traveller
from cli.traveller.clips import known_clip
from cli.traveller.library import clip_of
from contracts.dispatch import Pipeline
from contracts.sessions import SessionRequest
from emulator.world import WORLDS as EMULATED
from emulator.world import World

WORLDS: Final = {
    "zero": World(),
    "P50": EMULATED["p50"],
    "P50 jitter": EMULATED["p50"].model_copy(update={"jitter": 0.5}),
}
"""Of a provider: one that answers at once, one with the real one's median delays, and one whose delays vary as they do."""
TARGETS: Final = {Pipeline.CASCADE: (0.95, 1.2), Pipeline.REALTIME: (0.8, 1.1)}
"""Seconds to the first sound of an answer, median and 95th percentile."""
UTTERANCES = (1, 3, 4, 7, 10, 12)
"""Commands of the clip library, each in a voice of its own, that are answered without a search where there was none."""
STOPS = (1, 3, 4)
"""Of the library's stops those whose first word is in the way of nothing: "Stop", "Please stop", "Stop talking"."""
QUESTION = "Find me a flight from Madrid to Berlin tomorrow"
BURST = 10
NEXT_TURN_PAUSE = 0.3


async def set_world(stack: LocalStack, world: str) -> None:
    """Give the emulator the latencies of a world."""
    async with httpx2.AsyncClient(timeout=5) as http:
        (await http.put(f"{stack.emulator_url}/_control/world", json=WORLDS[world].model_dump())).raise_for_status()


async def answer_latency(stack: LocalStack, pipeline: Pipeline, world: str, count: int) -> Figure:
    """End of speech to first audio, no tool, beside LiveKit's minimal starter; and the least that the world allows.

    Natural voices of the clip library: the cascade's turn detector listens to how something is said, not only to what.
    """
    await set_world(stack, world)
    said = [await known_clip(stack.emulator_url, clip_of("en", "command", number)) for number in UTTERANCES]
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        values = await waits(caller, said, count)
    async with starter.call(stack, pipeline) as caller:
        baseline = await waits(caller, said, count)
    await set_world(stack, "zero")
    target, target_p95 = TARGETS[pipeline] if world != "zero" else (None, None)
    return Figure(
        name=f"answer, {pipeline.value}, {world} world",
        values=values,
        unit="s",
        baseline_name="LiveKit's minimal starter",
        baseline=baseline,
        target=target,
        target_p95=target_p95,
        floor=floor(pipeline, WORLDS[world]),
    )


async def waits(caller: Traveller, said: Sequence[Samples], count: int) -> tuple[float, ...]:
    """Seconds from the end of each of so many utterances to the assistant's first sound."""
    await caller.ready()
    await caller.sound(0.0)
    await caller.quiet()
    values: list[float] = []
    while len(values) < count:
        ended = await caller.say(said[len(values) % len(said)])
        values.append(await caller.sound(ended) - ended)
        await caller.quiet()
        await asyncio.sleep(NEXT_TURN_PAUSE)
    return tuple(values)


async def stop_latency(stack: LocalStack, pipeline: Pipeline, count: int) -> Figure:
    """Onset of a spoken "stop" to the last sound, beside the stop button."""
    words = [trim(await known_clip(stack.emulator_url, clip_of("en", "stop", number))) for number in STOPS]
    spoken, pressed = [], []
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.ready()
        await caller.sound(0.0)
        await caller.quiet()
        for number in range(count):
            word = words[number % len(words)]
            await _start_talking(caller)
            # The microphone's own queue is not the assistant's delay.
            onset = await caller.say(word) - len(word) / RATE
            spoken.append(await _silent_after(caller, onset))
            await _start_talking(caller)
            onset = time.monotonic()
            await caller.stop()
            pressed.append(await _silent_after(caller, onset))
    return Figure(
        name=f'spoken "stop" to silence, {pipeline.value}',
        values=tuple(spoken),
        unit="s",
        baseline_name="stop button to silence",
        baseline=tuple(pressed),
        target=0.3,
        target_percentile=95,
    )


async def _start_talking(caller: Traveller) -> None:
    asked = await caller.write(QUESTION)
    await caller.cards(asked)
    await caller.sound(asked)
    await asyncio.sleep(0.5)


async def _silent_after(caller: Traveller, onset: float) -> float:
    await caller.quiet()
    return max(0.01, (caller.ear.last_sound(onset) or onset) - onset)


async def join_latency(stack: LocalStack, count: int) -> list[Figure]:
    """Token to agent in the room: one call after another, and ten at once; beside the room join alone.

    The least for ten: their processor time, of the agent's, the callers', the API's and the media server's processes, on all
    of this machine's processors.
    """
    warm = [await _join_once(stack) for _ in range(count)]
    await asyncio.sleep(3)
    used = sum(processor_time(stack).values())
    burst = list(await asyncio.gather(*(_join_once(stack) for _ in range(BURST))))
    least = (sum(processor_time(stack).values()) - used) / (os.cpu_count() or 1)
    joins = tuple(join for join, _ in warm)
    beside = "room join alone"
    return [
        Figure("agent in the room, warm", tuple(a for _, a in warm), "s", beside, joins, 0.7, 95),
        Figure(
            f"agent in the room, {BURST} at once",
            tuple(a for _, a in burst),
            "s",
            beside,
            joins,
            1.5,
            95,
            floor=(least,),
        ),
    ]


async def _join_once(stack: LocalStack) -> tuple[float, float]:
    """Seconds from asking for a token to being in the room, and to the agent's first state."""
    begun = time.monotonic()
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        joined = caller.joined_at - begun
        await caller.until("agent", lambda: caller.agent_states or None)
        return joined, caller.agent_states[0][0] - begun
