"""Memory of the agent: proportional set size of a whole process tree, so that shared pages count once."""

import asyncio
import sys
from contextlib import AsyncExitStack

import psutil

from cli.bench import starter
from cli.bench.figures import Figure
from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.sessions import SessionRequest

MEGABYTE = 1_000_000
SETTLE_SECONDS = 3.0
CALLS = 4
FRAMEWORK = "import livekit.agents, livekit.plugins.openai"
DETECTOR = "from livekit import local_inference; local_inference.init_vad(); local_inference.init_eot()"


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


async def memory(stack: LocalStack, starter_pid: int) -> list[Figure]:
    """An idle worker, and what each live call adds; beside an idle worker of LiveKit's minimal starter with one call."""
    pid = stack.children["agent"].process.pid
    await asyncio.sleep(SETTLE_SECONDS)
    idle, starter_idle = tree_pss(pid), tree_pss(starter_pid)
    async with AsyncExitStack() as calls:
        for _ in range(CALLS):
            request = SessionRequest(pipeline=Pipeline.CASCADE)
            caller = await calls.enter_async_context(Traveller.call(stack.api_url, request))
            await caller.ready()
            await caller.sound(0.0)
        await asyncio.sleep(SETTLE_SECONDS)
        each = (tree_pss(pid) - idle) / CALLS
    async with starter.call(stack, Pipeline.CASCADE) as caller:
        await caller.ready()
        await caller.sound(0.0)
        await asyncio.sleep(SETTLE_SECONDS)
        starter_each = tree_pss(starter_pid) - starter_idle
    beside = "LiveKit's minimal starter"
    # What no worker with the local turn detector can do without: its weights, and the framework in the worker and in the
    # process that calls are forked from.
    least = 2 * await bare(FRAMEWORK) + await bare(f"{FRAMEWORK}; {DETECTOR}") - await bare(FRAMEWORK)
    return [
        Figure("memory, idle worker", (idle,), "MB", beside, (starter_idle,), 300, floor=(least,)),
        Figure("memory, each call", (each,), "MB", beside, (starter_each,), 70),
    ]


async def bare(imports: str) -> float:
    """Megabytes of a process that only imports something."""
    code = f"{imports}; import time; print('ready', flush=True); time.sleep(60)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        if process.stdout is not None:
            await process.stdout.readline()
        return tree_pss(process.pid)
    finally:
        process.kill()
        await process.wait()
