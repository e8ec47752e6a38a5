"""Webhooks and their messages in the database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.database.engine import Database
from api.database.tables import DeliveryRow, WebhookRow


class WebhookRepository:
    """Where operators are told, and what they were told."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def add(self, row: WebhookRow) -> None:
        """Store a new webhook."""
        async with self.database.writing() as db:
            db.add(row)

    async def get(self, webhook_id: str) -> WebhookRow | None:
        """The webhook, or None."""
        async with self.database.reading() as db:
            return await db.get(WebhookRow, webhook_id)

    async def all(self, tenant: str | None) -> Sequence[WebhookRow]:
        """Webhooks of a tenant, or of all; newest first."""
        query = select(WebhookRow).order_by(WebhookRow.created_at.desc(), WebhookRow.id)
        if tenant is not None:
            query = query.where(WebhookRow.tenant == tenant)
        async with self.database.reading() as db:
            return (await db.scalars(query)).all()

    async def remove(self, webhook_id: str) -> None:
        """Drop a webhook and what was sent to it."""
        async with self.database.writing() as db:
            await db.execute(delete(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id))
            await db.execute(delete(WebhookRow).where(WebhookRow.id == webhook_id))

    async def of_tenant(self, db: AsyncSession, tenant: str) -> Sequence[WebhookRow]:
        """Webhooks of a tenant, within a transaction."""
        return (await db.scalars(select(WebhookRow).where(WebhookRow.tenant == tenant))).all()

    async def delivery(self, delivery_id: str) -> DeliveryRow | None:
        """One message, or None."""
        async with self.database.reading() as db:
            return await db.get(DeliveryRow, delivery_id)

    async def deliveries(self, webhook_id: str, limit: int) -> Sequence[DeliveryRow]:
        """The last messages to a webhook."""
        query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
        async with self.database.reading() as db:
            return (await db.scalars(query.order_by(DeliveryRow.created_at.desc(), DeliveryRow.id).limit(limit))).all()

    async def answered(self, delivery_id: str, *, status: str, answer: int | None, at: datetime | None) -> None:
        """How an attempt went."""
        change = update(DeliveryRow).where(DeliveryRow.id == delivery_id)
        async with self.database.writing() as db:
            await db.execute(
                change.values(
                    status=status, answer=answer, delivered_at=at, attempts=DeliveryRow.attempts + 1
                ).execution_options(synchronize_session=False)
            )
