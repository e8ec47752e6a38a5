"""Jobs in the database: ordered in the transaction of what they follow from, taken by one task at a time."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.database.engine import Database
from api.database.tables import JobRow

LEASE: Final = timedelta(seconds=60)
"""A job whose task was killed is taken again after so long."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was taken."""

    id: str
    kind: str
    payload: dict[str, Any]
    attempts: int
    """This one included."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The queue in numbers."""

    due: int
    failed: int
    """Given up, and not yet forgotten."""
    waited: float
    """Seconds that the oldest due one waits."""


async def order(db: AsyncSession, kind: str, key: str, payload: dict[str, str], run_at: datetime) -> None:
    """Add a job within a transaction; one with the same key that is still to be done is the same job."""
    if await db.scalar(select(JobRow.id).where(JobRow.key == key)) is None:
        db.add(JobRow(id=secrets.token_hex(12), kind=kind, key=key, payload=json.dumps(payload), run_at=run_at))


class JobRepository:
    """The queue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, now: datetime) -> Job | None:
        """The next job that is due and that nobody does."""
        free = or_(JobRow.leased_until.is_(None), JobRow.leased_until < now)
        due = select(JobRow).where(JobRow.run_at <= now, JobRow.failed_at.is_(None), free)
        async with self._database.writing() as db:
            # SQLite has no such lock and needs none: one writer at a time, and the update below asks again.
            row = await db.scalar(due.order_by(JobRow.run_at).limit(1).with_for_update(skip_locked=True))
            if row is None:
                return None
            mine = update(JobRow).where(JobRow.id == row.id, JobRow.attempts == row.attempts)
            done = await db.execute(
                mine.values(leased_until=now + LEASE, attempts=row.attempts + 1).execution_options(
                    synchronize_session=False
                )
            )
            if not done.rowcount:  # type: ignore[attr-defined]
                return None
            return Job(row.id, row.kind, json.loads(row.payload), row.attempts + 1)

    async def done(self, job: Job) -> None:
        """It is done: nothing of it is kept."""
        async with self._database.writing() as db:
            await db.execute(delete(JobRow).where(JobRow.id == job.id))

    async def again(self, job: Job, at: datetime, error: str) -> None:
        """It failed, and is tried again."""
        change = update(JobRow).where(JobRow.id == job.id)
        async with self._database.writing() as db:
            await db.execute(change.values(run_at=at, leased_until=None, error=error))

    async def give_up(self, job: Job, at: datetime, error: str) -> None:
        """It failed for good; the operator sees it until retention takes it."""
        change = update(JobRow).where(JobRow.id == job.id)
        async with self._database.writing() as db:
            await db.execute(change.values(failed_at=at, leased_until=None, error=error))

    async def ensure(self, kind: str, key: str, payload: dict[str, str], run_at: datetime) -> None:
        """Order a job on its own."""
        async with self._database.writing() as db:
            await order(db, kind, key, payload, run_at)

    async def counts(self, now: datetime) -> Counts:
        """How the queue is."""
        overdue = JobRow.failed_at.is_(None) & (JobRow.run_at <= now)
        query = select(
            func.count().filter(overdue),
            func.count().filter(JobRow.failed_at.is_not(None)),
            func.min(JobRow.run_at).filter(overdue),
        )
        async with self._database.reading() as db:
            due, failed, oldest = (await db.execute(query)).one()
        return Counts(due, failed, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
