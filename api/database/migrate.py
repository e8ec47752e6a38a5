"""Brings a server database up to date: `python -m api migrate`, before a new version of the API starts.

Several migrations may start at once, so the work is done under a lock; whoever comes second finds nothing to do.

Two versions of the API meet one database: the one before serves while a new one is deployed, and is put back when the
new one fails, with the database as it was left. So a migration must keep the version before it working (add first,
remove in a later release), and a version takes a schema that is newer than its own and none that is older. Revisions are
numbers that grow by one, because an old version does not have the newer ones to look at.
"""

import asyncio
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

LOCK: Final = 0x706F6C79
"""Number of the PostgreSQL advisory lock."""
FIRST: Final = "0001"
SCRIPTS: Final = Path(__file__).parent / "migrations"
CHECK_SECONDS: Final = 10.0
"""One look at the schema, with connecting."""
CHECK_TRIES: Final = 3
CHECK_PAUSE: Final = 2.0


class SchemaError(Exception):
    """The database is not one that this version can serve from; the message says what to do."""


class Age(StrEnum):
    """A database's schema, seen from this version."""

    SAME = "same"
    OLDER = "older"
    NEWER = "newer"


async def migrate(url: str) -> tuple[str | None, str | None]:
    """Upgrade the database at `url`; the revision before and after. A newer one is left as it is.

    Raises SchemaError for a database of something else, and what the database raises.
    """
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def check(engine: AsyncEngine) -> Age:
    """Whether this version can serve from the database: its schema is the same or newer.

    Raises SchemaError when it is older, or when the database does not answer within half a minute.
    """
    for attempt in range(CHECK_TRIES):
        try:
            async with asyncio.timeout(CHECK_SECONDS), engine.connect() as connection:
                found = await connection.run_sync(_current)
            break
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if attempt == CHECK_TRIES - 1:
                # Not the driver's text, nor the error itself: they may hold the address with its credentials.
                raise SchemaError(
                    f"the database does not answer ({type(error).__name__}), so its schema cannot be checked"
                ) from None
            await asyncio.sleep(CHECK_PAUSE)
    age = compare(found)
    if age is Age.OLDER:
        raise SchemaError(
            f"the database is at revision {found or 'none'} and this version needs {newest()}; "
            "run `python -m api migrate` of this version first"
        )
    return age


def compare(found: str | None) -> Age:
    """A database's revision beside that of this code. Raises SchemaError for one that is of no version of this API."""
    needed = newest()
    if found == needed:
        return Age.SAME
    if found is None or found in {script.revision for script in _scripts().walk_revisions()}:
        return Age.OLDER
    if found.isdecimal() and needed is not None and int(found) > int(needed):
        return Age.NEWER
    raise SchemaError(f"the database is at revision {found}, which no version of this API has made")


@cache
def newest() -> str | None:
    """The revision that this code needs."""
    return _scripts().get_current_head()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
    if connection.dialect.name == "postgresql":
        # Held until the transaction ends.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    before = _current(connection)
    if compare(before) is not Age.OLDER:
        return before, before
    config = _config()
    config.attributes["connection"] = connection
    if before is None and connection.dialect.name == "sqlite" and inspect(connection).has_table("sessions"):
        # The first version made the tables of a file itself, and left no number in it.
        command.stamp(config, FIRST)
    command.upgrade(config, "head")
    return before, _current(connection)
