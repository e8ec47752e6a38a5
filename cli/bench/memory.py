"""Memory of the agent: proportional set size of a whole process tree, so that shared pages count once."""

import asyncio
import sys
from contextlib import AsyncExitStack

import psutil

from cli.bench.figures import Figure
from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.sessions import SessionRequest

MEGABYTE = 1_000_000
SETTLE_SECONDS = 3.0
CALLS = 4
BARE = "import livekit.agents, livekit.plugins.openai, time; print('ready', flush=True); time.sleep(60)"


def tree_pss(pid: int) -> float:
    """Megabytes of a process and all below it."""
    root = psutil.Process(pid)
    total = 0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / MEGABYTE


async def memory(stack: LocalStack) -> list[Figure]:
    """An idle worker, and what each live call adds; beside a process that only imports the framework."""
    pid = stack.children["agent"].process.pid
    bare = await _bare_import()
    await asyncio.sleep(SETTLE_SECONDS)
    idle = tree_pss(pid)
    with_calls = []
    async with AsyncExitStack() as calls:
        for _ in range(CALLS):
            request = SessionRequest(pipeline=Pipeline.CASCADE)
            caller = await calls.enter_async_context(Traveller.call(stack.api_url, request))
            await caller.ready()
            await caller.sound(0.0)
        await asyncio.sleep(SETTLE_SECONDS)
        with_calls.append((tree_pss(pid) - idle) / CALLS)
    return [
        Figure("memory, idle worker", (idle,), "MB", "importing the framework alone", (bare,), 350),
        Figure("memory, each call", tuple(with_calls), "MB", "importing the framework alone", (bare,), 110),
    ]


async def _bare_import() -> float:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BARE, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        if process.stdout is not None:
            await process.stdout.readline()
        return tree_pss(process.pid)
    finally:
        process.kill()
        await process.wait()
