"""Brings a server database up to date: `python -m api migrate`, before a new version of the API starts.

Several tasks may start at once, so the work is done under a lock; whoever comes second finds nothing to do. Migrations
must keep the version before them working, because it serves until the new one is healthy.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

LOCK: Final = 0x706F6C79
"""Number of the PostgreSQL advisory lock."""
SCRIPTS: Final = Path(__file__).parent / "migrations"


async def migrate(url: str) -> tuple[str | None, str | None]:
    """Upgrade the database at `url`; the revision before and after. Raises what the database raises."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def newest() -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
    if connection.dialect.name == "postgresql":
        # Held until the transaction ends.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    before = MigrationContext.configure(connection).get_current_revision()
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, MigrationContext.configure(connection).get_current_revision()
