"""`polyglot call`: a synthetic traveller calls the assistant and prints what happened as JSON."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import typer

from cli.find import STATE_DIR, Target, target
from cli.stack.local import ANY_PORTS, LocalStack
from cli.traveller.audio import WavError, read_wav, synthesise, write_wav
from cli.traveller.caller import CallError, Traveller
from cli.traveller.script import CallReport, Utterance, play
from contracts.sessions import SessionRequest


def call(url: str | None, request: SessionRequest, **options: Any) -> None:  # noqa: ANN401 - as `_call` has them
    """See `polyglot call --help`."""
    try:
        report = asyncio.run(_call(target(url), request, **options))
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
            state_dir=STATE_DIR / "traveller",
            ports=ANY_PORTS,
            overrides={"EMULATOR_EARS": "clips", "EMULATOR_VOICE": "espeak-ng"},
        )

    async def __aenter__(self) -> str:
        await self._stack.start_emulator()
        return f"{self._stack.emulator_url}/v1"

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
