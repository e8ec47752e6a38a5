"""Trips that somebody shared, behind ids that nobody can guess."""

from datetime import datetime

from api.database.engine import Database
from api.database.tables import SharedTripRow


class TripRepository:
    """Shared trips."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: SharedTripRow) -> None:
        """Keep one."""
        async with self._database.writing() as db:
            db.add(row)

    async def get(self, share_id: str, now: datetime) -> SharedTripRow | None:
        """One that is still to be had."""
        async with self._database.reading() as db:
            row = await db.get(SharedTripRow, share_id)
        return row if row is not None and row.expires_at > now else None
