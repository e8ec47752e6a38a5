"""Where sessions, turns and summaries are kept: in the database by consent, else in memory until the call ends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from api.db import Database, SessionRow, SummaryRow, TurnRow
from api.sessions.memory import CallMemory
from contracts.dispatch import DispatchMetadata
from contracts.sessions import SessionStatus
from contracts.turns import Summary, Turn


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as it is stored."""

    metadata: DispatchMetadata
    room: str
    created_at: datetime
    token_expires_at: datetime
    status: SessionStatus | None = None
    ended_at: datetime | None = None

    @property
    def id(self) -> str:
        """The session's id."""
        return self.metadata.session_id


class SessionRepository:
    """Sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, record: SessionRecord) -> None:
        """Store a new session."""
        async with self._database.sessions.begin() as db:
            db.add(
                SessionRow(
                    id=record.id,
                    tenant=record.metadata.tenant,
                    room=record.room,
                    metadata_json=record.metadata.model_dump_json(),
                    created_at=record.created_at,
                    token_expires_at=record.token_expires_at,
                )
            )

    async def get(self, session_id: str) -> SessionRecord | None:
        """The session, or None."""
        async with self._database.sessions() as db:
            row = await db.get(SessionRow, session_id)
        return _record(row) if row else None

    async def running_in(self, room: str) -> SessionRecord | None:
        """The latest session of a room that has not ended."""
        query = select(SessionRow).where(SessionRow.room == room, SessionRow.ended_at.is_(None))
        async with self._database.sessions() as db:
            row = await db.scalar(query.order_by(SessionRow.created_at.desc()).limit(1))
        return _record(row) if row else None

    async def set_status(self, session_id: str, status: SessionStatus, ended_at: datetime | None) -> None:
        """Remember what was last seen, and the end when it has come."""
        async with self._database.sessions.begin() as db:
            await db.execute(
                update(SessionRow)
                .where(SessionRow.id == session_id)
                .values(status_json=status.model_dump_json(), ended_at=ended_at)
            )


def _record(row: SessionRow) -> SessionRecord:
    return SessionRecord(
        metadata=DispatchMetadata.model_validate_json(row.metadata_json),
        room=row.room,
        created_at=row.created_at,
        token_expires_at=row.token_expires_at,
        status=SessionStatus.model_validate_json(row.status_json) if row.status_json else None,
        ended_at=row.ended_at,
    )


class TurnRepository:
    """Turns that the user agreed to keep."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session_id: str, turn: Turn) -> bool:
        """Store a turn; False when it was there already, which changes nothing."""
        try:
            async with self._database.sessions.begin() as db:
                db.add(
                    TurnRow(session_id=session_id, id=turn.id, started_at=turn.started_at, body=turn.model_dump_json())
                )
        except IntegrityError:
            return False
        return True

    async def all(self, session_id: str) -> list[Turn]:
        """Turns of a session, oldest first."""
        query = select(TurnRow.body).where(TurnRow.session_id == session_id).order_by(TurnRow.started_at, TurnRow.id)
        async with self._database.sessions() as db:
            return [Turn.model_validate_json(body) for body in (await db.scalars(query)).all()]


class SummaryRepository:
    """Summaries of ended sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, session_id: str, summary: Summary) -> None:
        """Store or replace."""
        async with self._database.sessions.begin() as db:
            await db.execute(delete(SummaryRow).where(SummaryRow.session_id == session_id))
            db.add(SummaryRow(session_id=session_id, status=summary.status, text=summary.text))

    async def get(self, session_id: str) -> Summary | None:
        """The summary, or None."""
        async with self._database.sessions() as db:
            row = await db.get(SummaryRow, session_id)
        return Summary.model_validate({"status": row.status, "text": row.text}) if row else None


class Stores:
    """The three stores of one database, and the memory of running calls."""

    def __init__(self, database: Database, memory: CallMemory) -> None:
        self.sessions: Final = SessionRepository(database)
        self.turns: Final = TurnRepository(database)
        self.summaries: Final = SummaryRepository(database)
        self.memory: Final = memory
