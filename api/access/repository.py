"""Keys in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from api.database.engine import Database
from api.database.tables import ApiKeyRow


class KeyRepository:
    """API keys by id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, row: ApiKeyRow) -> None:
        """Store a new key."""
        async with self._database.writing() as db:
            db.add(row)

    async def get(self, key_id: str) -> ApiKeyRow | None:
        """The key, or None."""
        async with self._database.reading() as db:
            return await db.get(ApiKeyRow, key_id)

    async def all(self, tenant: str | None) -> Sequence[ApiKeyRow]:
        """Keys of a tenant, or of all; newest first."""
        query = select(ApiKeyRow).order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
        if tenant is not None:
            query = query.where(ApiKeyRow.tenant == tenant)
        async with self._database.reading() as db:
            return (await db.scalars(query)).all()

    async def revoke(self, key_id: str, at: datetime) -> None:
        """End a key now; one that is revoked stays as it is."""
        change = update(ApiKeyRow).where(ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None))
        async with self._database.writing() as db:
            await db.execute(change.values(revoked_at=at))

    async def replace(self, old_id: str, ends_at: datetime, row: ApiKeyRow) -> None:
        """Store the new key and let the old one end, in one step."""
        async with self._database.writing() as db:
            await db.execute(update(ApiKeyRow).where(ApiKeyRow.id == old_id).values(expires_at=ends_at))
            db.add(row)
