"""What an image needs to run Python and no more: `image_root.py DESTINATION TREE...`, run in a stage of the image's base.

Copies into DESTINATION the interpreter that runs this, its standard library without what no service uses, each shared
library that it or a TREE asks the loader for, certificates, time zones and the user list; each TREE at its own path.
There is no shell in it, nothing to install with, and a third of the base. What Debian's packages gave is written down
as `/var/lib/dpkg/status.d`, where scanners look for what an image without a package manager is made of.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

UNUSED: Final = (
    "__pycache__",
    "_test*.so",
    "_tkinter.*.so",
    "config-*",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tkinter",
    "turtledemo",
    "xxlimited*.so",
)
"""Of the standard library."""
SHARED: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/usr/share/zoneinfo",
    "/etc/group",
    "/etc/ld.so.cache",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/usr/lib/os-release",
    "/usr/lib/ssl",
)
_LATER: Final = [f"{sysconfig.get_config_var('MULTIARCH')}/libgcc_s.so.1"]
"""What the C library opens by name when a thread ends."""
_NEEDED: Final = re.compile(r"^\s*(?:\S+ => )?(/\S+) \(0x", re.MULTILINE)
_MISSING: Final = re.compile(r"^\s*(\S+) => not found", re.MULTILINE)


def main(arguments: list[str]) -> None:
    """The command."""
    if len(arguments) < 2:  # noqa: PLR2004 - said in the text
        raise SystemExit(__doc__)
    destination, *trees = (Path(name) for name in arguments)
    make(destination, trees)


def make(destination: Path, trees: Iterable[Path]) -> None:
    """Fill the destination. SystemExit when a library is asked for that is not there."""
    destination.mkdir(parents=True, exist_ok=True)
    for name in ("bin", "lib", "lib64", "sbin"):  # where they are links into /usr, programs' paths go through them
        if Path("/", name).is_symlink():
            (destination / name).symlink_to(Path("/", name).readlink())
    for name in ("tmp", "proc", "sys", "dev", "run"):
        (destination / name).mkdir(exist_ok=True)
    trees = [*trees]
    for tree in trees:
        _copy(tree, destination)
    interpreter, library = _python(destination)
    for shared in (Path(name) for name in SHARED):
        if shared.is_dir():
            _copy(shared, destination)
        elif shared.exists():
            _file(shared, destination)
    asked = [interpreter, *_binaries(library, UNUSED), *(binary for tree in trees for binary in _binaries(tree))]
    # What a package brings for itself is copied with it.
    opened = {path for path in _libraries(asked) if not any(path.is_relative_to(tree) for tree in trees)}
    for path in sorted(opened):
        _file(path, destination)
    _write_packages(opened, destination)


def _python(destination: Path) -> tuple[Path, Path]:
    """Copy the interpreter and its library; where they are."""
    interpreter = Path(sys.executable).resolve()
    _file(interpreter, destination)
    for name in ("python3", f"python{sys.version_info.major}.{sys.version_info.minor}"):
        link = _within(destination, interpreter.with_name(name))
        if not link.exists():
            link.symlink_to(interpreter.name)
    library = Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}))
    _copy(library, destination, shutil.ignore_patterns(*UNUSED))
    return interpreter, library


def _within(destination: Path, path: Path) -> Path:
    """Where a path of this machine is in the destination; its folder is made, through the links of the root."""
    resolved = path.parent.resolve() / path.name
    there = destination / resolved.relative_to("/")
    there.parent.mkdir(parents=True, exist_ok=True)
    return there


def _file(path: Path, destination: Path) -> None:
    """The file under the name that it is asked for by, and not under that of where a link leads."""
    there = _within(destination, path)
    if not there.exists():
        shutil.copy2(path, there)


def _put(source: str, target: str) -> None:
    """One more name for the file where that can be: a tree has 20,000, and nobody writes to them."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)


def _copy(tree: Path, destination: Path, skip: Callable[[str, list[str]], set[str]] | None = None) -> None:
    shutil.copytree(
        tree, _within(destination, tree), symlinks=True, ignore=skip, copy_function=_put, dirs_exist_ok=True
    )


def _binaries(tree: Path, unused: Sequence[str] = ()) -> Iterator[Path]:
    for path in sorted(tree.rglob("*.so*")):
        parts = path.relative_to(tree).parts
        skipped = any(fnmatch(part, pattern) for part in parts for pattern in unused)
        if path.is_file() and not path.is_symlink() and not skipped:
            yield path


def _libraries(binaries: Sequence[Path]) -> Iterator[Path]:
    """What the loader would open for them, itself included."""
    for start in range(0, len(binaries), 100):
        # Exits with 1 for what is no program of this machine, of which some packages hold one.
        done = subprocess.run(  # noqa: S603 - the base's own program
            ["ldd", *map(str, binaries[start : start + 100])],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if missing := sorted(set(_MISSING.findall(done.stdout))):
            raise SystemExit(f"asked for, and not there: {', '.join(missing)}")
        yield from map(Path, _NEEDED.findall(done.stdout))
    for folder in ("/usr/lib", "/lib"):
        yield from (Path(folder) / name for name in _LATER if (Path(folder) / name).exists())


def _write_packages(files: Iterable[Path], destination: Path) -> None:
    """The stanzas of the packages that the files came with, one file for each, and their licences."""
    status = Path("/var/lib/dpkg/status")
    if not status.exists():
        return
    names = set()
    for path in files:
        for asked in dict.fromkeys((str(path), str(path.resolve()), str(path).removeprefix("/usr"))):
            done = subprocess.run(["dpkg-query", "-S", asked], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603, S607
            if not done.returncode:
                names.add(done.stdout.partition(":")[0])
                break
    kept = destination / "var/lib/dpkg/status.d"
    kept.mkdir(parents=True, exist_ok=True)
    for stanza in status.read_text(encoding="utf-8").split("\n\n"):
        name = stanza.partition("\n")[0].removeprefix("Package: ")
        if name in names | {"ca-certificates", "tzdata", "base-files"}:
            (kept / name).write_text(stanza + "\n", encoding="utf-8")
            licence = Path("/usr/share/doc", name, "copyright")
            if licence.exists():
                _file(licence, destination)


if __name__ == "__main__":
    os.umask(0o022)
    main(sys.argv[1:])
