"""`polyglot bench`: measures a local stack, each figure beside a named baseline of the same run."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer

from cli.bench.api import api_figures
from cli.bench.calls import WORLDS, answer_latency, join_latency, stop_latency
from cli.bench.figures import Figure, table
from cli.bench.load import many_calls
from cli.bench.memory import growth, memory
from cli.bench.places import places
from cli.bench.searches import ENVIRON, SEARCH_WORLDS, equal_searches, slow_search
from cli.bench.starter import starter
from cli.bench.startup import cold as cold_start
from cli.bench.startup import warm as warm_start
from cli.stack.local import ANY_PORTS, LocalStack
from contracts.dispatch import Pipeline

SEARCHES_FOR = 3
"""Turns for which one search of three seconds is made."""
VOICE = (Pipeline.REALTIME, Pipeline.CASCADE)


def bench(turns: int, stops: int, joins: int, *, cold: bool) -> None:
    """See `polyglot bench --help`."""
    typer.echo(table(asyncio.run(_measure(turns, stops, joins, cold=cold))))


async def _measure(turns: int, stops: int, joins: int, *, cold: bool) -> list[Figure]:
    figures: list[Figure] = []

    async def take(what: str, measure: Callable[[], Awaitable[Figure | list[Figure]]]) -> None:
        typer.echo(f"measuring {what}")
        taken = await measure()
        figures.extend(taken if isinstance(taken, list) else [taken])

    environ = {name: value for name in ("PATH", "HOME", "LANG", "XDG_CACHE_HOME") if (value := os.environ.get(name))}
    environ |= {
        "POLYGLOT_AGENT_MAX_CALLS": "20",
        "POLYGLOT_RATE_SESSIONS": "100000/minute",
        "EMULATOR_EARS": "clips",
        "EMULATOR_VOICE": "espeak-ng",
    }
    with tempfile.TemporaryDirectory() as folder:
        async with LocalStack(state_dir=Path(folder), ports=ANY_PORTS, environ=environ, faults=True) as stack:
            async with starter(stack) as pid:
                await take("memory", lambda: memory(stack, pid))
                for pipeline in VOICE:
                    for world in WORLDS:
                        await take(
                            f"answers, {pipeline.value}, {world} world",
                            lambda p=pipeline, w=world: answer_latency(stack, p, w, turns),  # type: ignore[misc]
                        )
            await take("memory after many calls", lambda: growth(stack))
            await take("joining", lambda: join_latency(stack, joins))
            for pipeline in VOICE:
                await take(f"stop, {pipeline.value}", lambda p=pipeline: stop_latency(stack, p, stops))  # type: ignore[misc]
                await take(f"many calls, {pipeline.value}", lambda p=pipeline: many_calls(stack, p))  # type: ignore[misc]
        async with LocalStack(
            state_dir=Path(folder) / "slow", ports=ANY_PORTS, environ=environ | ENVIRON, faults=True
        ) as stack:
            for pipeline in VOICE:
                for world in SEARCH_WORLDS:
                    await take(
                        f"a slow search, {pipeline.value}, {world} world",
                        lambda p=pipeline, w=world: slow_search(stack, p, w, max(1, turns // SEARCHES_FOR)),  # type: ignore[misc]
                    )
            await take("equal searches", lambda: equal_searches(stack))
    await take("places", places)
    await take("the API", api_figures)
    await take("warm start", lambda: warm_start(3))
    if cold:
        await take("cold start", cold_start)
    return figures
