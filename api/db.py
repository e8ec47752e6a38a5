"""The database: tables, engine, and when they are made.

SQLite makes its tables at the start; a server database is migrated by its own tool before the start, and one that was
not is refused.
"""

from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import DateTime, Dialect, ForeignKey, Index, String, Text, TypeDecorator, event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from api.migrate import Age, SchemaError, check

log = structlog.get_logger("polyglot.db")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and read back as UTC; SQLite would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Base of the tables."""


class SessionRow(Base):
    """One session; holds nothing that a user said."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    room: Mapped[str] = mapped_column(String(128), index=True)
    metadata_json: Mapped[str] = mapped_column(Text)
    """`contracts.dispatch.DispatchMetadata`."""
    status_json: Mapped[str | None] = mapped_column(Text, default=None)
    """`contracts.sessions.SessionStatus` as last seen."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    token_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class TurnRow(Base):
    """One turn of a conversation whose user agreed to keeping it."""

    __tablename__ = "turns"

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[str] = mapped_column(Text)
    """`contracts.turns.Turn`."""

    __table_args__ = (Index("turns_in_order", "session_id", "started_at"),)


class SummaryRow(Base):
    """The summary of an ended session."""

    __tablename__ = "summaries"

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    text: Mapped[str | None] = mapped_column(Text, default=None)


class Database:
    """The engine and its sessions."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(url, pool_pre_ping=True)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        if self._is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)

    async def start(self) -> None:
        """Make the tables where nobody else does. Raises SchemaError for a server that was not migrated."""
        if self._is_sqlite:
            async with self.engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            return
        try:
            age = await check(self.engine)
        except SchemaError as error:
            log.error("database.refused", reason=str(error))  # noqa: TRY400 - no stack trace: the reason is all
            raise
        if age is Age.NEWER:
            log.warning("database.newer", reason="a newer version has migrated it; this one serves on")

    async def ping(self) -> None:
        """Return when the database answers."""
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def aclose(self) -> None:
        """Close the connections."""
        await self.engine.dispose()


def _tune_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own connection
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
