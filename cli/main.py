"""The `polyglot` command: what can be asked of it. What answers is loaded when it is asked, as it may take seconds."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.commands.cost import cost
from cli.commands.keys import keys
from cli.commands.secrets import secrets

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Polyglot: an open voice assistant for flights.")
config = typer.Typer(no_args_is_help=True, help="Settings of the agent.")

Url = Annotated[str | None, typer.Argument(help="The API; by default the stack running here.")]
PipelineName = Literal["realtime", "cascade", "text"]


@app.command()
def run() -> None:
    """Start the media server, API, agent and page on loopback, and print one URL when a probe call was answered."""
    from cli.commands import run as command  # noqa: PLC0415

    command.run()


@app.command()
def call(  # noqa: PLR0913, PLR0917 - one parameter for each option
    url: Url = None,
    say: Annotated[list[str] | None, typer.Option(help="Say this; repeat for more turns.")] = None,
    wav: Annotated[
        list[Path] | None, typer.Option(help="Say this recording (16-bit WAV), after what --say says.")
    ] = None,
    text: Annotated[list[str] | None, typer.Option(help="Type this, after what is said.")] = None,
    lang: Annotated[str, typer.Option(help="Language to open in, or auto.")] = "auto",
    pipeline: Annotated[PipelineName | None, typer.Option(help="Pipeline of the session.")] = None,
    model: Annotated[str | None, typer.Option(help="Model of the session.")] = None,
    voice: Annotated[str, typer.Option(help="Voice of the traveller.")] = "echo",
    speed: Annotated[float, typer.Option(min=0.5, max=2.0, help="Speed of the traveller's speech.")] = 1.0,
    record: Annotated[Path | None, typer.Option(help="Write what was heard to this WAV file.")] = None,
) -> None:
    """Call the assistant as a traveller would, and print the transcript, cards and timings as JSON."""
    if not (say or wav or text):
        raise typer.BadParameter("nothing to say: give --say, --wav or --text")
    from cli.commands import call as command  # noqa: PLC0415
    from contracts.dispatch import Pipeline  # noqa: PLC0415
    from contracts.sessions import SessionRequest  # noqa: PLC0415

    asked = SessionRequest(language=lang, pipeline=Pipeline(pipeline) if pipeline else None, model=model)
    command.call(url, asked, say=say or [], wavs=wav or [], typed=text or [], voice=(voice, speed), record=record)


@app.command()
def doctor(
    url: Url = None,
    stack: Annotated[str | None, typer.Option(help="A deployed stack, found by its outputs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check every link from the page to the spoken answer."""
    from cli.commands import doctor as command  # noqa: PLC0415

    command.doctor(url, stack, as_json=as_json)


@app.command()
def rooms(url: Url = None) -> None:
    """List open rooms with their age, people and agents."""
    from cli.commands import rooms as command  # noqa: PLC0415

    command.rooms(url)


@app.command()
def bench(
    turns: Annotated[int, typer.Option(min=2, help="Turns for each answer latency.")] = 30,
    stops: Annotated[int, typer.Option(min=2, help="Stops of each kind.")] = 20,
    joins: Annotated[int, typer.Option(min=2, help="Calls, one after another, for joining.")] = 15,
    cold: Annotated[bool, typer.Option(help="Also a cold start in a fresh clone; takes minutes.")] = False,
) -> None:
    """Measure latencies, memory and start-up; takes about 15 minutes."""
    from cli.commands import bench as command  # noqa: PLC0415

    command.bench(turns, stops, joins, cold=cold)


@config.callback()
def _group() -> None:
    """Keep `check` a sub-command while it is the only one."""


@config.command()
def check(
    offline: Annotated[
        bool, typer.Option(help="Ask no service: names and shutdown dates by the registry and the installed SDK only.")
    ] = False,
) -> None:
    """Check each configured model and voice; exits with 1 when one is not known or is switched off within 30 days."""
    from cli.commands import config as command  # noqa: PLC0415

    command.check(offline=offline)


app.command()(cost)
app.add_typer(config, name="config")
app.add_typer(keys, name="keys")
app.add_typer(secrets, name="secrets")
