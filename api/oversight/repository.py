"""Reads across tables for the desk; each is narrowed to a tenant, or to None for the operator."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from api.database.engine import Database
from api.database.tables import CallEventRow, JobRow, PriceAlertRow, SessionRow, SummaryRow, TurnRow
from contracts.alerts import AlertStatus

CALLS_ASKED: Final = 50
"""The latest calls, whose models are what runs now: a deployment replaces its agents within one of these."""
ALERTS_SHOWN: Final = 200
ALERT_LATE: Final = timedelta(hours=1)
CLEAN_UP_LATE: Final = timedelta(hours=2)
"""The clean-up runs every hour; what has been over for longer was overlooked."""
CHORE: Final = "chore:"


class OversightRepository:
    """Queries alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def models_reported(self) -> Sequence[tuple[datetime, str]]:
        """What the latest calls said of their models, newest first: when, and the body of a `models` event."""
        latest = (
            select(SessionRow.id)
            .where(SessionRow.started_at.is_not(None))
            .order_by(SessionRow.created_at.desc())
            .limit(CALLS_ASKED)
        )
        query = (
            select(CallEventRow.at, CallEventRow.body)
            .where(CallEventRow.session_id.in_(latest), CallEventRow.kind == "models")
            .order_by(CallEventRow.at.desc())
        )
        async with self._database.reading() as db:
            return [(at, body) for at, body in (await db.execute(query)).all()]

    async def alerts(self, tenant: str | None) -> Sequence[PriceAlertRow]:
        """The newest alerts."""
        query = select(PriceAlertRow).where(_of(PriceAlertRow.tenant, tenant))
        async with self._database.reading() as db:
            newest = query.order_by(PriceAlertRow.created_at.desc(), PriceAlertRow.id).limit(ALERTS_SHOWN)
            return (await db.scalars(newest)).all()

    async def alert_counts(self, tenant: str | None, now: datetime) -> tuple[dict[AlertStatus, int], int]:
        """Alerts by status, and the active ones whose check is late."""
        mine = _of(PriceAlertRow.tenant, tenant)
        by_status = select(PriceAlertRow.status, func.count()).where(mine).group_by(PriceAlertRow.status)
        late = (
            select(func.count())
            .select_from(PriceAlertRow)
            .where(
                mine,
                PriceAlertRow.status == AlertStatus.ACTIVE.value,
                PriceAlertRow.next_check_at < now - ALERT_LATE,
                PriceAlertRow.ends_at > now,
            )
        )
        async with self._database.reading() as db:
            counts = {AlertStatus(status): count for status, count in (await db.execute(by_status)).all()}
            return counts, await db.scalar(late) or 0

    async def summaries(self, tenant: str | None) -> dict[str, int]:
        """Summaries by status."""
        query = (
            select(SummaryRow.status, func.count())
            .join(SessionRow, SessionRow.id == SummaryRow.session_id)
            .where(_of(SessionRow.tenant, tenant))
            .group_by(SummaryRow.status)
        )
        async with self._database.reading() as db:
            return {status: count for status, count in await db.execute(query)}  # noqa: C416 - rows are no tuples to mypy

    async def kept_too_long(self, days: Mapping[str, int], now: datetime) -> dict[str, int]:
        """Ended calls by tenant whose words should be gone by now."""
        found: dict[str, int] = {}
        async with self._database.reading() as db:
            for tenant, most in days.items():
                worded = SessionRow.id.in_(select(TurnRow.session_id))
                query = (
                    select(func.count())
                    .select_from(SessionRow)
                    .where(
                        SessionRow.tenant == tenant,
                        SessionRow.ended_at < now - timedelta(days=most) - CLEAN_UP_LATE,
                        worded,
                    )
                )
                found[tenant] = await db.scalar(query) or 0
        return found

    async def jobs(self) -> tuple[Sequence[JobRow], Sequence[tuple[str, int, int]]]:
        """Chores, and of the other jobs by kind how many wait and how many were given up."""
        is_chore = JobRow.key.startswith(CHORE, autoescape=True)
        kinds = (
            select(
                JobRow.kind,
                func.count().filter(JobRow.failed_at.is_(None)),
                func.count().filter(JobRow.failed_at.is_not(None)),
            )
            .where(~is_chore)
            .group_by(JobRow.kind)
            .order_by(JobRow.kind)
        )
        async with self._database.reading() as db:
            chores = (await db.scalars(select(JobRow).where(is_chore).order_by(JobRow.kind))).all()
            return chores, [(kind, waiting, failed) for kind, waiting, failed in (await db.execute(kinds)).all()]


def _of(column: InstrumentedAttribute[str], tenant: str | None) -> ColumnElement[bool]:
    return true() if tenant is None else column == tenant
