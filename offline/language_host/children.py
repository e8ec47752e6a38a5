"""The Python processes of a language host: which interpreter runs them, and their end."""

import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO

GRACE = 3.0
"""Seconds that a process has to end when it is asked to, before it is killed; the engine gives us five."""


@dataclass(frozen=True)
class Interpreter:
    """A Python environment."""

    executable: str
    packages: tuple[str, ...]
    """Where its packages are: folders like `sys.path`."""

    @classmethod
    def chosen(cls, root: str, options: Mapping[str, object]) -> "Interpreter":
        """The one of the option `virtualenv`, relative to `root`, where that folder is; else our own."""
        folder = Path(root) / str(options.get("virtualenv") or ".venv")
        program = folder / "bin" / "python"
        if not options.get("virtualenv") or not program.is_file():
            return cls(sys.executable, tuple(sys.path))
        base = {"base": str(folder), "platbase": str(folder)}
        places = {sysconfig.get_path(kind, vars=base) for kind in ("purelib", "platlib")}
        return cls(str(program), tuple(sorted(places)))

    def distributions(self) -> list[metadata.Distribution]:
        """What is installed, each once."""
        found = {item.name: item for item in metadata.distributions(path=list(self.packages)) if item.name}
        return [found[name] for name in sorted(found)]


class Children:
    """Processes that end with us. Methods may be called from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def start(  # noqa: PLR0913 - a process has this many parts
        self,
        interpreter: Interpreter,
        arguments: Sequence[str],
        *,
        folder: str,
        environment: Mapping[str, str],
        stdout: int | IO[bytes] | None = None,
        stderr: int | IO[bytes] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start Python without buffers, in our process group so that the engine's own signals reach it too.

        Raises:
            OSError: it cannot be started, or we are ending.

        """
        with self._lock:
            if self._ended:
                raise OSError("the language host is ending")
            process = subprocess.Popen(  # noqa: S603 - the project's own interpreter
                [interpreter.executable, "-u", *arguments],
                cwd=folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
            self._running.add(process)
            return process

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """The exit code of a process, when it has ended."""
        code = process.wait()
        with self._lock:
            self._running.discard(process)
        return code

    def end(self) -> None:
        """End all of them and start no more."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        for process in running:
            process.terminate()
        for process in running:
            kill_after(process, GRACE)


def kill_after(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Kill a process that has not ended by then."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
