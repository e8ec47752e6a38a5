"""`polyglot run`: the whole assistant on this machine."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import typer
from pydantic import ValidationError

from agent.providers.choice import missing
from agent.settings import AgentSettings
from cli.find import STATE_DIR, user_environment
from cli.stack.local import LocalStack, StartError
from cli.traveller.caller import CallError, Traveller
from contracts.models import PROVIDER_VARIABLES
from contracts.problems import field_problems
from contracts.sessions import SessionRequest

UI_DIR = Path("ui/dist")
PROBE_SECONDS = 30.0
STATUS_SECONDS = 5.0


def run() -> None:
    """Start the media server, API, agent and page on loopback, and print one URL when a probe call was answered."""
    raise typer.Exit(asyncio.run(_run(UI_DIR.absolute() if UI_DIR.is_dir() else None)))


async def _run(ui_dir: Path | None) -> int:
    begun = time.monotonic()

    def progress(what: str) -> None:
        typer.echo(f"[{time.monotonic() - begun:5.1f} s] {what}")

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sig in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sig, stop.set)
    environ = user_environment()
    if problem := check_keys(environ):
        typer.echo(f"polyglot run: {problem}", err=True)
        return 2
    stack = LocalStack(
        state_dir=STATE_DIR.absolute(),
        environ=environ,
        ui_dir=ui_dir,
        progress=progress,
    )
    try:
        starting = asyncio.ensure_future(_start(stack, progress))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return 130
        starting.result()
        _welcome(stack, await _fare_sources(stack.api_url))
        return await _watch(stack, stop)
    except (StartError, CallError, httpx2.HTTPError) as error:
        typer.echo(f"polyglot run: {error}", err=True)
        return 1
    finally:
        await stack.aclose()


def check_keys(environ: dict[str, str]) -> str | None:
    """What is wrong with the user's own keys, before anything is started; None when nothing is."""
    if not environ.get("LIVEKIT_URL") and not environ.get("OPENAI_API_KEY"):
        return None
    filled = {
        "LIVEKIT_URL": "ws://127.0.0.1",
        "LIVEKIT_API_KEY": "generated",
        "LIVEKIT_API_SECRET": "generated-when-the-server-is-ours",
        "OPENAI_API_KEY": "emulator",
    }
    if environ.get("LIVEKIT_URL"):
        filled = {"OPENAI_API_KEY": "emulator"}
    prefixes = ("LIVEKIT_", "OPENAI_", "POLYGLOT_", *PROVIDER_VARIABLES)
    known = {name: value for name, value in environ.items() if name.startswith(prefixes)}
    try:
        settings = AgentSettings.model_validate({**filled, **known})
    except ValidationError as error:
        problems = field_problems(error.errors(include_input=False))
        return "; ".join(f"{problem.field}: {problem.problem}" for problem in problems)
    return "; ".join(missing(settings)) or None


async def _start(stack: LocalStack, progress: Callable[[str], None]) -> None:
    await stack.__aenter__()
    progress("calling the assistant")
    async with Traveller.call(stack.api_url, SessionRequest(locale="en")) as traveller:
        await traveller.ready(PROBE_SECONDS)
        await traveller.sound(0.0, PROBE_SECONDS)
    progress("the assistant answered")


async def _fare_sources(api_url: str) -> tuple[str, ...]:
    async with httpx2.AsyncClient(timeout=STATUS_SECONDS) as http:
        return tuple((await http.get(f"{api_url}/status")).json()["fare_sources"])


def _welcome(stack: LocalStack, sources: tuple[str, ...]) -> None:
    typer.echo("")
    typer.echo(f"  Polyglot is ready:  {stack.api_url}")
    if stack.lends_voice and not stack.uses_emulator:
        typer.echo("  The assistant's voice in a cascade is the emulator's: name another by POLYGLOT_SPEECH_MODEL.")
    if stack.uses_emulator:
        typer.echo("  Without OPENAI_API_KEY the model is an emulator on this machine, which hears and speaks eight")
        typer.echo("  languages. Put keys in .env for the real services.")
    if sources == ("sample",):
        typer.echo("  Flights are sample data; with DUFFEL_API_TOKEN in .env they are Duffel's.")
    else:
        typer.echo(f"  Flights come from: {', '.join(sources) or 'nowhere'}.")
    typer.echo(
        f"  The desk, for who runs it:  {stack.api_url}/desk  (its key: operator_key in {stack.state_dir / 'stack.json'})"
    )
    typer.echo(f"  Logs: {stack.state_dir / 'logs'}.  Ctrl-C ends everything.")


async def _watch(stack: LocalStack, stop: asyncio.Event) -> int:
    """Until Ctrl-C; a part that ends by itself ends the stack, and says why."""
    while not stop.is_set():
        for child in stack.children.values():
            if not child.running:
                typer.echo(f"polyglot run: {child.name} ended:\n{child.log_tail()}", err=True)
                return 1
        try:
            async with asyncio.timeout(0.5):
                await stop.wait()
        except TimeoutError:
            continue
    typer.echo("stopping")
    return 0
