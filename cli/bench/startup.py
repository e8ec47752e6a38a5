"""Start-up of `make run`: warm in this checkout, cold in a fresh clone with empty caches."""

import asyncio
import os
import re
import signal
import tempfile
import time
from pathlib import Path

from cli.bench.figures import Figure
from cli.stack.local import ANY_PORTS, LocalStack

READY = "Polyglot is ready"
STEP = re.compile(r"\[\s*(\d+) s\] (livekit-server): (ready)")


async def warm(count: int) -> Figure:
    """`make run` to the first spoken answer, beside the media server's start alone."""
    values = [(await _make_run(Path.cwd(), {}))[0] for _ in range(count)]
    baseline = [await _media_alone() for _ in range(count)]
    return Figure("make run, warm", tuple(values), "s", "media server alone", tuple(baseline), 15)


async def cold() -> Figure:
    """The same in a fresh clone with empty caches, beside building the media server alone."""
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
    """Seconds until the URL is printed, and what was printed."""
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
    if process.stdout is not None:
        async for raw in process.stdout:
            lines.append(raw.decode(errors="replace"))
            if READY in lines[-1]:
                seconds = time.monotonic() - begun
                break
    os.killpg(process.pid, signal.SIGINT)
    await process.communicate()
    if not seconds:
        raise RuntimeError("make run did not come up:\n" + "".join(lines[-20:]))
    return seconds, "".join(lines)


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
