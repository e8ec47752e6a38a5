"""Intakes in the database, one for a call; nobody else writes or reads the table."""

from datetime import datetime

from sqlalchemy import delete, select

from api.database.engine import Database
from api.database.tables import IntakeRow, SessionRow


class IntakeRepository:
    """The table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, row: IntakeRow) -> bool:
        """Keep it, in place of an earlier one; False where the call itself is gone meanwhile."""
        async with self._database.writing() as db:
            known = await db.scalar(select(SessionRow.id).where(SessionRow.id == row.session_id).with_for_update())
            if known is None:
                return False
            await db.merge(row)
        return True

    async def get(self, session_id: str) -> IntakeRow | None:
        """The intake of a call."""
        async with self._database.reading() as db:
            return await db.get(IntakeRow, session_id)

    async def forget_old(self, now: datetime) -> None:
        """Those whose time is over."""
        async with self._database.writing() as db:
            await db.execute(delete(IntakeRow).where(IntakeRow.expires_at <= now))
