"""Calls and their events in the database: taken in once, listed by filters, put in order."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, ColumnElement, Select, and_, case, cast, func, or_, select, type_coerce, update

from api.database.engine import Database
from api.database.tables import CallEventRow, ConsentRow, SessionRow, SummaryRow, TurnRow
from contracts.dispatch import Pipeline
from contracts.problems import Conflict, InvalidInput
from contracts.records import EndReason

EVENTS_MAX: Final = 5000
"""Of one call; one of half an hour with everything going wrong has a few hundred."""
SLOW_MS: Final = 2000
"""From which wait for a first sound a call counts as slow."""
EARLY_SECONDS: Final = 8
"""Within which a call that ends has not begun for its traveller: no greeting is heard out in less."""
FAILED: Final = frozenset(
    {
        EndReason.AGENT_MISSING,
        EndReason.AGENT_LOST,
        EndReason.REJECTED,
        EndReason.MODEL_FAILED,
        EndReason.UNKNOWN,
    }
)
FAILED_NAMES: Final = frozenset(reason.value for reason in FAILED)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a batch of events adds to its call."""

    usd_micros: int = 0
    unpriced: bool = False
    turns: int = 0
    searches: int = 0
    failures: int = 0
    slowest_ms: int | None = None
    language: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which calls are wanted."""

    tenant: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    reason: EndReason | None = None
    live: bool | None = None
    failed: bool | None = None
    slow: bool | None = None
    text: str | None = None
    """In turns that were kept by consent."""
    pipeline: Pipeline | None = None
    """That the call began in."""
    early: bool | None = None
    """Over within `EARLY_SECONDS` of its room's opening."""
    revision: str | None = None
    """Of the agent."""


class CallRepository:
    """The record."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def known(self, session_id: str, ids: Sequence[str]) -> set[str]:
        """Which of these events are there already; Conflict when the call has too many."""
        mine = CallEventRow.session_id == session_id
        async with self.database.reading() as db:
            if (await db.scalar(select(func.count()).select_from(CallEventRow).where(mine)) or 0) > EVENTS_MAX:
                raise Conflict(f"The call has {EVENTS_MAX} events; no more are kept.")
            return set((await db.scalars(select(CallEventRow.id).where(mine, CallEventRow.id.in_(ids)))).all())

    async def add(self, session_id: str, rows: Sequence[CallEventRow], sums: Sums) -> None:
        """Store events, and what they add up to, in one step."""
        async with self.database.writing() as db:
            for row in rows:
                db.add(row)
            changes: dict[str, Any] = {
                name: getattr(SessionRow, name) + getattr(sums, name)
                for name in ("usd_micros", "turns", "searches", "failures")
                if getattr(sums, name)
            }
            if sums.unpriced:
                changes["unpriced"] = True
            told = {"language": sums.language, "revision": sums.revision}
            changes |= {name: value for name, value in told.items() if value is not None}
            if changes:
                await db.execute(update(SessionRow).where(SessionRow.id == session_id).values(changes))
            if sums.slowest_ms is not None:
                slower = or_(SessionRow.slowest_ms.is_(None), SessionRow.slowest_ms < sums.slowest_ms)
                change = update(SessionRow).where(SessionRow.id == session_id, slower)
                await db.execute(change.values(slowest_ms=sums.slowest_ms))

    async def page(self, filters: Filters, limit: int, cursor: str | None) -> tuple[list[SessionRow], str | None]:
        """Calls, newest first, and the cursor of the next page."""
        query = (
            filtered(filters, self.database.is_sqlite)
            .order_by(SessionRow.created_at.desc(), SessionRow.id.desc())
            .limit(limit + 1)
        )
        if cursor is not None:
            at, session_id = _opened(cursor)
            earlier = and_(SessionRow.created_at == at, SessionRow.id < session_id)
            query = query.where(or_(SessionRow.created_at < at, earlier))
        async with self.database.reading() as db:
            rows = list((await db.scalars(query)).all())
        more = len(rows) > limit
        return rows[:limit], _cursor(rows[limit - 1]) if more else None

    async def get(self, session_id: str) -> SessionRow | None:
        """One call."""
        async with self.database.reading() as db:
            return await db.get(SessionRow, session_id)

    async def consent(self, session_id: str) -> ConsentRow | None:
        """What its traveller agreed to."""
        async with self.database.reading() as db:
            return await db.get(ConsentRow, session_id)

    async def summary(self, session_id: str) -> SummaryRow | None:
        """Its summary, where there is one."""
        async with self.database.reading() as db:
            return await db.get(SummaryRow, session_id)

    async def events(self, session_id: str, kind: str | None = None) -> list[CallEventRow]:
        """Its events in order."""
        query = select(CallEventRow).where(CallEventRow.session_id == session_id)
        if kind is not None:
            query = query.where(CallEventRow.kind == kind)
        async with self.database.reading() as db:
            return list((await db.scalars(query.order_by(CallEventRow.at, CallEventRow.id))).all())

    async def by_day(self, filters: Filters) -> list[tuple[Any, ...]]:
        """Day, language, reason, calls, turns, searches, money, calls over at once, calls without a price.

        Days as the database cuts UTC.
        """
        day = func.date(SessionRow.created_at)
        columns = (day, SessionRow.language, SessionRow.end_reason)
        sums = (
            func.count(),
            func.sum(SessionRow.turns),
            func.sum(SessionRow.searches),
            func.sum(SessionRow.usd_micros),
            func.sum(case((over_at_once(self.database.is_sqlite), 1), else_=0)),
            func.sum(case((SessionRow.unpriced, 1), else_=0)),
        )
        query = filtered(filters, self.database.is_sqlite, select(*columns, *sums)).where(
            SessionRow.started_at.is_not(None)
        )
        async with self.database.reading() as db:
            return [tuple(row) for row in (await db.execute(query.group_by(*columns).order_by(day.desc()))).all()]


def filtered(filters: Filters, sqlite: bool, query: Select[Any] | None = None) -> Select[Any]:
    """Calls, or what `query` asks of them, that are wanted."""
    query = select(SessionRow) if query is None else query
    same = (
        (SessionRow.tenant, filters.tenant),
        (SessionRow.language, filters.language),
        (SessionRow.revision, filters.revision),
        (SessionRow.end_reason, filters.reason.value if filters.reason else None),
    )
    conditions: list[Any] = [column == value for column, value in same if value is not None]
    if filters.since is not None:
        conditions.append(SessionRow.created_at >= filters.since)
    if filters.until is not None:
        conditions.append(SessionRow.created_at < filters.until)
    if filters.live is not None:
        live = and_(SessionRow.started_at.is_not(None), SessionRow.ended_at.is_(None))
        conditions.append(live if filters.live else SessionRow.ended_at.is_not(None))
    if filters.failed is not None:
        bad = or_(SessionRow.end_reason.in_([reason.value for reason in FAILED]), SessionRow.failures > 0)
        conditions.append(bad if filters.failed else ~func.coalesce(bad, False))
    if filters.slow is not None:
        slow = func.coalesce(SessionRow.slowest_ms, 0) >= SLOW_MS
        conditions.append(slow if filters.slow else ~slow)
    conditions += [*_begun_in(filters.pipeline), *_early(filters.early, sqlite)]
    if filters.text is not None:
        conditions.append(SessionRow.id.in_(_said(filters.text, sqlite)))
    return query.where(*conditions)


def over_at_once(sqlite: bool) -> ColumnElement[bool]:
    """Whether a call was over before it had begun for its traveller."""
    if sqlite:
        seconds: Any = (func.julianday(SessionRow.ended_at) - func.julianday(SessionRow.started_at)) * 86_400
    else:
        seconds = func.date_part("epoch", SessionRow.ended_at - SessionRow.started_at)
    early: ColumnElement[bool] = seconds <= EARLY_SECONDS
    return early


def _early(wanted: bool | None, sqlite: bool) -> list[Any]:
    early = func.coalesce(over_at_once(sqlite), False)
    return [] if wanted is None else [early if wanted else ~early]


def _begun_in(pipeline: Pipeline | None) -> list[Any]:
    # Its name is one word of ours, and stands nowhere else in what pydantic wrote.
    return [] if pipeline is None else [SessionRow.metadata_json.contains(f'"pipeline":"{pipeline.value}"')]


def _said(text: str, sqlite: bool) -> Select[Any]:
    body: Any = type_coerce(TurnRow.body, JSON) if sqlite else cast(TurnRow.body, JSON)
    return select(TurnRow.session_id).where(body["text"].as_string().icontains(text, autoescape=True))


def _cursor(row: SessionRow) -> str:
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()}|{row.id}".encode()).decode().rstrip("=")


def _opened(cursor: str) -> tuple[datetime, str]:
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, session_id = plain.partition("|")
        when = datetime.fromisoformat(at)
    except (ValueError, binascii.Error):
        when = None
    if when is None or when.tzinfo is None:
        raise InvalidInput.of("cursor", "is not one that a page of this list gave out")
    return when, session_id
