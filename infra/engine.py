"""The Pulumi CLI of this machine, found in one way by everything that starts it."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pulumi.automation import PulumiCommand


VERSION_FILE: Final = Path(__file__).resolve().parents[1] / ".pulumi.version"
"""The one version of CLI, SDK and workflows."""


class MissingCliError(Exception):
    """There is no Pulumi CLI; the message says how to get one."""


def cache_folder() -> Path:
    """The user's cache; `tools/setup.py` puts what it builds into the same place."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polyglot"


def pulumi_cli() -> Path | None:
    """The Pulumi CLI: `PULUMI_BIN`, else the one that `make setup` built, else PATH's; None when there is none."""
    given = os.environ.get("PULUMI_BIN")
    if given:
        return Path(given)
    built = cache_folder() / "bin" / f"pulumi-v{VERSION_FILE.read_text(encoding='utf-8').strip()}"
    found = shutil.which("pulumi")
    return built if built.exists() else Path(found) if found else None


def command() -> "PulumiCommand":
    """The CLI for the Automation API, wherever it is and whatever it is called. Raises MissingCliError."""
    from pulumi.automation import PulumiCommand  # noqa: PLC0415 - who only wants the path need not load the SDK

    cli = pulumi_cli()
    if cli is None:
        raise MissingCliError("the Pulumi CLI is not there; `python3 tools/setup.py --pulumi` builds it once")
    # The Automation API takes a folder in which `bin/pulumi` is.
    home = cache_folder() / "cli"
    link = home / "bin" / "pulumi"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or link.resolve() != cli.resolve():
        part = link.with_name(f".pulumi.{os.getpid()}")
        part.symlink_to(cli)
        part.replace(link)
    return PulumiCommand(str(home))
