"""A runner of delivery workflows: shell steps run as they are written, actions are stood in for, conditions are decided.

Shell is run by a user who is not root, as on GitHub. What it knows of GitHub's expressions is what our workflows use:
`steps.ID.outputs.NAME`, `steps.ID.outputs[matrix.NAME]`, `steps.ID.outcome`, `needs.JOB.outputs.NAME`, `inputs.NAME`,
`matrix.NAME`, `failure()`, `!=`, `==`, `&&`, `||`. Anything else raises, so that a new workflow cannot pass unread.
"""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from unprivileged import as_user
from workflows import load, steps

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
LOOK_UP = re.compile(r"(steps|needs|inputs|matrix|vars|github)\.([\w.-]+)")
BY_MATRIX = re.compile(r"\[matrix\.(\w+)\]")
Action = Callable[[Mapping[str, str]], bool]
"""An action's stand-in: from what it is given to whether it succeeds."""


class KilledError(Exception):
    """The runner went away."""


@dataclass
class Job:
    """One run of a job in a checkout. `actions` by the start of their names; None: nothing to do here."""

    workflow: str
    name: str
    checkout: Path
    environment: Mapping[str, str]
    actions: Mapping[str, Action | None]
    inputs: Mapping[str, str] = field(default_factory=dict)
    matrix: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    """Variables and facts of GitHub, as `vars.NAME` and `github.NAME`."""
    killed_after: int | None = None
    """The runner goes away after so many steps."""
    outcomes: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    """As `ID.outputs.NAME`."""
    told: list[str] = field(default_factory=list)
    """A line for each step: how it ended, and its name."""

    def run(self) -> bool:
        """Whether every step that ran succeeded. Raises KilledError."""
        job = load(self.workflow)["jobs"][self.name]
        self._job_environment = {key: self._filled(text) for key, text in job.get("env", {}).items()}
        failed = False
        for index, step in enumerate(steps(job)):
            if self.killed_after == index:
                raise KilledError(f"before {_name(step)}")
            condition = str(step.get("if", ""))
            if (failed and "failure()" not in condition) or (condition and not self._decided(condition, failed)):
                self._note(step, "skipped")
                continue
            done = self._step(step)
            self._note(step, "success" if done else "failure")
            failed = failed or not done
        return not failed

    def _note(self, step: Mapping[str, Any], outcome: str) -> None:
        if "id" in step:
            self.outcomes[step["id"]] = outcome
        if outcome != "skipped":
            self.told.append(f"{'ok  ' if outcome == 'success' else 'FAIL'} {_name(step)}")

    def _step(self, step: Mapping[str, Any]) -> bool:
        environment = {**self._job_environment, **{k: self._filled(str(v)) for k, v in step.get("env", {}).items()}}
        if "run" in step:
            return self._shell(step, environment)
        known = [name for name in self.actions if step["uses"].startswith(name)]
        assert known, f"{step['uses']}: no stand-in"
        action = self.actions[known[0]]
        return action is None or action({k: self._filled(str(v)) for k, v in step.get("with", {}).items()})

    def _shell(self, step: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
        output = self.checkout / ".output"
        output.write_text("")
        done = subprocess.run(  # noqa: S603 - our own workflow
            as_user("bash", "-e", "-o", "pipefail", "-c", step["run"]),
            cwd=self.checkout,
            env={**self.environment, **environment, "GITHUB_OUTPUT": str(output)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            self.told.append(
                f"     {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.stdout[-200:]}"
            )
        if "id" in step:
            self._take(step["id"], iter(output.read_text().splitlines()))
        return done.returncode == 0

    def _take(self, ident: str, lines: Iterator[str]) -> None:
        for line in lines:
            name, block, end = line.partition("<<")
            if block and "=" not in name:
                value = "\n".join(iter(partial(next, lines), end))
            else:
                name, _, value = line.partition("=")
            self.outputs[f"{ident}.outputs.{name}"] = value

    def _looked_up(self, kind: str, name: str) -> str:
        if kind == "steps":
            ident, _, what = name.partition(".")
            return self.outcomes.get(ident, "") if what == "outcome" else self.outputs.get(name, "")
        return {"inputs": self.inputs, "matrix": self.matrix}.get(kind, self.given).get(name, "")

    def _filled(self, text: str) -> str:
        return EXPRESSION.sub(lambda found: self._valued(found.group(1)), text)

    def _valued(self, expression: str) -> str:
        """The first of its alternatives that is not empty."""
        found = (self._one(part.strip()) for part in expression.split("||"))
        return next(filter(None, found), "")

    def _one(self, text: str) -> str:
        if text.startswith("'"):
            return text.strip("'")
        return self._looked_up(*_looked(BY_MATRIX.sub(lambda name: f".{self.matrix[name.group(1)]}", text)))

    def _decided(self, condition: str, failed: bool) -> bool:
        return all(self._term(term.strip(" ()"), failed) for term in condition.split("&&"))

    def _term(self, term: str, failed: bool) -> bool:
        if term in {"failure", "failure()"}:
            return failed
        if "||" in term:
            return any(self._term(part.strip(" ()"), failed) for part in term.split("||"))
        left, sign, right = re.fullmatch(r"(\S+) (!=|==) '(.*)'", term).groups()  # type: ignore[union-attr] # else it is new
        return (self._one(left) == right) == (sign == "==")


def _looked(text: str) -> tuple[str, str]:
    found = LOOK_UP.fullmatch(text)
    assert found, f"{text}: an expression that this runner does not know"
    return found.group(1), found.group(2)


def _name(step: Mapping[str, Any]) -> str:
    return str(step.get("name") or step["uses"].partition("@")[0])
