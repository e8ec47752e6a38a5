"""How long the engine takes: the program, beside an empty program that registers as many resources.

`python -m infra.offline.bench --stack prod` prints one JSON document; times are wall-clock seconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra.offline import preview
from infra.offline.backend import Backend
from infra.offline.places import ROOT
from infra.offline.planned import Collector
from infra.offline.workspace import Engine, Program, StackFile

PROVIDER = "pulumi:providers:"


@dataclass(frozen=True)
class Run:
    """One program: how many resources, and the seconds for `preview` and `up` of a new stack."""

    resources: int
    preview: float
    up: float


@dataclass(frozen=True)
class Figures:
    """What `measure` found."""

    stack: str
    program: Run
    empty: Run
    settings_error: float
    """Seconds from the start of Python until a mistake in the settings is told."""

    @property
    def ratios(self) -> dict[str, float]:
        """The program's times as multiples of the empty program's."""
        return {
            "preview": round(self.program.preview / self.empty.preview, 2),
            "up": round(self.program.up / self.empty.up, 2),
        }


def empty(components: int, resources: int, plugins: Sequence[str]) -> Program:
    """A program that starts the same plugins and registers as many components and resources, and works nothing out."""

    def program() -> None:
        for plugin in plugins:
            pulumi.ProviderResource(plugin, plugin)
        for number in range(components):
            pulumi.ComponentResource("polyglot:empty:Component", f"component-{number}")
        for number in range(resources):
            aws.ssm.Parameter(f"resource-{number}", type="String", value=str(number))

    return program


def _timed(engine: Engine, name: str, program: Program, file: StackFile, environment: dict[str, str]) -> Run:
    stack = engine.stack(name, program, file=file, environment=environment)
    collector = Collector()
    begun = time.monotonic()
    stack.preview(on_event=collector.take)
    previewed = time.monotonic()
    stack.up(suppress_progress=True)
    done = time.monotonic()
    return Run(len(collector.resources), round(previewed - begun, 2), round(done - previewed, 2))


def _settings_error() -> float:
    """Read a wrong setting in a fresh Python, as the engine would when it starts the program."""
    code = "from infra.settings import parse; parse({'environment': 'nonsense'})"
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    seconds = time.monotonic() - begun
    if "polyglot:environment" not in done.stderr:
        raise RuntimeError("the mistake in the settings was not told")
    return round(seconds, 2)


def measure(stack: str = "prod") -> Figures:
    """Measure a stack on fresh state; the empty program goes first, so that neither warms anything for the other."""
    file = StackFile.read(stack)
    environment = preview.account(file)
    with tempfile.TemporaryDirectory(prefix="polyglot-bench-") as folder, Backend() as backend:
        engine = Engine(Path(folder), backend)
        program = preview.program()
        counted = Collector()
        engine.stack("count", program, file=file, environment=environment).preview(on_event=counted.take)
        types = [item.type for item in counted.resources]
        components = sum(type_.startswith("polyglot:") for type_ in types)
        started = [type_.removeprefix(PROVIDER) for type_ in types if type_.startswith(PROVIDER)]
        plugins = sorted(set(started) - {"pulumi"})
        others = (
            len(types) - components - len(plugins) - 2
        )  # the stack, and the provider that the parameters bring along
        nothing = empty(components, others, plugins)
        bare = _timed(engine, "empty", nothing, StackFile(file.project, {}), environment)
        full = _timed(engine, stack, program, file, environment)
    return Figures(stack, full, bare, _settings_error())


def main() -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.offline.bench", description="Measure the Pulumi program.")
    parser.add_argument("--stack", default="prod", help="the stack to measure (default: prod)")
    figures = measure(parser.parse_args().stack)
    sys.stdout.write(json.dumps({**asdict(figures), "ratios": figures.ratios}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
