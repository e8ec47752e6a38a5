"""Runs a command as GitHub's runner does: as a user who is not root and may write neither programs nor settings."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

USER = 1001
"""The runner's own number."""
SYSTEM = ("/usr", "/etc", "/opt", "/var/lib")
_LOCKED = (
    'for place in $PLACES; do mount --bind "$place" "$place" && mount -o remount,bind,ro "$place"; done; exec "$@"'
)


@cache
def _prefix() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    places = " ".join(place for place in SYSTEM if Path(place).is_dir())
    inner = ("unshare", "--user", f"--map-user={USER}", f"--map-group={USER}", "--")
    found = (
        "env",
        f"PLACES={places}",
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-ec",
        _LOCKED,
        "sh",
        *inner,
    )
    tried = shutil.which("unshare") and subprocess.run(  # noqa: S603 - our own words
        [*found, "id", "-u"], capture_output=True, text=True, check=False
    )
    if not tried or tried.stdout.strip() != str(USER):
        pytest.skip("root may not become another user here (unshare), and the runner's steps are no root's")
    return found


def as_user(*words: str) -> list[str]:
    """`words` for a process of another user, when this one is root; skips where that is forbidden."""
    return [*_prefix(), *words]
