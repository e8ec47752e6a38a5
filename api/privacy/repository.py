"""Erasing: everything of one call, or everything of a kind that is too old."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select, update

from api.database.engine import Database
from api.database.tables import (
    CallEventRow,
    ConsentRow,
    DeliveryRow,
    IntakeRow,
    JobRow,
    MediaEventRow,
    PriceAlertRow,
    RecordingRow,
    SessionRow,
    SharedTripRow,
    SummaryRow,
    TurnRow,
)
from contracts.records import EndReason

_OF_A_SESSION: Final = (TurnRow, SummaryRow, CallEventRow, ConsentRow, IntakeRow)
_MADE_IN_CALLS: Final = (SharedTripRow, PriceAlertRow)
"""What may outlive a call and was made in it."""
_CONTENT_KINDS: Final = ("found",)


class PrivacyRepository:
    """Deletes, and counts what is left."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, session_id: str, room: str) -> dict[str, int]:
        """Everything of one call, in one step; rows by table."""
        rows: dict[str, int] = {}
        async with self._database.writing() as db:
            for table in (*_OF_A_SESSION, *_MADE_IN_CALLS):
                done = await db.execute(delete(table).where(table.session_id == session_id))
                rows[table.__tablename__] = done.rowcount  # type: ignore[attr-defined]
            jobs = await db.execute(delete(JobRow).where(JobRow.payload.contains(session_id, autoescape=True)))
            sent = await db.execute(delete(DeliveryRow).where(DeliveryRow.body.contains(session_id, autoescape=True)))
            seen = await db.execute(delete(MediaEventRow).where(MediaEventRow.room == room))
            call = await db.execute(delete(SessionRow).where(SessionRow.id == session_id))
            for name, done in (
                ("jobs", jobs),
                ("webhook_deliveries", sent),
                ("media_events", seen),
                ("sessions", call),
            ):
                rows[name] = done.rowcount  # type: ignore[attr-defined]
        return rows

    async def left(self, session_id: str, room: str) -> int:
        """Rows that still know the call: none, or the erasing has failed."""
        counts = [
            select(func.count()).select_from(table).where(table.session_id == session_id)
            for table in (*_OF_A_SESSION, *_MADE_IN_CALLS)
        ]
        counts += [
            select(func.count()).select_from(RecordingRow).where(RecordingRow.session_id == session_id),
            select(func.count()).select_from(SessionRow).where(SessionRow.id == session_id),
            select(func.count()).select_from(JobRow).where(JobRow.payload.contains(session_id, autoescape=True)),
            select(func.count()).select_from(DeliveryRow).where(DeliveryRow.body.contains(session_id, autoescape=True)),
            select(func.count()).select_from(MediaEventRow).where(MediaEventRow.room == room),
        ]
        async with self._database.reading() as db:
            return sum([await db.scalar(count) or 0 for count in counts])

    async def forget_content(self, tenants: Mapping[str, int], default_days: int, now: datetime) -> None:
        """What was said in calls that ended too long ago, by their tenant's retention."""
        for tenant, days in tenants.items():
            await self._forget_content(SessionRow.tenant == tenant, days, now)
        await self._forget_content(SessionRow.tenant.not_in(list(tenants)), default_days, now)

    async def forget_records(self, days: int, now: datetime) -> None:
        """Calls that ended too long ago, and tokens that were never used."""
        ended = SessionRow.ended_at < now - timedelta(days=days)
        unused = (SessionRow.started_at.is_(None)) & (SessionRow.token_expires_at < now - timedelta(days=1))
        holds = select(IntakeRow.session_id)
        async with self._database.writing() as db:
            await db.execute(delete(SessionRow).where(or_(ended, unused), SessionRow.id.not_in(holds)))

    async def end_unused(self, now: datetime) -> None:
        """Sessions whose token ran out before anybody came."""
        gone = (
            SessionRow.started_at.is_(None),
            SessionRow.ended_at.is_(None),
            SessionRow.token_expires_at < now - timedelta(minutes=1),
        )
        change = update(SessionRow).where(*gone).values(ended_at=now, end_reason=EndReason.NEVER_JOINED.value)
        async with self._database.writing() as db:
            await db.execute(change.execution_options(synchronize_session=False))

    async def forget_deliveries(self, days: int, now: datetime) -> None:
        """Old messages to webhooks, and jobs that were given up."""
        limit = now - timedelta(days=days)
        async with self._database.writing() as db:
            await db.execute(delete(DeliveryRow).where(DeliveryRow.created_at < limit))
            await db.execute(delete(JobRow).where(JobRow.failed_at < limit))

    async def forget_trips(self, now: datetime) -> None:
        """Shared trips and price alerts that are over."""
        async with self._database.writing() as db:
            await db.execute(delete(SharedTripRow).where(SharedTripRow.expires_at < now))
            await db.execute(delete(PriceAlertRow).where(PriceAlertRow.ends_at < now))

    async def _forget_content(self, whose: object, days: int, now: datetime) -> None:
        old = select(SessionRow.id).where(whose, SessionRow.ended_at < now - timedelta(days=days))  # type: ignore[arg-type]
        async with self._database.writing() as db:
            for table in (TurnRow, SummaryRow):
                await db.execute(
                    delete(table).where(table.session_id.in_(old)).execution_options(synchronize_session=False)
                )
            content = delete(CallEventRow).where(
                CallEventRow.session_id.in_(old), CallEventRow.kind.in_((*_CONTENT_KINDS, "tool"))
            )
            await db.execute(content.execution_options(synchronize_session=False))
