"""A real PostgreSQL on loopback, for tests and the bench: a server for many, a database for each."""

import asyncio
import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from cli.stack.processes import free_port

USER = "polyglot"
PASSWORD = "only-on-loopback-7c1d"  # noqa: S105 - of a server that lives as long as a test
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def programs() -> Path:
    """The folder of PostgreSQL's programs. FileNotFoundError without them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    named = shutil.which("postgres")
    if not found and not named:
        raise FileNotFoundError("PostgreSQL is not installed; `apt-get install postgresql` brings it")
    return found[-1].parent if found else Path(named or "").resolve().parent


def _unprivileged() -> Iterator[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() == 0:
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                pwd.getpwnam(name)
                yield name


class PostgresServer:
    """Made and started once; `kill` and `start` again for tests of its loss."""

    def __init__(self) -> None:
        self._bin = programs()
        self._user = next(_unprivileged(), None)
        self.folder = Path(tempfile.mkdtemp(prefix="polyglot-pg-", dir="/tmp"))
        self.folder.chmod(0o755)
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if self._user:
            shutil.chown(self.folder, self._user)
            shutil.chown(password, self._user)
        arguments = ["-D", str(self.folder / "data"), "-U", USER, "--pwfile", str(password), "-A", "scram-sha-256"]
        subprocess.run(  # noqa: S603 - its own program
            self._as_user("initdb", *arguments, "--no-sync"),
            check=True,
            capture_output=True,
            timeout=60,
            cwd="/",
            env=ENVIRONMENT,
        )
        self.port = free_port(0)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self.start()

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL."""
        return f"postgresql+asyncpg://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}?ssl=disable"

    def start(self) -> None:
        """Run it; return when it lets somebody in."""
        options = [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"unix_socket_directories={self.folder}",
            "-c",
            "fsync=off",
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - its own program
                self._as_user("postgres", "-D", str(self.folder / "data"), "-p", str(self.port), *options),
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
            )
        until = time.monotonic() + 30
        while True:
            try:
                self.run("SELECT 1")
            except (OSError, asyncpg.PostgresError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """As a failover does: every connection breaks, what was committed stays."""
        if self._process is not None:
            self._process.send_signal(3)  # immediate shutdown; the children end too
            self._process.wait(20)
            self._process = None

    def close(self) -> None:
        """End, and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fresh(self, template: str = "template1") -> str:
        """The name of a new database."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run one statement, from where no loop runs or in a thread of its own."""

        async def ask() -> None:
            connection = await asyncpg.connect(
                host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, database=database, ssl=False, timeout=5
            )
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(ask())

    def _as_user(self, program: str, *arguments: str) -> list[str]:
        wrap = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups"] if self._user else []
        return [*wrap, str(self._bin / program), *arguments]
