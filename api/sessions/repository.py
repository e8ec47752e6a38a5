"""Where sessions, turns and summaries are kept: in the database by consent, else in memory until the call ends."""

import hashlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.budgets.service import Account
from api.database.engine import Database
from api.database.tables import ConsentRow, SessionRow, SummaryRow, TurnRow
from api.database.together import Together
from api.sessions.memory import CallMemory
from contracts.dispatch import DispatchMetadata
from contracts.problems import Conflict
from contracts.records import EndReason
from contracts.sessions import SessionStatus
from contracts.turns import Summary, Turn

TURNS_MAX: Final = 1000
"""Of one session in the database; a call of half an hour has about two hundred."""

_ADD: Final = insert(SessionRow)
_AGREE: Final = insert(ConsentRow)

InTransaction = Callable[[AsyncSession], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as it is stored."""

    metadata: DispatchMetadata
    room: str
    created_at: datetime
    token_expires_at: datetime
    caller: str = ""
    identity: str = ""
    spoken: str = ""
    receipt: str | None = None
    """The hash of its receipt code."""
    status: SessionStatus | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    owner: str | None = None
    resumes: bool = False
    written: str | None = field(default=None, compare=False)
    """The metadata as JSON, where it has been written already."""

    @property
    def id(self) -> str:
        """The session's id."""
        return self.metadata.session_id

    @property
    def tenant(self) -> str:
        """Whose it is."""
        return self.metadata.tenant

    @property
    def account(self) -> Account:
        """Whom its budgets are counted for."""
        return Account(self.caller, self.tenant)

    @property
    def keeps_turns(self) -> bool:
        """Whether the traveller agreed to keeping what is said."""
        return self.metadata.consent.store_turns


def receipt_hash(code: str) -> str:
    """What is stored of a receipt code; case, spaces and hyphens do not count."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


class SessionRepository:
    """Sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._adds: Final = Together(self._add_some)

    async def add(self, record: SessionRecord) -> None:
        """Store a new session and what was agreed to. IntegrityError when its room has a running one."""
        refusal = await self._adds.ask(record)
        if refusal is not None:
            raise refusal

    async def open(self, record: SessionRecord) -> SessionRecord:
        """Store a new session of its room, or return the one that somebody else has just opened there."""
        try:
            await self.add(record)
        except IntegrityError:
            running = await self.latest_in(record.room)
            if running is None or running.ended_at is not None:
                raise
            return running
        return record

    async def get(self, session_id: str) -> SessionRecord | None:
        """The session, or None."""
        async with self._database.reading() as db:
            row = await db.get(SessionRow, session_id)
        return _record(row) if row else None

    async def running_in(self, room: str) -> SessionRecord | None:
        """The latest session of a room that has not ended."""
        return await self._latest(room, running=True)

    async def latest_in(self, room: str) -> SessionRecord | None:
        """The latest session of a room, ended or not."""
        return await self._latest(room, running=False)

    async def of_receipt(self, code: str) -> SessionRecord | None:
        """The session of a receipt code."""
        query = select(SessionRow).where(SessionRow.receipt == receipt_hash(code))
        async with self._database.reading() as db:
            row = await db.scalar(query.limit(1))
        return _record(row) if row else None

    async def set_status(self, session_id: str, status: SessionStatus, *, resumes: bool) -> None:
        """Remember what was last seen of a session that has not ended."""
        change = update(SessionRow).where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
        async with self._database.writing() as db:
            await db.execute(change.values(status_json=status.model_dump_json(), resumes=resumes))

    async def end(
        self, session_id: str, status: SessionStatus, reason: EndReason, at: datetime, then: InTransaction
    ) -> bool:
        """The end, once: the first gets True, and `then` happens in the same transaction."""
        change = update(SessionRow).where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
        async with self._database.writing() as db:
            done = await db.execute(
                change.values(
                    ended_at=at,
                    end_reason=func.coalesce(SessionRow.end_reason, reason.value),
                    status_json=status.model_dump_json(),
                ).execution_options(synchronize_session=False)
            )
            if not done.rowcount:  # type: ignore[attr-defined]
                return False
            await then(db)
            return True

    async def set_reason(self, session_id: str, reason: EndReason) -> None:
        """Why it will end, by the agent's word, which knows more than what is seen from outside."""
        change = update(SessionRow).where(SessionRow.id == session_id, SessionRow.end_reason.is_(None))
        async with self._database.writing() as db:
            await db.execute(change.values(end_reason=reason.value))

    async def _add_some(self, new: Sequence[SessionRecord]) -> list[IntegrityError | None]:
        sessions = [_columns(record) for record in new]
        consents = [consent for record in new if (consent := _consent(record))]

        def store(connection: Connection) -> None:
            connection.execute(_ADD, sessions)
            if consents:
                connection.execute(_AGREE, consents)

        try:
            await self._database.write_rows(store)
        except IntegrityError as refusal:
            if len(new) == 1:
                return [refusal]
            return [(await self._add_some([one]))[0] for one in new]
        return [None] * len(new)

    async def _latest(self, room: str, *, running: bool) -> SessionRecord | None:
        query = select(SessionRow).where(SessionRow.room == room)
        if running:
            query = query.where(SessionRow.ended_at.is_(None))
        async with self._database.reading() as db:
            row = await db.scalar(query.order_by(SessionRow.created_at.desc()).limit(1))
        return _record(row) if row else None


def _columns(record: SessionRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "tenant": record.tenant,
        "room": record.room,
        "metadata_json": record.written or record.metadata.model_dump_json(),
        "created_at": record.created_at,
        "token_expires_at": record.token_expires_at,
        "caller": record.caller,
        "identity": record.identity,
        "spoken": record.spoken,
        "receipt": record.receipt,
    }


def _consent(record: SessionRecord) -> dict[str, Any] | None:
    """What was agreed to, if anything was said of it."""
    consent = record.metadata.consent
    if consent.version is None and not consent.store_turns and not consent.record:
        return None
    return {
        "session_id": record.id,
        "at": record.created_at,
        "version": consent.version or "unnamed",
        "language": consent.language or record.spoken or record.metadata.language,
        "store_turns": consent.store_turns,
        "record": consent.record,
    }


def _record(row: SessionRow) -> SessionRecord:
    return SessionRecord(
        metadata=DispatchMetadata.model_validate_json(row.metadata_json),
        room=row.room,
        created_at=row.created_at,
        token_expires_at=row.token_expires_at,
        caller=row.caller,
        identity=row.identity,
        spoken=row.spoken,
        receipt=row.receipt,
        status=SessionStatus.model_validate_json(row.status_json) if row.status_json else None,
        started_at=row.started_at,
        ended_at=row.ended_at,
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        owner=row.owner,
        resumes=row.resumes,
    )


class TurnRepository:
    """Turns that the traveller agreed to keep."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session_id: str, turn: Turn) -> bool:
        """Store a turn; False when it was there already, which changes nothing. Conflict beyond the bound."""
        body = turn.model_dump_json()
        try:
            async with self._database.writing() as db:
                if await db.get(TurnRow, (session_id, turn.id)) is not None:
                    return False
                mine = select(func.count()).select_from(TurnRow).where(TurnRow.session_id == session_id)
                if (await db.scalar(mine) or 0) >= TURNS_MAX:
                    raise Conflict(f"The session has {TURNS_MAX} turns; no more are kept.")
                db.add(TurnRow(session_id=session_id, id=turn.id, started_at=turn.started_at, body=body))
        except IntegrityError:
            # The same turn at the same moment; a session that was erased meanwhile is none of ours any more.
            return False
        return True

    async def all(self, session_id: str) -> list[Turn]:
        """Turns of a session, oldest first."""
        query = select(TurnRow.body).where(TurnRow.session_id == session_id).order_by(TurnRow.started_at, TurnRow.id)
        async with self._database.reading() as db:
            return [Turn.model_validate_json(body) for body in (await db.scalars(query)).all()]


class SummaryRepository:
    """Summaries of ended sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(self, session_id: str, summary: Summary) -> None:
        """Make a pending one ready or failed; what is settled stays."""
        change = update(SummaryRow).where(SummaryRow.session_id == session_id, SummaryRow.status == "pending")
        async with self._database.writing() as db:
            await db.execute(change.values(status=summary.status, text=summary.text))

    async def get(self, session_id: str) -> Summary | None:
        """The summary, or None."""
        async with self._database.reading() as db:
            row = await db.get(SummaryRow, session_id)
        return Summary.model_validate({"status": row.status, "text": row.text}) if row else None


class Stores:
    """The stores of one database, and the memory of running calls."""

    def __init__(self, database: Database, memory: CallMemory) -> None:
        self.sessions: Final = SessionRepository(database)
        self.turns: Final = TurnRepository(database)
        self.summaries: Final = SummaryRepository(database)
        self.memory: Final = memory
