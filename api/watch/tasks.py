"""Which tasks of the API run, which of them watches a session, and what the media server told to which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.database.engine import Database
from api.database.tables import MediaEventRow, SessionRow, TaskRow
from api.watch.watcher import MediaEvent

BEAT: Final = 3.0
"""Seconds between two signs of life of a task."""
DEAD_AFTER: Final = timedelta(seconds=10)
"""A task that was not seen for so long watches nothing any more; with one beat of the others, a call changes hands in 13 s."""
EVENTS_KEPT: Final = timedelta(hours=1)
"""A webhook that comes twice within so long is taken once."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running session, as the list of all rooms is held against it."""

    session_id: str
    room: str
    owner: str | None


class TaskRepository:
    """Signs of life and leases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, task: str, now: datetime) -> tuple[str, ...]:
        """Say that a task lives; ids of all that do, in order."""
        async with self._database.writing() as db:
            await db.merge(TaskRow(id=task, seen_at=now))
            await db.execute(delete(TaskRow).where(TaskRow.seen_at < now - DEAD_AFTER * 6))
            alive = select(TaskRow.id).where(TaskRow.seen_at >= now - DEAD_AFTER).order_by(TaskRow.id)
            return tuple((await db.scalars(alive)).all())

    async def leave(self, task: str) -> None:
        """A task ends in order: others may take its sessions at once."""
        async with self._database.writing() as db:
            await db.execute(delete(TaskRow).where(TaskRow.id == task))
            await db.execute(update(SessionRow).where(SessionRow.owner == task).values(owner=None))

    async def claim(self, session_id: str, task: str, alive: Sequence[str], now: datetime) -> bool:
        """Take a session that has not ended and that no living task watches; whether it is ours now."""
        others = [name for name in alive if name != task]
        free = or_(SessionRow.owner.is_(None), SessionRow.owner.not_in(others))
        change = update(SessionRow).where(SessionRow.id == session_id, SessionRow.ended_at.is_(None), free)
        async with self._database.writing() as db:
            done = await db.execute(change.values(owner=task).execution_options(synchronize_session=False))
            if done.rowcount:  # type: ignore[attr-defined]
                first = update(SessionRow).where(SessionRow.id == session_id, SessionRow.started_at.is_(None))
                await db.execute(first.values(started_at=now))
            return bool(done.rowcount)  # type: ignore[attr-defined]

    async def orphans(self, alive: Sequence[str]) -> list[str]:
        """Running sessions that no living task watches."""
        lost = or_(SessionRow.owner.is_(None), SessionRow.owner.not_in(alive))
        query = select(SessionRow.id).where(SessionRow.ended_at.is_(None), SessionRow.started_at.is_not(None), lost)
        async with self._database.reading() as db:
            return list((await db.scalars(query)).all())

    async def running(self) -> list[Running]:
        """All sessions whose room was seen and that have not ended."""
        query = select(SessionRow.id, SessionRow.room, SessionRow.owner).where(
            SessionRow.ended_at.is_(None), SessionRow.started_at.is_not(None)
        )
        async with self._database.reading() as db:
            return [Running(*row) for row in (await db.execute(query)).all()]

    async def owned(self, task: str) -> set[str]:
        """Sessions that the database says this task watches."""
        query = select(SessionRow.id).where(SessionRow.owner == task, SessionRow.ended_at.is_(None))
        async with self._database.reading() as db:
            return set((await db.scalars(query)).all())


class MediaEventRepository:
    """Webhooks, each once, and the way to the task that watches the room."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, event: MediaEvent, owner: str | None, now: datetime) -> bool:
        """Store an event, for another task where one is named; False when it was here before, or is of no call of ours.

        A call that was erased is none any more: its room closes afterwards, and nothing of it may come back.
        """
        columns = {
            "id": event.id,
            "room": event.room,
            "kind": event.kind,
            "identity": event.identity,
            "is_agent": event.is_agent,
            "at": now,
            "owner": owner,
        }
        types = MediaEventRow.__table__.c
        values = [literal(value, types[name].type) for name, value in columns.items()]
        ours = exists().where(SessionRow.room == event.room)
        # One statement: between a look and an insert the call could be erased.
        store = insert(MediaEventRow).from_select(list(columns), select(*values).where(ours))
        try:
            return await self._database.write_rows(lambda connection: connection.execute(store).rowcount > 0)
        except IntegrityError:
            return False

    async def inbox(self, task: str) -> list[MediaEvent]:
        """What others received for this task, in order; it is gone from there."""
        query = select(MediaEventRow).where(MediaEventRow.owner == task).order_by(MediaEventRow.at, MediaEventRow.id)
        async with self._database.writing() as db:
            rows = (await db.scalars(query.limit(200))).all()
            if rows:
                ids = [row.id for row in rows]
                await db.execute(update(MediaEventRow).where(MediaEventRow.id.in_(ids)).values(owner=None))
        return [MediaEvent(row.id, row.room, row.kind, row.identity, row.is_agent) for row in rows]

    async def forget_old(self, now: datetime) -> None:
        """Drop what cannot come twice any more."""
        async with self._database.writing() as db:
            await db.execute(delete(MediaEventRow).where(MediaEventRow.at < now - EVENTS_KEPT))
