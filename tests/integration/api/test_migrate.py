"""Migrations on a real PostgreSQL: they make what the code expects, once, also when several tasks start together."""

import asyncio
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from api.db import Base
from api.migrate import migrate, newest
from cli.stack.processes import free_port, start

PASSWORD = "only-for-this-test-7c1d"


def postgres() -> Path | None:
    """The folder of PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    named = shutil.which("postgres")
    return found[-1].parent if found else Path(named).resolve().parent if named else None


@dataclass
class Server:
    port: int

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://polyglot:{PASSWORD}@127.0.0.1:{self.port}/postgres?ssl=disable"


def unprivileged() -> Iterator[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() == 0:
        for name in ("postgres", "nobody"):
            try:
                pwd.getpwnam(name)
            except KeyError:
                continue
            yield name


@pytest.fixture
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    programs = postgres()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; `apt-get install postgresql` brings it")
    folder = Path("/tmp") / f"polyglot-pg-{os.getpid()}"  # noqa: S108 - its owner must be able to reach it
    folder.mkdir(mode=0o755)
    password = folder / "password"
    password.write_text(PASSWORD)
    user = next(unprivileged(), None)
    wrap = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    if user:
        shutil.chown(folder, user)
        shutil.chown(password, user)
    data = folder / "data"
    arguments = ["-D", str(data), "-U", "polyglot", "--pwfile", str(password), "-A", "scram-sha-256"]
    await asyncio.to_thread(
        subprocess.run,
        [*wrap, str(programs / "initdb"), *arguments],
        check=True,
        capture_output=True,
        timeout=60,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )
    port = free_port(0)
    options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    child = await start(
        "postgres",
        [*wrap, str(programs / "postgres"), "-D", str(data), "-p", str(port), *options],
        {"PATH": os.environ["PATH"], "LC_ALL": "C"},
        tmp_path_factory.mktemp("postgres"),
    )

    async def answers() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await child.wait_until(answers, 20)
        yield Server(port)
    finally:
        await child.stop()
        shutil.rmtree(folder)


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


async def test_the_migrated_database_is_what_the_code_expects(server: Server) -> None:
    results = await asyncio.gather(*(migrate(server.url) for _ in range(3)))
    assert sorted(before or "" for before, _ in results) == ["", "0001", "0001"]
    assert {after for _, after in results} == {newest()}
    engine = create_async_engine(server.url)
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()


async def test_the_command_migrates_and_tells_nothing_secret_when_it_cannot(server: Server, tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "LIVEKIT_URL": "ws://127.0.0.1:1",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "x" * 40,
        "POLYGLOT_STATE_DIR": str(tmp_path),
        "POLYGLOT_DATABASE_HOST": "127.0.0.1",
        "POLYGLOT_DATABASE_PORT": str(server.port),
        "POLYGLOT_DATABASE_NAME": "postgres",
        "POLYGLOT_DATABASE_USER": "polyglot",
        "POLYGLOT_DATABASE_TLS": "disable",
    }

    def run(password: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api", "migrate"], capture_output=True, text=True, timeout=60, check=False,
            env={**environ, "POLYGLOT_DATABASE_PASSWORD": password},
        )  # fmt: skip

    wrong = await asyncio.to_thread(run, "wrong-password-9911")
    assert wrong.returncode == 1
    assert "database not migrated" in wrong.stderr
    assert "wrong-password-9911" not in wrong.stdout + wrong.stderr
    assert "Traceback" not in wrong.stderr
    right = await asyncio.to_thread(run, PASSWORD)
    assert right.returncode == 0
    assert '"after": "0001"' in right.stderr
