"""A real Valkey, or Redis, on loopback for one test."""

import asyncio
import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from valkey.asyncio import Valkey

from cli.stack.processes import Child, free_port, start


def program() -> str:
    """The server's program; a skip without one."""
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        pytest.skip("no Valkey and no Redis is installed; `apt-get install redis-server` brings one")
    return found


@dataclass
class ValkeyServer:
    """Started by `run`, which also starts it again after its death."""

    folder: Path
    arguments: Sequence[str] = ()
    port: int = field(default_factory=free_port)
    child: Child | None = None

    async def run(self) -> None:
        await self.stop()
        where = ["--bind", "127.0.0.1", "--dir", str(self.folder)]
        port = [] if "--tls-port" in self.arguments else ["--port", str(self.port)]
        child = self.child = await start(
            "valkey",
            [program(), *where, *port, "--save", "", "--appendonly", "no", *self.arguments],
            {"PATH": os.environ["PATH"], "LC_ALL": "C"},
            self.folder,
        )

        async def answers() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                return False
            writer.close()
            return True

        await child.wait_until(answers, 20)

    def signal(self, number: signal.Signals) -> None:
        assert self.child
        self.child.signal(number)

    async def stop(self) -> None:
        if self.child:
            self.signal(signal.SIGCONT)
            await self.child.stop()

    async def lifetimes(self) -> dict[str, int]:
        """Seconds left of each key."""
        async with Valkey(port=self.port, decode_responses=True) as client:
            return {key: await client.ttl(key) for key in await client.keys("*")}
