"""`python -m offline.cli preview -s staging --policy-pack infra/policies`: the plain Pulumi CLI, offline.

What follows is for the CLI; without anything but `-s STACK`, a shell is opened in which `pulumi` is that CLI. The stack is
new, its state goes with the command, and no file of the project is written: the CLI works in a folder of links, with
copies of `Pulumi.yaml` and of the stack's settings. The exit code is the CLI's; 1 when it could not be started.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from infra.engine import MissingCliError
from offline.backend import Backend, BackendError
from offline.places import ROOT
from offline.preview import account, note
from offline.workspace import Engine, StackFile

SECONDS = 60.0
"""How long the CLI may take to make a stack."""


class StackError(Exception):
    """The stack could not be made; the message is the CLI's."""


class Project:
    """A project with one stack, as the CLI sees it: in a folder of its own, where nothing is the repository's but links."""

    def __init__(self, engine: Engine, stack: str, folder: Path, source: Path = ROOT, name: str = "") -> None:
        """Make the stack of `source`'s settings file, by its own name or another; `folder` must not exist yet.

        Raises:
            FileNotFoundError: there is no such stack.
            StackError: the CLI refuses to make it.

        """
        file = StackFile.read(stack, source)
        self.folder = folder / "project"
        self.folder.mkdir(parents=True)
        for path in source.iterdir():
            if not path.match("Pulumi*.yaml"):
                (self.folder / path.name).symlink_to(path)
        (self.folder / "Pulumi.yaml").write_text((source / "Pulumi.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        # Without what names the stack's own key: nothing here could ask it.
        settings = yaml.safe_dump({"config": dict(file.config)})
        (self.folder / f"Pulumi.{name or stack}.yaml").write_text(settings, encoding="utf-8")
        self.world = folder / "world.sqlite"
        own = engine.environment()
        self.environment = {
            **os.environ,
            **own,
            "PATH": f"{engine.cli.parent}{os.pathsep}{own['PATH']}",
            "POLYGLOT_STANDIN_WORLD": str(self.world),
            **account(file),
        }
        made = self.pulumi("stack", "init", name or stack, "--secrets-provider", "passphrase", seconds=SECONDS)
        if made.returncode:
            raise StackError(made.stdout + made.stderr)

    def pulumi(
        self, *arguments: str, seconds: float, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the CLI to its end without asking anybody; what it printed. Raises subprocess.TimeoutExpired."""
        return subprocess.run(  # noqa: S603 - the CLI of `make setup`
            ["pulumi", *arguments, "--non-interactive"],  # noqa: S607 - found on the PATH above
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def attend(self, command: Sequence[str]) -> int:
        """Run a command at the user's terminal; its exit code, as a shell has it."""
        before = signal.signal(signal.SIGINT, lambda *_: None)  # it is for the command, which gets it as well
        try:
            code = subprocess.run(command, cwd=self.folder, env=self.environment, check=False).returncode  # noqa: S603
        finally:
            signal.signal(signal.SIGINT, before)
        return code if code >= 0 else 128 - code


def _told(engine: Engine) -> str:
    if engine.language_host is not None:
        return note(engine)
    return f"Note: pulumi-language-python: a stand-in, running {sys.executable}.\n{note(engine)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["-h"], ["--help"]):
        sys.stdout.write(__doc__ or "")
        return 0
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-s", "--stack", default="staging")
    options, rest = parser.parse_known_args(given)
    command = ["pulumi", *given] if rest else shlex.split(os.environ.get("SHELL") or "sh")
    try:
        with tempfile.TemporaryDirectory(prefix="polyglot-cli-") as folder, Backend() as backend:
            engine = Engine(Path(folder), backend)
            project = Project(engine, options.stack, Path(folder) / "stack")
            sys.stderr.write(f"{_told(engine)}\n")
            return project.attend(command)
    except FileNotFoundError:
        problem = f"There is no stack {options.stack}: no Pulumi.{options.stack}.yaml here."
    except (MissingCliError, BackendError, StackError) as error:
        problem = str(error)
    sys.stderr.write(f"{problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
