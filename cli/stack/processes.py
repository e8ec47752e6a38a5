"""Child processes of a local stack: started in their own session, logged to a file, ended by pid."""

import asyncio
import contextlib
import os
import random
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

STOP_SECONDS = 6.0
"""From SIGTERM to SIGKILL."""
POLL_SECONDS = 0.05


class StartError(Exception):
    """A part did not come up; the message names it, says why and where its log is."""


@dataclass
class Child:
    """One running part."""

    name: str
    process: asyncio.subprocess.Process
    log_path: Path
    log: IO[bytes]

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self.process.returncode is None

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of its log."""
        text = self.log_path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    async def wait_until(self, ready: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Wait until the part answers; StartError when it ends or takes too long."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not await ready():
            if not self.running:
                raise StartError(f"{self.name} ended with code {self.process.returncode}:\n{self.log_tail()}")
            if asyncio.get_running_loop().time() > deadline:
                raise StartError(f"{self.name} was not ready within {seconds:.0f} s:\n{self.log_tail()}")
            await asyncio.sleep(POLL_SECONDS)

    async def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """End it and whatever it started."""
        if self.running:
            self.signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(seconds):
                    await self.process.wait()
            except TimeoutError:
                self.signal(signal.SIGKILL)
                await self.process.wait()
        # Grandchildren (job processes) share the session; none may outlive the part.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.log.close()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the part alone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)


async def start(name: str, command: Sequence[str], env: Mapping[str, str], log_dir: Path) -> Child:
    """Start a part with exactly this environment; its output goes to `log_dir/name.log`."""
    log_path = log_dir / f"{name}.log"
    log = _open_log(log_path)
    process = await asyncio.create_subprocess_exec(
        *command,
        env=dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    return Child(name, process, log_path, log)


def _open_log(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")


_PORTS: Final = range(20_000, 32_000)
"""Below those that the system itself gives to connections: one of them may be taken the moment it is given back."""
_TRIES: Final = 100


def free_port(preferred: int = 0) -> int:
    """A free loopback TCP and UDP port, the preferred one when it can be had.

    By chance, so that several stacks which start at once do not get the same one before either listens there.
    """
    chance = random.SystemRandom()
    for candidate in (*((preferred,) if preferred else ()), *(chance.choice(_PORTS) for _ in range(_TRIES))):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tcp.bind(("127.0.0.1", candidate))
                udp.bind(("127.0.0.1", tcp.getsockname()[1]))
            except OSError:
                continue
            return int(tcp.getsockname()[1])
    raise StartError("no free port on 127.0.0.1")
