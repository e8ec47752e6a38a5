"""How long the engine takes: the program, beside a flat one that works nothing out (`baselines`).

The flat one registers the very resources of the program, with known inputs, all at once: it tells what the SDKs and the
plugins take, and the target is a multiple of its time.

`python -m offline.bench --stack prod` prints a table; times are wall-clock seconds. Each time is taken in a fresh
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

from offline import preview
from offline.backend import Backend
from offline.baselines import Resource, flat
from offline.places import ROOT, keep_bytecode
from offline.planned import Collector
from offline.workspace import Engine, StackFile

RATIO: Final = 1.3
"""How many times the flat program's time the program may take."""
LIMITS: Final = {"preview": 6.0, "up": 20.0, "settings error": 1.0, "polyglot --help": 0.5}
"""Seconds."""
LONGEST: Final = 600.0
"""Seconds after which a run is given up."""

Command = Literal["preview", "up"]


@dataclass(frozen=True)
class Run:
    """One run of the engine."""

    seconds: float
    resources: tuple[Resource, ...]
    """Everything registered."""


@dataclass(frozen=True)
class Figure:
    """One line of the table; seconds."""

    name: str
    program: float
    limit: float
    flat: float | None = None

    @property
    def ratio(self) -> float | None:
        """The program's time as a multiple of the flat program's."""
        return self.program / self.flat if self.flat else None

    @property
    def met(self) -> bool:
        """Whether the targets are met."""
        return self.program <= self.limit and (self.ratio is None or round(self.ratio, 2) <= RATIO)


def once(stack: str, command: Command, baseline: Sequence[Resource]) -> Run:
    """Run the engine on a new stack, here: the program, or a flat one of such resources."""
    file = StackFile.read(stack)
    environment = preview.account(file)
    with tempfile.TemporaryDirectory(prefix="polyglot-bench-") as folder, Backend() as backend:
        program = flat(baseline) if baseline else preview.program()
        settings = StackFile(file.project, {}) if baseline else file
        made = Engine(Path(folder), backend).stack("bench", program, file=settings, environment=environment)
        collector = Collector()
        begun = time.monotonic()
        if command == "preview":
            made.preview(on_event=collector.take)
        else:
            made.up(on_event=collector.take)
        seconds = time.monotonic() - begun
    return Run(seconds, tuple(Resource(item.type, item.name, dict(item.props)) for item in collector.resources))


def _afresh(stack: str, command: Command, baseline: Sequence[Resource] = ()) -> Run:
    """The same in a fresh Python, which gets the baseline on its standard input."""
    call = [sys.executable, "-m", "offline.bench", "--stack", stack, "--once", command]
    given = [asdict(item) for item in baseline]
    done = subprocess.run(  # noqa: S603 - our own code
        call, input=json.dumps(given), stdout=subprocess.PIPE, text=True, timeout=LONGEST, check=True, cwd=ROOT
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return Run(found["seconds"], tuple(Resource(**item) for item in found["resources"]))


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


def _help() -> float:
    """The help of every command of `polyglot`, each in a fresh Python; seconds of the slowest."""
    slowest = 0.0
    for words in ((), ("run",), ("call",), ("doctor",), ("cost",), ("config", "check"), ("keys",), ("secrets",)):
        begun = time.monotonic()
        subprocess.run(  # noqa: S603 - our own code
            [Path(sys.executable).with_name("polyglot"), *words, "--help"],
            capture_output=True,
            timeout=LONGEST,
            check=True,
            cwd=ROOT,
        )
        slowest = max(slowest, time.monotonic() - begun)
    return slowest


def measure(stack: str, rounds: int) -> tuple[int, list[Figure]]:
    """How many resources the stack has, and what was found. The programs take turns."""
    # This one is not counted: it fills caches that all others then find, and tells all inputs.
    recorded = _afresh(stack, "up").resources
    best: dict[tuple[Command, str], float] = {}
    commands: tuple[Command, ...] = ("preview", "up")
    baselines: dict[str, tuple[Resource, ...]] = {"flat": recorded, "program": ()}
    for _ in range(rounds):
        for command in commands:
            for name, baseline in baselines.items():
                run = _afresh(stack, command, baseline)
                if len(run.resources) != len(recorded) and name != "flat":  # the flat one looks nothing up
                    raise RuntimeError(f"{command}: {len(run.resources)} resources, not {len(recorded)}")
                best[command, name] = min(run.seconds, best.get((command, name), run.seconds))
    figures = [
        Figure(command, best[command, "program"], LIMITS[command], best[command, "flat"]) for command in commands
    ]
    wrong = min(_settings_error() for _ in range(rounds + 1))
    told = min(_help() for _ in range(rounds + 1))
    others = {"settings error": wrong, "polyglot --help": told}
    return len(recorded), [*figures, *(Figure(name, seconds, LIMITS[name]) for name, seconds in others.items())]


def table(stack: str, resources: int, figures: Sequence[Figure]) -> Iterator[str]:
    """The figures as lines of text."""
    yield f"Pulumi program of {stack} on the real engine, {resources} resources; beside a flat program of the very same"
    yield f"{'':16}{'program':>10}{'flat':>10}{'ratio':>8}   target"
    for figure in figures:
        ratio = f"{figure.ratio:.2f}" if figure.ratio else "-"
        beside = f"{figure.flat:.1f} s" if figure.flat else "-"
        target = f"<= {figure.limit:g} s" + (f", ratio <= {RATIO}" if figure.ratio else "")
        verdict = "met" if figure.met else "MISSED"
        yield f"{figure.name:16}{figure.program:>8.1f} s{beside:>10}{ratio:>8}   {target}: {verdict}"


def main() -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m offline.bench", description="Measure the Pulumi program.")
    parser.add_argument("--stack", default="prod", help="the stack to measure (default: prod)")
    parser.add_argument("--rounds", type=int, default=2, help="how often; the best counts (default: 2)")
    parser.add_argument("--once", choices=("preview", "up"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    keep_bytecode()
    if options.once:
        run = once(options.stack, options.once, [Resource(**item) for item in json.loads(sys.stdin.read())])
        sys.stdout.write(json.dumps(asdict(run)) + "\n")
        return 0
    resources, figures = measure(options.stack, options.rounds)
    sys.stdout.write("\n".join(table(options.stack, resources, figures)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
