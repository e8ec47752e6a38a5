"""Measures of calls: answer latency, silence after a stop, time until the agent is in the room."""

import asyncio
import time

import httpx2

from agent.call.pipelines import END_OF_TURN_SECONDS
from agent.providers.context import SERVER_VAD_SILENCE_MS
from cli.bench.figures import Figure
from cli.bench.provider import cascade_once, realtime_once
from cli.stack.local import LocalStack
from cli.traveller.audio import RATE, to_wav
from cli.traveller.caller import Traveller
from cli.traveller.clips import known_clip
from cli.traveller.library import clip_of
from contracts.dispatch import Pipeline
from contracts.sessions import SessionRequest

WORLDS = {
    "zero": {"transcription_ms": 0, "first_token_ms": 0, "first_audio_ms": 0},
    "P50": {"transcription_ms": 250, "first_token_ms": 300, "first_audio_ms": 190},
}
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
        (await http.put(f"{stack.emulator_url}/_control/world", json=WORLDS[world])).raise_for_status()


async def answer_latency(stack: LocalStack, pipeline: Pipeline, world: str, count: int) -> Figure:
    """End of speech to first audio, no tool, beside the bare provider plus the silence that ends a turn.

    Natural voices of the clip library: the cascade's turn detector listens to how something is said, not only to what.
    """
    await set_world(stack, world)
    base_url = f"{stack.emulator_url}/v1"
    said = [await known_clip(stack.emulator_url, clip_of("en", "command", number)) for number in UTTERANCES]
    if pipeline is Pipeline.REALTIME:
        baseline = [await realtime_once(base_url, samples, SERVER_VAD_SILENCE_MS) for samples in said]
    else:
        baseline = [await cascade_once(base_url, to_wav(samples)) + END_OF_TURN_SECONDS for samples in said]
    values: list[float] = []
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.ready()
        await caller.sound(0.0)
        await caller.quiet()
        while len(values) < count:
            ended = await caller.say(said[len(values) % len(said)])
            values.append(await caller.sound(ended) - ended)
            await caller.quiet()
            await asyncio.sleep(NEXT_TURN_PAUSE)
    await set_world(stack, "zero")
    return Figure(
        name=f"answer, {pipeline.value}, {world} world",
        values=tuple(values),
        unit="s",
        baseline_name="bare provider + end-of-turn silence",
        baseline=tuple(baseline),
        target=1.1 if world == "P50" else None,
    )


async def stop_latency(stack: LocalStack, pipeline: Pipeline, count: int) -> Figure:
    """Onset of a spoken "stop" to the last sound, beside the stop button."""
    words = [await known_clip(stack.emulator_url, clip_of("en", "stop", number)) for number in STOPS]
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
        target=0.5,
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
    """Token to agent in the room: one call after another, and ten at once; beside the room join alone."""
    warm = [await _join_once(stack) for _ in range(count)]
    await asyncio.sleep(3)
    burst = list(await asyncio.gather(*(_join_once(stack) for _ in range(BURST))))
    joins = tuple(join for join, _ in warm)
    return [
        Figure("agent in the room, warm", tuple(a for _, a in warm), "s", "room join alone", joins, 0.7, 95),
        Figure(
            f"agent in the room, {BURST} at once", tuple(a for _, a in burst), "s", "room join alone", joins, 2.0, 95
        ),
    ]


async def _join_once(stack: LocalStack) -> tuple[float, float]:
    """Seconds from asking for a token to being in the room, and to the agent's first state."""
    begun = time.monotonic()
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        joined = caller.joined_at - begun
        await caller.until("agent", lambda: caller.agent_states or None)
        return joined, caller.agent_states[0][0] - begun
