"""Where the offline engine keeps things, outside the work tree unless said."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder with Pulumi.yaml."""

PREVIEWS = ROOT / ".polyglot" / "previews"
"""The last preview of each stack."""


def cache_folder() -> Path:
    """The user's cache; `tools/setup.py` puts what it builds into the same place."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polyglot"


def pulumi_cli() -> Path | None:
    """The Pulumi CLI: `PULUMI_BIN`, else the one that `make setup` built, else PATH's; None when there is none."""
    given = os.environ.get("PULUMI_BIN")
    if given:
        return Path(given)
    built = sorted((cache_folder() / "bin").glob("pulumi-v*.*.*"))
    found = shutil.which("pulumi")
    return built[-1] if built else Path(found) if found else None
