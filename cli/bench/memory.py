"""Memory of the agent: proportional set size of a whole process tree, so that shared pages count once."""

import asyncio
import sys
import time
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
MANY_CALLS = 200
AT_ONCE = 5
"""Of them at a time: so many are begun and ended by as many callers, one after the other."""
WAITED_MOST = 30.0
GREW_MOST = 2.0
"""Percent."""
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
    # What no worker with the local turn detector can do without, once: the process that calls are forked from shares its own.
    least = await bare(f"{FRAMEWORK}; {DETECTOR}")
    return [
        Figure("memory, idle worker", (idle,), "MB", beside, (starter_idle,), 300, floor=(least,)),
        Figure("memory, each call", (each,), "MB", beside, (starter_each,), 70),
    ]


async def growth(stack: LocalStack) -> Figure:
    """What an idle worker holds more after many calls, in percent; beside what it holds more after waiting as long."""
    pid = stack.children["agent"].process.pid
    await _call_and_leave(stack, AT_ONCE)  # what the first calls load for all
    await asyncio.sleep(SETTLE_SECONDS)
    before, begun = tree_pss(pid), time.monotonic()
    await asyncio.gather(*(_call_and_leave(stack, MANY_CALLS // AT_ONCE) for _ in range(AT_ONCE)))
    seconds = time.monotonic() - begun
    await asyncio.sleep(SETTLE_SECONDS)
    after = tree_pss(pid)
    await asyncio.sleep(min(seconds, WAITED_MOST))
    waited = tree_pss(pid)
    return Figure(
        f"memory, idle worker after {MANY_CALLS} calls, more",
        (_more(after, before),),
        "%",
        "after waiting",
        (max(_more(waited, after), 0.01),),
        GREW_MOST,
    )


async def _call_and_leave(stack: LocalStack, calls: int) -> None:
    """Begin so many calls, one after the other, hear the assistant, and leave each."""
    for _ in range(calls):
        async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
            await caller.ready()
            await caller.sound(0.0)


def _more(now: float, before: float) -> float:
    return 100 * (now / before - 1)


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
