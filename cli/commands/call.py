"""`polyglot call`: a synthetic traveller calls the assistant and prints what happened as JSON."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import httpx2
import typer

from cli.find import STATE_DIR, Target, target
from cli.stack.local import ANY_PORTS, LocalStack
from cli.traveller.audio import WavError, read_wav, synthesise, write_wav
from cli.traveller.caller import CallError, Traveller
from cli.traveller.script import CallReport, Utterance, play
from contracts.dispatch import Pipeline
from contracts.sessions import SessionRequest


def call(  # noqa: PLR0913, PLR0917 - one parameter for each option
    url: Annotated[str | None, typer.Argument(help="The API; by default the stack running here.")] = None,
    say: Annotated[list[str] | None, typer.Option(help="Say this; repeat for more turns.")] = None,
    wav: Annotated[
        list[Path] | None, typer.Option(help="Say this recording (16-bit WAV), after what --say says.")
    ] = None,
    text: Annotated[list[str] | None, typer.Option(help="Type this, after what is said.")] = None,
    lang: Annotated[str, typer.Option(help="Language to open in, or auto.")] = "auto",
    pipeline: Annotated[Pipeline | None, typer.Option(help="Pipeline of the session.")] = None,
    model: Annotated[str | None, typer.Option(help="Model of the session.")] = None,
    voice: Annotated[str, typer.Option(help="Voice of the traveller.")] = "echo",
    speed: Annotated[float, typer.Option(min=0.5, max=2.0, help="Speed of the traveller's speech.")] = 1.0,
    record: Annotated[Path | None, typer.Option(help="Write what was heard to this WAV file.")] = None,
) -> None:
    """Call the assistant as a traveller would, and print the transcript, cards and timings as JSON."""
    if not (say or wav or text):
        raise typer.BadParameter("nothing to say: give --say, --wav or --text")
    request = SessionRequest(language=lang, pipeline=pipeline, model=model)
    try:
        report = asyncio.run(
            _call(
                target(url),
                request,
                say=say or [],
                wavs=wav or [],
                typed=text or [],
                voice=(voice, speed),
                record=record,
            )
        )
    except (CallError, WavError, OSError) as error:
        typer.echo(f"polyglot call: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(report.model_dump_json(indent=2))
    raise typer.Exit(0 if report.ok else 1)


async def _call(  # noqa: PLR0913 - the options, grouped
    where: Target,
    request: SessionRequest,
    *,
    say: list[str],
    wavs: list[Path],
    typed: list[str],
    voice: tuple[str, float],
    record: Path | None,
) -> CallReport:
    async with AsyncExitStack() as stack:
        speech_url = where.speech_url
        if say and not speech_url:
            speech_url = await stack.enter_async_context(lent_voice())
        utterances = [await _spoken(text, speech_url, voice) for text in say]
        utterances += [Utterance(text=path.name, samples=read_wav(path.read_bytes())) for path in wavs]
        utterances += [Utterance(text=text) for text in typed]
        microphone = any(utterance.samples is not None for utterance in utterances)
        traveller = await stack.enter_async_context(Traveller.call(where.api_url, request, microphone=microphone))
        report = await play(traveller, utterances)
        if record is not None:
            write_wav(record, traveller.ear.recording())
        return report


async def _spoken(text: str, speech_url: str, voice: tuple[str, float]) -> Utterance:
    try:
        samples = await synthesise(text, speech_url=speech_url, voice=voice[0], speed=voice[1])
    except httpx2.HTTPError as error:
        raise CallError(f"the traveller has no voice: {speech_url} answered {error}") from error
    return Utterance(text=text, samples=samples)


class lent_voice:  # noqa: N801 - used as a function
    """An emulator of its own for the traveller's voice, where the called stack offers none."""

    def __init__(self) -> None:
        self._stack = LocalStack(
            state_dir=STATE_DIR / "traveller", ports=ANY_PORTS, overrides={"EMULATOR_EARS": "clips"}
        )

    async def __aenter__(self) -> str:
        await self._stack.start_emulator()
        return f"{self._stack.emulator_url}/v1"

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
