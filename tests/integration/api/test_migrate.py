"""Migrations on a real PostgreSQL: they make what the code expects, once, also when several tasks start together."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from postgres_server import PASSWORD, PostgresServer, postgres_or_skip
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from api.database.migrate import migrate, newest
from api.database.tables import Base
from cli.stack.processes import free_port, start


@dataclass
class Server:
    port: int
    database: str
    url: str


@pytest.fixture(scope="module")
def running() -> Iterator[PostgresServer]:
    made = postgres_or_skip()
    yield made
    made.close()


@pytest.fixture
def server(running: PostgresServer) -> Iterator[Server]:
    """An empty database of its own."""
    name = running.fresh()
    yield Server(running.port, name, running.url(name))
    running.drop(name)


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


async def test_the_migrated_database_is_what_the_code_expects(server: Server) -> None:
    results = await asyncio.gather(*(migrate(server.url) for _ in range(3)))
    assert sorted(before or "" for before, _ in results) == ["", newest(), newest()]
    assert {after for _, after in results} == {newest()}
    engine = create_async_engine(server.url)
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()


@pytest.fixture
def environ(server: Server, tmp_path: Path) -> dict[str, str]:
    """All that a migration is told."""
    return {
        "PATH": os.environ["PATH"],
        "POLYGLOT_STATE_DIR": str(tmp_path),
        "POLYGLOT_DATABASE_HOST": "127.0.0.1",
        "POLYGLOT_DATABASE_PORT": str(server.port),
        "POLYGLOT_DATABASE_NAME": server.database,
        "POLYGLOT_DATABASE_USER": "polyglot",
        "POLYGLOT_DATABASE_TLS": "disable",
    }


def run(environ: dict[str, str], *arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-m", "api", *arguments], capture_output=True, text=True, timeout=60, check=False,
        env={**environ, "POLYGLOT_DATABASE_PASSWORD": password},
    )  # fmt: skip


async def pretend(server: Server, revision: str) -> None:
    """As if the code of another version had migrated the database."""
    engine = create_async_engine(server.url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    finally:
        await engine.dispose()


async def test_the_command_migrates_and_tells_nothing_secret_when_it_cannot(environ: dict[str, str]) -> None:
    wrong = await asyncio.to_thread(run, environ, "migrate", password="wrong-password-9911")
    assert wrong.returncode == 1
    assert "database not migrated" in wrong.stderr
    assert "wrong-password-9911" not in wrong.stdout + wrong.stderr
    assert "Traceback" not in wrong.stderr
    right = await asyncio.to_thread(run, environ, "migrate")
    assert right.returncode == 0
    assert f'"after": "{newest()}"' in right.stderr


def serving(environ: dict[str, str]) -> dict[str, str]:
    """What the API itself is told beside it."""
    media = {"LIVEKIT_URL": "ws://127.0.0.1:1", "LIVEKIT_API_KEY": "key", "LIVEKIT_API_SECRET": "x" * 40}
    return {**environ, **media, "POLYGLOT_PORT": "0", "POLYGLOT_DATABASE_PASSWORD": PASSWORD}


async def test_the_api_refuses_a_database_that_was_not_migrated(environ: dict[str, str]) -> None:
    refused = await asyncio.to_thread(run, serving(environ))
    assert refused.returncode == 3
    assert '"event": "database.refused"' in refused.stderr
    assert f"is at revision none and this version needs {newest()}; run `python -m api migrate`" in refused.stderr
    assert "listening" not in refused.stdout
    assert PASSWORD not in refused.stdout + refused.stderr


async def test_the_api_serves_from_a_newer_database_and_leaves_it_as_it_is(
    server: Server, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A version that is put back finds what its successor has left."""
    await migrate(server.url)
    await pretend(server, "9999")
    again = await asyncio.to_thread(run, environ, "migrate")
    assert again.returncode == 0
    assert '"before": "9999", "after": "9999"' in again.stderr

    child = await start("api", [sys.executable, "-m", "api"], serving(environ), tmp_path_factory.mktemp("api"))
    try:
        await child.wait_until(lambda: asyncio.sleep(0, "api listening on" in child.log_tail(200)), 30)
        assert '"event": "database.newer"' in child.log_tail(200)
        assert child.running
    finally:
        await child.stop()


async def test_a_database_of_something_else_is_neither_migrated_nor_served_from(
    server: Server, environ: dict[str, str]
) -> None:
    await migrate(server.url)
    await pretend(server, "1975ea83b712")
    for arguments in ((), ("migrate",)):
        refused = await asyncio.to_thread(run, serving(environ), *arguments)
        assert refused.returncode != 0
        assert "1975ea83b712, which no version of this API has made" in refused.stderr


async def test_a_database_that_does_not_answer_is_told_without_its_address(environ: dict[str, str]) -> None:
    closed = {**serving(environ), "POLYGLOT_DATABASE_PORT": str(free_port(0))}
    refused = await asyncio.to_thread(run, closed)
    assert refused.returncode == 3
    assert "the database does not answer" in refused.stderr
    assert PASSWORD not in refused.stderr
