"""`python -m offline.preview --stack prod`: what `pulumi up` would make, on a machine with nothing but Python.

The engine is the real one and the state is in a real S3 backend; provider plugins that are not installed are stood in
for, and it says which. Exit codes: 0; 1 when the program or the preview fails; 2 when a mandatory rule is broken.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.automation.errors import CommandError

from infra.engine import MissingCliError
from infra.settings import SettingsError, of_file
from offline import history, places
from offline.backend import Backend, BackendError
from offline.planned import Collector, Planned, tree
from offline.workspace import Engine, Program, StackFile

ACCOUNT = "POLYGLOT_STANDIN_ACCOUNT"


@dataclass(frozen=True)
class Judgement:
    """The policy pack's verdict as text, and whether a mandatory rule is broken."""

    text: str
    refused: bool


Judge = Callable[[Sequence[Planned], Mapping[str, Any]], Judgement]
"""Takes the resources and the stack's raw configuration."""
Pricer = Callable[[str, Mapping[str, Any]], str]
"""Takes the stack's name and its raw configuration; gives the report."""


@dataclass(frozen=True)
class Outcome:
    """Everything that a preview found."""

    resources: Sequence[Planned]
    difference: history.Difference
    judgement: Judgement
    price: str
    errors: Sequence[str]
    seconds: float

    @property
    def code(self) -> int:
        """The exit code."""
        return 1 if self.errors else 2 if self.judgement.refused else 0


def judge(resources: Sequence[Planned], config: Mapping[str, Any]) -> Judgement:
    """The rules in `infra.policies` over what was planned."""
    from infra.policies.core import Resource  # noqa: PLC0415 - not needed when the preview fails
    from offline.verdict import verdict  # noqa: PLC0415

    environment = str(config.get("polyglot:environment", "prod"))
    guard = config.get("polyglot:guard")
    destroyable = isinstance(guard, dict) and str(guard.get("allow_destroy")).lower() == "true"
    found = verdict(
        [Resource(item.urn, item.type, item.name, item.props, item.protect) for item in resources],
        environment,
        destroyable=destroyable,
    )
    return Judgement(str(found), found.refused)


def price(stack: str, config: Mapping[str, Any]) -> str:
    """The monthly price by `infra.costs`."""
    return str(importlib.import_module("infra.costs").report(stack, config))


def program() -> Program:
    """The Pulumi program."""

    def run() -> None:
        importlib.import_module("infra.program").main()

    return run


class Previewer:
    """A preview from start to end; `say` gets a line for each step."""

    def __init__(self, say: Callable[[str], None], judge: Judge = judge, price: Pricer = price) -> None:
        self._say = say
        self._judge = judge
        self._price = price
        self._started = time.monotonic()

    def _step(self, text: str) -> None:
        self._say(f"[{time.monotonic() - self._started:5.1f} s] {text}")

    def run(self, stack: str, run: Program, file: StackFile, kept: Path) -> Outcome:
        """Preview a program; `kept` is where the last preview is."""
        with tempfile.TemporaryDirectory(prefix="polyglot-preview-") as folder, Backend() as backend:
            engine = Engine(Path(folder), backend)
            self._say(note(engine))
            self._step(f"state: {backend.url.partition('?')[0]} on a local S3 server")
            collector = Collector()
            errors = self._plan(engine, stack, run, file, collector)
        resources = collector.resources
        if errors:
            return Outcome(resources, history.Difference(first=True), Judgement("", refused=False), "", errors, 0.0)
        difference = history.compare(kept, resources)
        self._step("checking the rules")
        judgement = self._judge(resources, file.config)
        self._step("reckoning the price")
        text = self._price(stack, file.config)
        seconds = time.monotonic() - self._started
        return Outcome(resources, difference, judgement, text, (), seconds)

    def _plan(self, engine: Engine, stack: str, run: Program, file: StackFile, collector: Collector) -> Sequence[str]:
        made = engine.stack(stack, run, file=file, environment=account(file))
        self._step(f"the engine previews {stack}")
        try:
            made.preview(on_event=collector.take)
        except CommandError as error:
            return collector.errors or [str(error)]
        self._step(f"{len(collector.resources)} resources planned")
        return ()


def account(file: StackFile) -> dict[str, str]:
    """The stand-in for AWS answers as the account that the stack names, unless the environment says otherwise."""
    section = file.config.get("polyglot:aws")
    named = str(section["account"]) if isinstance(section, dict) and "account" in section else ""
    chosen = os.environ.get(ACCOUNT) or named
    return {ACCOUNT: chosen} if chosen else {}


def note(engine: Engine) -> str:
    """Which plugins are stood in for."""
    lines = []
    if engine.standins:
        names = ", ".join(engine.standins)
        lines.append(
            f"Note: {names}: stand-ins (the real plugin is not installed). They check inputs against the SDK's"
        )
        lines.append("      annotations and pretend the cloud's answers; nothing is sent to any account.")
    if engine.real:
        lines.append(f"Note: {', '.join(sorted(engine.real))}: the real plugin, talking to a local server.")
    return "\n".join(lines)


def report(outcome: Outcome) -> str:
    """An outcome as text."""
    if outcome.errors:
        return "\n".join(["The preview failed:", *outcome.errors])
    counts: dict[str, int] = {}
    for item in outcome.resources:
        counts[item.operation] = counts.get(item.operation, 0) + 1
    total = ", ".join(f"{number} to {operation}" for operation, number in sorted(counts.items()))
    since = "There was no preview before this one." if outcome.difference.first else "Nothing."
    return "\n".join(
        [
            "",
            "Resources",
            *tree(outcome.resources),
            f"{len(outcome.resources)} resources: {total}",
            "",
            "Since the last preview",
            *(outcome.difference.lines or (since,)),
            "",
            "Rules",
            outcome.judgement.text,
            "",
            "Price",
            outcome.price,
            "",
            f"Done in {outcome.seconds:.1f} s.",
        ]
    )


def as_json(outcome: Outcome) -> str:
    """An outcome for machines."""
    resources = [
        {"urn": item.urn, "type": item.type, "operation": item.operation, "inputs": item.props}
        for item in outcome.resources
    ]
    return json.dumps(
        {
            "resources": resources,
            "since_last_preview": list(outcome.difference.lines),
            "policy": {"refused": outcome.judgement.refused, "text": outcome.judgement.text},
            "price": outcome.price,
            "errors": list(outcome.errors),
            "seconds": round(outcome.seconds, 1),
        },
        indent=1,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m offline.preview", description=__doc__.partition("\n")[0])
    parser.add_argument("--stack", default="staging", help="the stack to preview (default: staging)")
    parser.add_argument("--json", action="store_true", help="print one JSON document; steps go to standard error")
    options = parser.parse_args(arguments)
    progress = sys.stderr if options.json else sys.stdout

    def say(text: str) -> None:
        print(text, file=progress, flush=True)

    places.keep_bytecode()
    try:
        file = StackFile.read(options.stack)
        # Told at once and once: no engine is started for settings that are wrong.
        of_file(file.config, options.stack)
        kept = places.PREVIEWS / f"{options.stack}.json"
        outcome = Previewer(say).run(options.stack, program(), file, kept)
    except FileNotFoundError:
        say(f"There is no stack {options.stack}: no Pulumi.{options.stack}.yaml here.")
        return 1
    except (SettingsError, MissingCliError, BackendError) as error:
        say(str(error))
        return 1
    sys.stdout.write((as_json(outcome) if options.json else report(outcome)) + "\n")
    return outcome.code


if __name__ == "__main__":
    sys.exit(main())
