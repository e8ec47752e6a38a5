"""The database: engine, sessions, and what its trouble looks like from outside.

SQLite is migrated at the start; a server database by its own task before the start, and one that was not is refused.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from api.database.migrate import Age, SchemaError, check, migrate, newest
from api.database.tables import Base, SessionRow
from contracts.problems import Unavailable

T = TypeVar("T")

log = structlog.get_logger("polyglot.db")

CONNECT_SECONDS: Final = 3.0
COMMAND_SECONDS: Final = 5.0
POOL_SECONDS: Final = 3.0
POOL_SIZE: Final = 10
POOL_OVERFLOW: Final = 10
PING_AFTER: Final = 1.0
"""Seconds of rest after which a connection is tried before it is used."""
_USED: Final = "polyglot.used"
RETRY_AFTER: Final = 2
"""Seconds after which a client may ask again: a failover takes half a minute, a full pool less."""


class DatabaseAway(Unavailable):
    """The database does not answer, or not in time. Nothing was changed; asking again is safe."""

    slug = "database-unavailable"
    title = "The database does not answer"


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database is away, and not that the question was wrong."""
    if isinstance(error, DBAPIError):
        # A lock that was not had in time, a server that shuts down, a connection that broke.
        return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    return isinstance(error, PoolTimeoutError | OSError | TimeoutError)


class Database:
    """The engine and its sessions."""

    def __init__(self, url: str) -> None:
        self.is_sqlite: Final = url.startswith("sqlite")
        self._url = url
        bounds: dict[str, Any] = {"connect_args": {"timeout": COMMAND_SECONDS}}
        if not self.is_sqlite:
            bounds = {
                "connect_args": {"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS},
                "pool_timeout": POOL_SECONDS,
                "pool_size": POOL_SIZE,
                "max_overflow": POOL_OVERFLOW,
            }
        self.engine: AsyncEngine = create_async_engine(
            url, pool_pre_ping=not self.is_sqlite, hide_parameters=True, **bounds
        )
        self._alone: Final = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._thread: ThreadPoolExecutor | None = None
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _tune_sqlite)
            self._beside: Final = create_engine(
                make_url(url).set(drivername="sqlite"), hide_parameters=True, pool_size=1, **bounds
            )
            event.listen(self._beside, "connect", _tune_sqlite)
            self._thread = ThreadPoolExecutor(1, "polyglot-rows")
        else:
            _ping_the_rested(self.engine.sync_engine)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session to read with. Raises DatabaseAway."""
        async with _told_apart(), self._sessions() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed at the end. Raises DatabaseAway."""
        async with _told_apart(), self._sessions.begin() as session:
            yield session

    async def read_rows(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads by one statement, for what every request asks: no transaction, no mapper. Raises DatabaseAway.

        On SQLite the whole of it is one trip to a thread; the driver beside makes one for each step of a cursor's life.
        """
        async with _told_apart():
            if self._thread is not None:
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._read_beside, work)
            async with self._alone.connect() as connection:
                return await connection.run_sync(work)

    async def write_rows(self, work: Callable[[Connection], T]) -> T:
        """`writing` for plain rows: one transaction, without the mapper. Raises DatabaseAway."""
        async with _told_apart():
            if self._thread is not None:
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._write_beside, work)
            async with self.engine.begin() as connection:
                return await connection.run_sync(work)

    def _read_beside(self, work: Callable[[Connection], T]) -> T:
        with self._beside.connect() as connection:
            return work(connection)

    def _write_beside(self, work: Callable[[Connection], T]) -> T:
        with self._beside.begin() as connection:
            return work(connection)

    async def start(self) -> None:
        """Bring SQLite up to date. Raises SchemaError for a server that was not migrated."""
        if self.is_sqlite:
            async with self.engine.begin() as connection:
                fresh = await connection.run_sync(_made_whole)
            if not fresh:
                await migrate(self._url)
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
        async with asyncio.timeout(COMMAND_SECONDS), self.engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def aclose(self) -> None:
        """Close the connections."""
        if self._thread is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._beside.dispose)
            self._thread.shutdown(wait=False)
        await self.engine.dispose()


@asynccontextmanager
async def _told_apart() -> AsyncIterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeoutError, OSError, TimeoutError) as error:
        if not is_away(error):
            raise
        # Not the driver's words: they hold statements, and may hold the address.
        log.warning("database.away", error=type(error).__name__)
        raise DatabaseAway("The database does not answer; try again in a moment.", retry_after=RETRY_AFTER) from error


def _ping_the_rested(engine: Engine) -> None:
    """Try a connection that has rested before it is used; when it is dead, all of the pool are made anew.

    As the pool's own pre-ping, which asks three times for each use: under load that cost more than the statements.
    """

    def used(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_USED] = time.monotonic()

    def taken(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get(_USED, time.monotonic()) < PING_AFTER:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", used)
    event.listen(engine, "checkout", taken)


def _made_whole(connection: Connection) -> bool:
    """Make all tables in an empty file at once, as its migrations would; False when it is not empty."""
    if inspect(connection).has_table(SessionRow.__tablename__):
        return False
    Base.metadata.create_all(connection)
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (newest(),))
    return True


def _tune_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own connection
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
