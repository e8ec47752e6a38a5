"""Where the offline engine keeps things, outside the work tree unless said."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder with Pulumi.yaml."""

PREVIEWS = ROOT / ".polyglot" / "previews"
"""The last preview of each stack."""

BYTECODE = ROOT / ".polyglot" / "pycache"
"""Compiled modules, where they may not be kept beside the sources."""


def keep_bytecode() -> None:
    """Where this Python may not keep bytecode beside the sources let it and its children keep it in our own folder.

    The SDKs compile for seconds. A folder that cannot be written is no error: then they compile each time.
    """
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(BYTECODE)
        sys.dont_write_bytecode = False
