"""Keys in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from api.database.engine import Database
from api.database.tables import ApiKeyRow
from api.database.together import Together


class KeyRepository:
    """API keys by id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads: Final = Together(self._some)

    async def add(self, row: ApiKeyRow) -> None:
        """Store a new key."""
        async with self._database.writing() as db:
            db.add(row)

    async def get(self, key_id: str) -> ApiKeyRow | None:
        """The key, or None."""
        return await self._reads.ask(key_id)

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

    async def _some(self, key_ids: Sequence[str]) -> list[ApiKeyRow | None]:
        query = select(ApiKeyRow.__table__).where(ApiKeyRow.id.in_(sorted(set(key_ids))))
        async with self._database.reading_rows() as connection:
            rows = (await connection.execute(query)).mappings().all()
        found = {row["id"]: ApiKeyRow(**row) for row in rows}
        return [found.get(key_id) for key_id in key_ids]
