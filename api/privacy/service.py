"""The traveller's own: everything that is kept of a call, as a file, and gone for good; and what goes by itself."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from api.access.caller import Caller
from api.access.settings import AccessSettings
from api.calls.repository import CallRepository
from api.calls.schemas import Erased, TravellerExport
from api.calls.service import CallService, brief, consent_of
from api.idempotency.repository import IdempotencyRepository
from api.intakes.service import IntakeService
from api.privacy.repository import PrivacyRepository
from api.privacy.settings import Retention
from api.recordings.schemas import Handling
from api.recordings.service import RecordingService
from api.sessions.lifecycle import Lifecycle
from api.sessions.repository import SessionRecord, Stores
from api.watch.tasks import MediaEventRepository
from contracts.marks import session_mark
from contracts.problems import NotFound, Unavailable
from contracts.records import EndReason

log = structlog.get_logger("polyglot.privacy")


ERASE_TRIES: Final = 10
ERASE_AGAIN: Final = 0.1
"""Seconds."""


class PrivacyService:
    """Export, erase, retention."""

    def __init__(  # noqa: PLR0913, PLR0917 - what is kept is kept in many places
        self,
        retention: Retention,
        access: AccessSettings,
        rows: PrivacyRepository,
        stores: Stores,
        calls: CallService,
        records: CallRepository,
        lifecycle: Lifecycle,
        answers: IdempotencyRepository,
        events: MediaEventRepository,
        intakes: IntakeService,
        recordings: RecordingService,
    ) -> None:
        self._retention = retention
        self._access = access
        self._rows = rows
        self._stores = stores
        self._calls = calls
        self._records = records
        self._lifecycle = lifecycle
        self._answers = answers
        self._events = events
        self._intakes = intakes
        self._recordings = recordings

    async def of_receipt(self, code: str) -> SessionRecord:
        """The call of a receipt code. NotFound when there is none, or nothing of it is left."""
        record = await self._stores.sessions.of_receipt(code)
        if record is None:
            raise NotFound("Nothing is kept under this receipt code.")
        return record

    async def of_call(self, session_id: str, caller: Caller) -> SessionRecord:
        """A call of the caller's tenant."""
        record = await self._stores.sessions.get(session_id)
        if record is None or not caller.sees_tenant(record.tenant):
            raise NotFound("There is no such call.")
        return record

    async def export(self, record: SessionRecord) -> TravellerExport:
        """Everything that is kept of a call."""
        row = await self._records.get(record.id)
        if row is None:
            raise NotFound("Nothing is kept of this call any more.")
        summary = await self._stores.summaries.get(record.id)
        entries = await self._calls.entries(row)
        days = self._access.tenant(record.tenant).retention_days
        days = self._retention.turns_days if days is None else days
        return TravellerExport(
            call=brief(row),
            consent=consent_of(await self._records.consent(record.id)),
            turns=tuple(await self._stores.turns.all(record.id)),
            summary=summary,
            intake=await self._intakes.find(record.id),
            recordings=await self._recordings.of(record.id),
            events=tuple(entry for entry in entries if entry.kind != "said"),
            kept_until=record.ended_at + timedelta(days=days) if record.ended_at else None,
        )

    async def erase(self, record: SessionRecord) -> Erased:
        """Everything of a call, gone; one that runs is ended first."""
        if record.ended_at is None:
            await self._lifecycle.end(record, EndReason.TRAVELLER_LEFT)
        await self._stores.memory.forget(record.id)
        recordings = await self._recordings.erase(record.id)
        rows: Counter[str] = Counter(recordings=recordings.deleted + recordings.left)
        for _ in range(ERASE_TRIES):
            rows.update(await self._rows.erase(record.id, record.room))
            if not await self._rows.left(record.id, record.room):
                break
            await asyncio.sleep(ERASE_AGAIN)  # what was on its way when the call ended has come meanwhile
        else:
            raise Unavailable("Not everything is gone yet; try again in a moment.", retry_after=5)
        log.info("call erased", session=session_mark(record.id))
        return Erased(rows=dict(rows), recordings_left=recordings.left, erased_at=datetime.now(UTC))

    def handling(self) -> Handling:
        """What happens to what is said in calls of this installation."""
        retention = self._retention
        days = self._access.tenant(self._access.public_tenant).retention_days
        own = retention.turns_days if days is None else days
        recorded = min(retention.recordings_days, retention.recordings_days if days is None else days)
        offered = self._recordings.offered and days != 0
        return Handling(recording=offered, turns_days=own, recordings_days=recorded)

    def _recording_days(self) -> dict[str, int]:
        longest = self._retention.recordings_days
        return {
            name: min(longest, tenant.retention_days)
            for name, tenant in self._access.tenants.items()
            if tenant.retention_days is not None
        }

    async def clean_up(self, _payload: Mapping[str, str]) -> None:
        """The hourly chore: what is too old goes."""
        now = datetime.now(UTC)
        days = {
            name: self._retention.turns_days if tenant.retention_days is None else tenant.retention_days
            for name, tenant in self._access.tenants.items()
        }
        await self._rows.end_unused(now)
        await self._intakes.forget_old(now)
        await self._recordings.forget_old(self._recording_days(), self._retention.recordings_days, now)
        await self._rows.forget_content(days, self._retention.turns_days, now)
        await self._rows.forget_records(self._retention.records_days, now)
        await self._rows.forget_deliveries(self._retention.deliveries_days, now)
        await self._rows.forget_trips(now)
        await self._answers.forget_old(now)
        await self._events.forget_old(now)
