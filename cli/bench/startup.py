"""Start-up of `make run` to the first spoken answer: warm in this checkout, cold in a fresh clone with empty caches."""

import asyncio
import contextlib
import os
import re
import signal
import tempfile
import time
from pathlib import Path

from cli.bench.figures import Figure
from cli.find import StackFile
from cli.stack.local import ANY_PORTS, LocalStack
from cli.traveller.audio import synthesise
from cli.traveller.caller import Traveller
from contracts.sessions import SessionRequest

READY = "Polyglot is ready"
STATE = ".polyglot/stack.json"
QUESTION = "Find me a flight from Madrid to Berlin tomorrow"
STEP = re.compile(r"\[\s*(\d+) s\] (livekit-server): (ready)")


async def warm(count: int) -> Figure:
    """In this checkout, beside the media server's start alone."""
    values = [(await _make_run(Path.cwd(), {}))[0] for _ in range(count)]
    baseline = [await _media_alone() for _ in range(count)]
    return Figure("make run, warm", tuple(values), "s", "media server alone", tuple(baseline), 15)


async def cold() -> Figure:
    """In a fresh clone with empty caches, beside building the media server alone."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        git = await asyncio.create_subprocess_exec("git", "clone", "-q", str(Path.cwd()), str(clone))
        await git.wait()
        caches = {name: f"{folder}/{name.lower()}" for name in ("XDG_CACHE_HOME", "GOMODCACHE", "GOCACHE")}
        seconds, output = await _make_run(
            clone, {**caches, "GOFLAGS": "-modcacherw", "npm_config_cache": f"{folder}/npm"}
        )
    built = STEP.search(output)
    baseline = float(built.group(1)) if built else seconds
    return Figure("make run, cold", (seconds,), "s", "building the media server alone", (baseline,), 300)


async def _make_run(folder: Path, env: dict[str, str]) -> tuple[float, str]:
    """Seconds until the first spoken answer to a spoken question, and what was printed."""
    clean = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")}
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        "make",
        "run",
        cwd=folder,
        env={**clean, **env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    lines: list[str] = []
    seconds = 0.0
    try:
        while process.stdout is not None and (raw := await process.stdout.readline()):
            lines.append(raw.decode(errors="replace"))
            if READY in lines[-1]:
                await _first_answer(StackFile.model_validate_json((folder / STATE).read_text(encoding="utf-8")))
                seconds = time.monotonic() - begun
                break
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        await process.communicate()
    if not seconds:
        raise RuntimeError("make run did not come up:\n" + "".join(lines[-20:]))
    return seconds, "".join(lines)


async def _first_answer(stack: StackFile) -> None:
    """Ask aloud, as somebody would who does not wait for the greeting to end, and wait for the answer's first sound."""
    samples = await synthesise(QUESTION, speech_url=f"{stack.emulator_url}/v1")
    async with Traveller.call(stack.api_url, SessionRequest()) as caller:
        await caller.ready()
        await caller.hush()
        asked = await caller.say(samples)
        await caller.cards(asked - 1)
        await caller.sound(asked)


async def _media_alone() -> float:
    with tempfile.TemporaryDirectory() as folder:
        stack = LocalStack(state_dir=Path(folder), ports=ANY_PORTS, environ={"PATH": os.environ["PATH"]})
        stack.api_url = "http://127.0.0.1:9"
        stack.livekit_key, stack.livekit_secret = "bench", "bench-secret-of-more-than-32-bytes!!"
        begun = time.monotonic()
        try:
            await stack.start_media()
            return time.monotonic() - begun
        finally:
            await stack.aclose()
