"""How long the engine takes: the program, beside an empty program that registers as many resources.

`python -m infra.offline.bench --stack prod` prints a table; times are wall-clock seconds. Each time is taken in a fresh
Python on a new stack, as an operator's is, so that it has the loading of the SDKs in it; the best of `--rounds` counts.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import pulumi
import pulumi_aws as aws

from infra.offline import preview
from infra.offline.backend import Backend
from infra.offline.places import ROOT, keep_bytecode
from infra.offline.planned import Collector
from infra.offline.workspace import Engine, Program, StackFile

PROVIDER: Final = "pulumi:providers:"
RATIO: Final = 1.3
"""How many times the empty program's time the program may take."""
LIMITS: Final = {"preview": 12.0, "up": 90.0, "settings error": 1.0}
"""Seconds."""
LONGEST: Final = 600.0
"""Seconds after which a run is given up."""

Command = Literal["preview", "up"]


@dataclass(frozen=True)
class Shape:
    """What a program registers, by kind, beside the stack itself and the provider that the empty program's types need."""

    components: int
    others: int
    plugins: tuple[str, ...]

    @classmethod
    def of(cls, types: Sequence[str]) -> "Shape":
        """The shape of a program that registers resources of these types."""
        components = sum(type_.startswith("polyglot:") for type_ in types)
        started = {type_.removeprefix(PROVIDER) for type_ in types if type_.startswith(PROVIDER)}
        plugins = tuple(sorted(started - {"pulumi"}))
        return cls(components, len(types) - components - len(plugins) - 2, plugins)

    def program(self) -> Program:
        """A program that starts the same plugins and registers as many of each, and works nothing out."""

        def run() -> None:
            for plugin in self.plugins:
                pulumi.ProviderResource(plugin, plugin)
            for number in range(self.components):
                pulumi.ComponentResource("polyglot:empty:Component", f"component-{number}")
            for number in range(self.others):
                aws.ssm.Parameter(f"resource-{number}", type="String", value=str(number))

        return run


@dataclass(frozen=True)
class Run:
    """One run of the engine."""

    seconds: float
    types: tuple[str, ...]
    """Of everything registered."""


@dataclass(frozen=True)
class Figure:
    """One line of the table; seconds."""

    name: str
    program: float
    limit: float
    empty: float | None = None

    @property
    def ratio(self) -> float | None:
        """The program's time as a multiple of the empty program's."""
        return self.program / self.empty if self.empty else None

    @property
    def met(self) -> bool:
        """Whether the targets are met."""
        return self.program <= self.limit and (self.ratio is None or round(self.ratio, 2) <= RATIO)


def once(stack: str, command: Command, shape: Shape | None) -> Run:
    """Run the engine on a new stack, here; the program's, unless the shape of an empty one is given."""
    file = StackFile.read(stack)
    environment = preview.account(file)
    with tempfile.TemporaryDirectory(prefix="polyglot-bench-") as folder, Backend() as backend:
        program = shape.program() if shape else preview.program()
        settings = StackFile(file.project, {}) if shape else file
        made = Engine(Path(folder), backend).stack("bench", program, file=settings, environment=environment)
        collector = Collector()
        begun = time.monotonic()
        if command == "preview":
            if not shape:
                preview.load_ahead(file)  # `make preview` does so sooner, before there is a stack
            made.preview(on_event=collector.take)
        else:
            made.up(on_event=collector.take)
        seconds = time.monotonic() - begun
    return Run(seconds, tuple(item.type for item in collector.resources))


def _afresh(stack: str, command: Command, shape: Shape | None = None) -> Run:
    """The same in a fresh Python."""
    call = [sys.executable, "-m", "infra.offline.bench", "--stack", stack, "--once", command]
    if shape:
        call += ["--shape", json.dumps(asdict(shape))]
    done = subprocess.run(  # noqa: S603 - our own code
        call, stdout=subprocess.PIPE, text=True, timeout=LONGEST, check=True, cwd=ROOT
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return Run(found["seconds"], tuple(found["types"]))


def _settings_error() -> float:
    """Read a wrong setting in a fresh Python, as the engine would when it starts the program; seconds."""
    code = "from infra.settings import parse; parse({'environment': 'nonsense'})"
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
        cwd=ROOT,
    )
    seconds = time.monotonic() - begun
    if "polyglot:environment" not in done.stderr:
        raise RuntimeError("the mistake in the settings was not told")
    return seconds


def measure(stack: str, rounds: int) -> tuple[int, list[Figure]]:
    """How many resources the stack has, and what was found. The two programs take turns."""
    types = _afresh(stack, "preview").types  # this one is not counted: it fills caches that all others then find
    shape = Shape.of(types)
    best: dict[tuple[Command, bool], float] = {}
    commands: tuple[Command, ...] = ("preview", "up")
    for _ in range(rounds):
        for command in commands:
            for empty in (True, False):
                run = _afresh(stack, command, shape if empty else None)
                if len(run.types) != len(types):
                    raise RuntimeError(f"{command}: {len(run.types)} resources, not {len(types)}")
                best[command, empty] = min(run.seconds, best.get((command, empty), run.seconds))
    figures = [Figure(command, best[command, False], LIMITS[command], best[command, True]) for command in commands]
    wrong = min(_settings_error() for _ in range(rounds + 1))
    return len(types), [*figures, Figure("settings error", wrong, LIMITS["settings error"])]


def table(stack: str, resources: int, figures: Sequence[Figure]) -> Iterator[str]:
    """The figures as lines of text."""
    yield f"Pulumi program of {stack} on the real engine, {resources} resources; beside an empty program with as many"
    yield f"{'':16}{'program':>10}{'empty':>10}{'ratio':>8}   target"
    for figure in figures:
        empty = f"{figure.empty:.1f} s" if figure.empty else "-"
        ratio = f"{figure.ratio:.2f}" if figure.ratio else "-"
        target = f"<= {figure.limit:.0f} s" + (f", ratio <= {RATIO}" if figure.ratio else "")
        verdict = "met" if figure.met else "MISSED"
        yield f"{figure.name:16}{figure.program:>8.1f} s{empty:>10}{ratio:>8}   {target}: {verdict}"


def main() -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.offline.bench", description="Measure the Pulumi program.")
    parser.add_argument("--stack", default="prod", help="the stack to measure (default: prod)")
    parser.add_argument("--rounds", type=int, default=2, help="how often; the best counts (default: 2)")
    parser.add_argument("--once", choices=("preview", "up"), help=argparse.SUPPRESS)
    parser.add_argument("--shape", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    keep_bytecode()
    if options.once:
        shape = Shape(**options.shape) if options.shape else None
        sys.stdout.write(json.dumps(asdict(once(options.stack, options.once, shape))) + "\n")
        return 0
    resources, figures = measure(options.stack, options.rounds)
    sys.stdout.write("\n".join(table(options.stack, resources, figures)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
