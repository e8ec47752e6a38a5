"""Recordings in the database. No foreign key: a row must outlive its call's until its file is deleted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, or_, select, update

from api.database.engine import Database
from api.database.tables import RecordingRow, SessionRow
from api.jobs.repository import order
from api.recordings.schemas import FINAL, ORDER, RecordingState

ERASE_JOB: Final = "erase_recording"
AT_ONCE: Final = 200
"""Of one look for old ones."""
_GIVEN_UP: Final = timedelta(days=1)
"""After so long nothing more comes of a recording that never ended."""


class RecordingRepository:
    """The table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, row: RecordingRow) -> RecordingRow | None:
        """The recording of a running call: this one, or the one that was asked for before; None where the call is over."""
        running = select(SessionRow.id).where(SessionRow.id == row.session_id, SessionRow.ended_at.is_(None))
        before = select(RecordingRow).where(RecordingRow.session_id == row.session_id)
        async with self._database.writing() as db:
            if await db.scalar(running.with_for_update()) is None:
                return None
            found = await db.scalar(before.limit(1))
            if found is None:
                db.add(row)
            return found or row

    async def of(self, session_id: str) -> list[RecordingRow]:
        """Those of a call, in order."""
        query = select(RecordingRow).where(RecordingRow.session_id == session_id).order_by(RecordingRow.asked_at)
        async with self._database.reading() as db:
            return list((await db.scalars(query)).all())

    async def of_egress(self, egress_id: str, room: str) -> RecordingRow | None:
        """That of an egress, also where its webhook is quicker than the answer that names it."""
        unnamed = and_(RecordingRow.room == room, RecordingRow.egress_id.is_(None))
        query = select(RecordingRow).where(or_(RecordingRow.egress_id == egress_id, unnamed))
        async with self._database.reading() as db:
            return await db.scalar(query.order_by(RecordingRow.egress_id.is_(None)).limit(1))

    async def change(self, recording_id: str, state: RecordingState, **values: Any) -> bool:  # noqa: ANN401 - columns
        """Move on, never back; False where the recording was erased meanwhile."""
        earlier = [one.value for one in RecordingState if ORDER[one] <= ORDER[state] and one not in FINAL]
        mine = RecordingRow.id == recording_id
        moves = RecordingRow.state.in_([*earlier, state.value])
        async with self._database.writing() as db:
            if await db.scalar(select(RecordingRow.id).where(mine).with_for_update()) is None:
                return False
            await db.execute(update(RecordingRow).where(mine, moves).values(state=state.value, **values))
            return True

    async def old(self, tenants: Mapping[str, int], default_days: int, now: datetime) -> list[RecordingRow]:
        """Those whose time is over by their tenant's retention, or whose call is no longer known."""
        over = RecordingRow.state.in_([state.value for state in FINAL])
        dead = RecordingRow.asked_at < now - _GIVEN_UP
        others = RecordingRow.tenant.not_in(list(tenants))
        late = [and_(others, RecordingRow.asked_at < now - timedelta(days=default_days))]
        for tenant, days in tenants.items():
            late.append(and_(RecordingRow.tenant == tenant, RecordingRow.asked_at < now - timedelta(days=days)))
        lost = RecordingRow.session_id.not_in(select(SessionRow.id))
        query = select(RecordingRow).where(or_(over, dead), or_(*late, lost)).order_by(RecordingRow.asked_at)
        async with self._database.reading() as db:
            return list((await db.scalars(query.limit(AT_ONCE))).all())

    async def remove(self, recording_id: str) -> None:
        """Its file is gone."""
        async with self._database.writing() as db:
            await db.execute(delete(RecordingRow).where(RecordingRow.id == recording_id))

    async def replace_by_job(self, recording_id: str, payload: dict[str, str], at: datetime) -> None:
        """Forget whose it was; a job that names only the file deletes it."""
        async with self._database.writing() as db:
            await order(db, ERASE_JOB, f"erase:{recording_id}", payload, at)
            await db.execute(delete(RecordingRow).where(RecordingRow.id == recording_id))
