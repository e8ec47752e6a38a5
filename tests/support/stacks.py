"""Building blocks of the end-to-end tests: stacks, fault injection, frozen parts."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from cli.stack.local import ANY_PORTS, LocalStack
from cli.traveller.audio import Samples
from cli.traveller.clips import known_speech

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artefacts"

CLEAN = {
    name: value for name in ("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME") if (value := os.environ.get(name))
}
"""The user's own keys must not reach a test's stack: nothing leaves the machine."""

COMPANY = "https://company.test"
"""A site with the widget that every stack lets in; a test's browser is told what it holds."""

MANY_CALLS = {
    "POLYGLOT_CORS_ORIGINS": COMPANY,
    "POLYGLOT_RATE_SESSIONS": "100000/minute",
    "POLYGLOT_RATE_TOKENS": "100000/minute",
    "POLYGLOT_RATE_SEARCHES": "100000/minute",
}
"""All tests call from one address, and some from another site."""


RATE = 2.5
"""The assistant speaks that many times as fast: most of a call is waiting until it has finished."""


def new_stack(tmp_path: Path, **options: Any) -> LocalStack:
    """A stack on free ports with fault injection, not yet started."""
    environ = (
        CLEAN
        | {
            "EMULATOR_SPEECH_RATE": str(RATE),
            "EMULATOR_WORLD": "zero",
            "EMULATOR_EARS": "clips",
            "EMULATOR_VOICE": "espeak-ng",
        }
        | options.pop("environ", {})
        | MANY_CALLS
    )
    return LocalStack(
        state_dir=tmp_path, ports=ANY_PORTS, environ=environ, ui_dir=ROOT / "ui" / "dist", faults=True, **options
    )


def keep_logs(stack: LocalStack, name: str) -> None:
    """Keep the parts' logs with the test's artefacts."""
    folder = ARTEFACTS / "logs" / "".join(char if char.isalnum() else "-" for char in name)
    folder.mkdir(parents=True, exist_ok=True)
    for log in (stack.state_dir / "logs").glob("*.log"):
        (folder / log.name).write_bytes(log.read_bytes())


@dataclass
class Emulator:
    """Control of a stack's emulator."""

    url: str

    async def fault(self, route: str, kind: str, **options: Any) -> None:
        """Make a route fail until healed; replaces earlier faults."""
        await self.faults([{"route": route, "kind": kind, **options}])

    async def faults(self, faults: list[dict[str, Any]]) -> None:
        """Several faults at once; replaces earlier ones."""
        async with httpx2.AsyncClient(timeout=5) as http:
            (await http.put(f"{self.url}/_control/faults", json=faults)).raise_for_status()

    async def slow(self, **milliseconds: int) -> None:
        """Answer later than it could until healed: `transcription_ms`, `first_token_ms`, `first_audio_ms`."""
        async with httpx2.AsyncClient(timeout=5) as http:
            (await http.put(f"{self.url}/_control/world", json=milliseconds)).raise_for_status()

    async def heal(self) -> None:
        """Take all faults and delays back."""
        async with httpx2.AsyncClient(timeout=5) as http:
            (await http.delete(f"{self.url}/_control/faults")).raise_for_status()
            (await http.put(f"{self.url}/_control/world", json={})).raise_for_status()


@asynccontextmanager
async def emulator_of(stack: LocalStack) -> AsyncIterator[Emulator]:
    """Control that heals at the end."""
    control = Emulator(stack.emulator_url)
    try:
        yield control
    finally:
        await control.heal()


async def at_own_pace(stack: LocalStack, text: str, voice: str = "echo", speed: float = 1.0) -> Samples:
    """What a caller says, as fast as people speak; made by the stack's emulator, which knows it from then on."""
    return await known_speech(stack.emulator_url, text, voice=voice, speed=speed / RATE)


Speech = Callable[..., Awaitable[Samples]]
StackFactory = Callable[..., AbstractAsyncContextManager[LocalStack]]


@asynccontextmanager
async def api_gone(stack: LocalStack) -> AsyncIterator[None]:
    """Stop the API; afterwards it runs again."""
    await stack.stop("api")
    try:
        yield
    finally:
        await stack.start_api()


@asynccontextmanager
async def api_with(stack: LocalStack, environ: dict[str, str]) -> AsyncIterator[None]:
    """Serve the API with these settings, and as before afterwards; cheaper than a stack of its own."""
    await stack.stop("api")
    stack.overrides = environ
    try:
        await stack.start_api()
        yield
    finally:
        await stack.stop("api")
        stack.overrides = {}
        await stack.start_api()


@contextlib.contextmanager
def frozen(stack: LocalStack, part: str) -> Iterator[None]:
    """Freeze a part: it takes connections and answers nothing."""
    pid = stack.children[part].process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
