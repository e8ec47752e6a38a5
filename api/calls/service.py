"""The record of a call: taken from its agent, priced, and shown to the operator."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import structlog

from api.access.caller import Caller
from api.budgets.service import BudgetService
from api.calls.pricing import micros, usd_of
from api.calls.repository import FAILED_NAMES, CallRepository, Filters, Sums
from api.calls.revisions import RevisionRepository, Revisions
from api.calls.schemas import (
    CallBrief,
    CallDetail,
    CallPage,
    ConsentRecord,
    Outcome,
    Outcomes,
    Timeline,
    TimelineEntry,
    UsageTotal,
)
from api.database.tables import CallEventRow, ConsentRow, SessionRow
from api.recordings.service import RecordingService
from api.sessions.repository import SessionRecord, Stores
from contracts.dispatch import DispatchMetadata
from contracts.marks import session_mark
from contracts.problems import NotFound
from contracts.records import (
    Allowance,
    CallEvent,
    EndedEvent,
    EndReason,
    FailureEvent,
    ModelsEvent,
    ToolEvent,
    TurnEvent,
    UsageEvent,
)
from contracts.sessions import SessionStatus
from contracts.turns import Summary

log = structlog.get_logger("polyglot.calls")

_SEARCH: Final = "search"


class CallService:
    """Everything about records."""

    def __init__(
        self, calls: CallRepository, stores: Stores, budgets: BudgetService, recordings: RecordingService
    ) -> None:
        self._calls = calls
        self._revisions = RevisionRepository(calls.database)
        self._stores = stores
        self._budgets = budgets
        self.recordings = recordings

    async def take(self, record: SessionRecord, events: Sequence[CallEvent]) -> Allowance:
        """Take in what the agent reports, each event once; how much longer the call may go on."""
        known = await self._calls.known(record.id, [event.id for event in events])
        fresh = list({event.id: event for event in events if event.id not in known}.values())
        spent = [micros(event) for event in fresh if isinstance(event, UsageEvent)]
        await self._calls.add(record.id, [_row(record, event) for event in fresh], _sums(fresh, spent))
        for event in fresh:
            if isinstance(event, EndedEvent):
                await self._stores.sessions.set_reason(record.id, event.reason)
        return await self._budgets.spent(record.id, record.tenant, sum(cost or 0 for cost in spent))

    async def spend(self, session_id: str, usage: UsageEvent) -> None:
        """Count what a model was used for after a call: in its record, and in its tenant's day."""
        record = await self._stores.sessions.get(session_id)
        if record is not None:  # it was not erased meanwhile
            await self.take(record, [usage])

    async def page(self, filters: Filters, limit: int, cursor: str | None) -> CallPage:
        """Calls, newest first."""
        rows, following = await self._calls.page(filters, limit, cursor)
        return CallPage(calls=tuple(brief(row) for row in rows), next_cursor=following)

    async def detail(self, session_id: str, caller: Caller) -> CallDetail:
        """One call. NotFound for another tenant's."""
        row = await self._row(session_id, caller)
        status = SessionStatus.model_validate_json(row.status_json) if row.status_json else None
        summary = await self._calls.summary(row.id)
        return CallDetail(
            **brief(row).model_dump(),
            join_seconds=status.join_seconds if status else None,
            attempts=status.attempts if status else 0,
            consent=consent_of(await self._calls.consent(row.id)),
            summary=Summary.model_validate({"status": summary.status, "text": summary.text}) if summary else None,
            recordings=await self.recordings.of(row.id),
            usage=_usage(await self._calls.events(row.id, "usage")),
        )

    async def timeline(self, session_id: str, caller: Caller) -> Timeline:
        """One call in order: what happened, and what was said where that was kept."""
        row = await self._row(session_id, caller)
        return Timeline(id=row.id, entries=tuple(await self.entries(row)))

    async def listen(self, session_id: str, recording_id: str, caller: Caller) -> AsyncIterator[bytes]:
        """The sound of a recording; that somebody has heard it stands in the call's record."""
        row = await self._row(session_id, caller)
        sound = await self.recordings.listen(row.id, recording_id)
        heard = {"recording": recording_id, "by": caller.id}
        event = CallEventRow(
            session_id=row.id, id=uuid4().hex, at=datetime.now(UTC), kind="listened", body=json.dumps(heard)
        )
        await self._calls.add(row.id, [event], Sums())
        log.info("recording heard", session=session_mark(row.id), kind=caller.kind.value)
        return sound

    async def entries(self, row: SessionRow) -> list[TimelineEntry]:
        """Everything of a call in order."""
        found = [TimelineEntry(at=row.created_at, kind="created", body={})]
        if row.started_at is not None:
            found.append(TimelineEntry(at=row.started_at, kind="opened", body={}))
        found += [
            TimelineEntry(at=event.at, kind=event.kind, body=json.loads(event.body))
            for event in await self._calls.events(row.id)
        ]
        found += [
            TimelineEntry(at=turn.started_at, kind="said", body=turn.model_dump(mode="json", exclude={"started_at"}))
            for turn in await self._stores.turns.all(row.id)
        ]
        for one in await self.recordings.of(row.id):
            body = one.model_dump(mode="json", exclude={"location"})
            found.append(TimelineEntry(at=one.started_at or one.asked_at, kind="recording", body=body))
        if row.ended_at is not None:
            found.append(TimelineEntry(at=row.ended_at, kind="ended", body={"reason": row.end_reason}))
        return sorted(found, key=lambda entry: entry.at)

    async def outcomes(self, filters: Filters) -> Outcomes:
        """Outcomes by day and language."""
        found: dict[tuple[str, str | None], dict[str, Any]] = {}
        for day, language, reason, calls, turns, searches, usd, early, unpriced in await self._calls.by_day(filters):
            sums = found.setdefault(
                (str(day), language),
                {
                    "calls": 0,
                    "failed": 0,
                    "early": 0,
                    "turns": 0,
                    "searches": 0,
                    "usd": 0,
                    "unpriced": False,
                    "by_reason": {},
                },
            )
            sums["calls"] += calls
            sums["failed"] += calls if reason in FAILED_NAMES else 0
            sums["early"] += int(early or 0)
            sums["turns"] += int(turns or 0)
            sums["searches"] += int(searches or 0)
            sums["usd"] += int(usd or 0)
            sums["unpriced"] = sums["unpriced"] or bool(unpriced)
            name = reason or "live"
            sums["by_reason"][name] = sums["by_reason"].get(name, 0) + calls
        return Outcomes(
            outcomes=tuple(
                Outcome(day=day, language=language, **{**sums, "usd": usd_of(sums["usd"])})
                for (day, language), sums in found.items()
            )
        )

    async def revisions(self, filters: Filters) -> Revisions:
        """The same figures for each version of the agent."""
        return await self._revisions.all(filters)

    async def _row(self, session_id: str, caller: Caller) -> SessionRow:
        row = await self._calls.get(session_id)
        if row is None or not caller.sees_tenant(row.tenant):
            raise NotFound("There is no such call.")
        return row


def consent_of(row: ConsentRow | None) -> ConsentRecord | None:
    """A consent as the API shows it."""
    if row is None:
        return None
    return ConsentRecord(
        at=row.at,
        version=row.version,
        language=row.language,
        store_turns=row.store_turns,
        record=row.record,
        withdrawn_at=row.withdrawn_at,
    )


def brief(row: SessionRow) -> CallBrief:
    """A call as lists show it."""
    metadata = DispatchMetadata.model_validate_json(row.metadata_json)
    began = row.started_at or row.created_at
    kind, _, name = row.caller.partition(":")
    return CallBrief(
        id=row.id,
        tenant=row.tenant,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        seconds=round((row.ended_at - began).total_seconds(), 1) if row.ended_at else None,
        pipeline=metadata.pipeline,
        persona=metadata.persona,
        language=row.language,
        caller=kind if kind == "address" else f"{kind}:{name}",
        turns=row.turns,
        searches=row.searches,
        failures=row.failures,
        slowest_ms=row.slowest_ms,
        revision=row.revision,
        usd=usd_of(row.usd_micros),
        unpriced=row.unpriced,
        stored=metadata.consent.store_turns,
    )


def _row(record: SessionRecord, event: CallEvent) -> CallEventRow:
    body = event.model_dump(mode="json", exclude={"id", "at", "kind"}, exclude_none=True)
    if not record.keeps_turns:
        body.pop("arguments", None)  # they say where and when somebody travels
    return CallEventRow(
        session_id=record.id,
        id=event.id,
        at=event.at,
        kind=event.kind,
        body=json.dumps(body, ensure_ascii=False),
    )


def _sums(events: Sequence[CallEvent], spent: Sequence[int | None]) -> Sums:
    turns = [event for event in events if isinstance(event, TurnEvent)]
    waits = [wait for turn in turns if (wait := turn.times.first_audio_ms) is not None]
    return Sums(
        usd_micros=sum(cost or 0 for cost in spent),
        unpriced=None in spent,
        turns=len(turns),
        searches=sum(isinstance(event, ToolEvent) and event.name.startswith(_SEARCH) for event in events),
        failures=sum(isinstance(event, FailureEvent) for event in events),
        slowest_ms=max(waits, default=None),
        language=turns[-1].language if turns else None,
        revision=next((event.revision for event in events if isinstance(event, ModelsEvent)), None),
    )


def _usage(rows: Sequence[CallEventRow]) -> tuple[UsageTotal, ...]:
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        event = UsageEvent.model_validate({"id": row.id, "at": row.at, **json.loads(row.body)})
        sums = found.setdefault(
            (event.stage, event.provider, event.model),
            {"input_tokens": 0, "output_tokens": 0, "characters": 0, "audio_ms": 0, "usd": 0},
        )
        for name in ("input_tokens", "output_tokens", "characters", "audio_ms"):
            sums[name] += getattr(event, name)
        cost = micros(event)
        sums["usd"] = None if cost is None or sums["usd"] is None else sums["usd"] + cost
    return tuple(
        UsageTotal(
            stage=stage,
            provider=provider,
            model=model,
            **{**sums, "usd": None if sums["usd"] is None else usd_of(sums["usd"])},
        )
        for (stage, provider, model), sums in found.items()
    )
