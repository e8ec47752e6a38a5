"""Runs a command as GitHub's runner does: as a user who is not root and may write neither programs nor settings; and in
namespaces of its own.
"""

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


def may_make_namespaces() -> None:
    """Skip where this user may not make user, mount and network namespaces, and say what allows it."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare: Debian's package `util-linux` brings it")
    allowed = subprocess.run(["unshare", "-rnmp", "--fork", "true"], capture_output=True, text=True, check=False)  # noqa: S607
    if allowed.returncode:
        pytest.skip(
            f"this user may not make namespaces ({allowed.stderr.strip()}): run as root, or allow them with "
            "`sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`"
        )


def as_user(*words: str) -> list[str]:
    """`words` for a process of another user, when this one is root; skips where that is forbidden."""
    return [*_prefix(), *words]
