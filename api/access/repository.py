"""Keys in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update

from api.database.engine import Database
from api.database.tables import ApiKeyRow
from api.database.together import Together

_BY_ID: Final = select(ApiKeyRow.__table__).where(ApiKeyRow.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A row of `ApiKeyRow` as every request reads it, without the mapper."""

    id: str
    tenant: str
    name: str
    hash: str
    scopes: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    replaces: str | None


class KeyRepository:
    """API keys by id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads: Final = Together(self._some)

    async def add(self, row: ApiKeyRow) -> None:
        """Store a new key."""
        async with self._database.writing() as db:
            db.add(row)

    async def get(self, key_id: str) -> StoredKey | None:
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

    async def _some(self, key_ids: Sequence[str]) -> list[StoredKey | None]:
        wanted = {"ids": sorted(set(key_ids))}
        rows = await self._database.read_rows(lambda connection: connection.execute(_BY_ID, wanted).mappings().all())
        found = {row["id"]: StoredKey(**row) for row in rows}
        return [found.get(key_id) for key_id in key_ids]
