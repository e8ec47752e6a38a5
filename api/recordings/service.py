"""Recordings of calls: made where the installation offers them and the traveller agreed, listed, and deleted.

A call never depends on one. What fails is written into its record, and nobody is told that something is recorded
that is not: what the page shows and the assistant says follows the media server's own word.
"""

import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from livekit.protocol.egress import EgressInfo

from api.database.tables import RecordingRow
from api.livekit.client import MediaServer
from api.recordings.egress import request_for, state_of
from api.recordings.repository import RecordingRepository
from api.recordings.schemas import FINAL, Recording, RecordingState
from api.recordings.settings import RecordingSettings
from api.recordings.storage import Storage
from api.sessions.repository import SessionRecord, SessionRepository
from contracts.marks import session_mark
from contracts.problems import MediaUnavailable, NotFound, Unavailable

log = structlog.get_logger("polyglot.recordings")

_WRITTEN_AFTER: Final = timedelta(seconds=5)
_NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ErasedRecordings:
    """What became of the recordings of a call that was erased."""

    deleted: int
    left: int
    """Still being written, or in a storage that does not answer: a job deletes them."""


class RecordingService:
    """Everything about recordings."""

    def __init__(
        self,
        settings: RecordingSettings,
        rows: RecordingRepository,
        sessions: SessionRepository,
        media: MediaServer,
        storage: Storage,
    ) -> None:
        self._settings = settings
        self._rows = rows
        self._sessions = sessions
        self._media = media
        self._storage = storage

    async def listen(self, session_id: str, recording_id: str) -> AsyncIterator[bytes]:
        """The sound of a recording of a call. Raises NotFound where there is none, or Unavailable."""
        row = next((one for one in await self._rows.of(session_id) if one.id == recording_id), None)
        if row is None or RecordingState(row.state) is not RecordingState.COMPLETE:
            raise NotFound("There is no such recording of this call, or it is not whole yet.")
        return await self._storage.open(row.location)

    # -- jobs -------------------------------------------------------------------------------------------------------

    async def start(self, payload: Mapping[str, str]) -> None:
        """The job that follows a ready agent. Raises MediaUnavailable, to be tried again."""
        record = await self._sessions.get(payload["session_id"])
        if record is None or not self._settings.on or not record.metadata.consent.record:
            return
        row = await self._rows.claim(self._fresh(record))
        if row is None or row.egress_id is not None or RecordingState(row.state) in FINAL:
            return
        try:
            info = await self._running(row) or await self._media.start_recording(
                request_for(self._settings, record.room, row.path)
            )
        except MediaUnavailable as error:
            await self._rows.change(row.id, RecordingState.STARTING, error=error.detail[:200])
            raise
        if not await self._rows.change(row.id, state_of(info), **_columns(info)):
            await self._media.stop_recording(info.egress_id)  # the call was erased at this very moment
            await self._rows.replace_by_job(row.id, _erasing(row, info.egress_id), datetime.now(UTC) + _WRITTEN_AFTER)
            return
        log.info("recording asked for", session=session_mark(record.id))

    async def not_started(self, payload: Mapping[str, str]) -> None:
        """The job was given up: the record says so, and the call goes on."""
        for row in await self._rows.of(payload["session_id"]):
            if row.egress_id is None:
                await self._rows.change(row.id, RecordingState.FAILED, ended_at=datetime.now(UTC))
        log.warning("call not recorded", session=session_mark(payload["session_id"]))

    async def finish(self, payload: Mapping[str, str]) -> None:
        """The job that follows the end of a call. Raises Unavailable while its file is being written."""
        waits = False
        for row in await self._rows.of(payload["session_id"]):
            if RecordingState(row.state) in FINAL:
                continue
            if row.egress_id is None:
                reason = row.error or "The call ended before its recording began."
                await self._rows.change(row.id, RecordingState.FAILED, ended_at=datetime.now(UTC), error=reason)
                continue
            info = await self._stopped(row.egress_id)
            if info is None:
                await self._rows.change(row.id, RecordingState.FAILED, error="The media server does not know it.")
                continue
            await self._rows.change(row.id, state_of(info), **_columns(info))
            waits = waits or state_of(info) not in FINAL
        if waits:
            raise Unavailable("The recording is still being written.", retry_after=5)

    async def erase_file(self, payload: Mapping[str, str]) -> None:
        """The job that deletes what could not be deleted with its call. Raises Unavailable, to be tried again."""
        egress_id = payload.get("egress_id")
        if egress_id:
            info = await self._stopped(egress_id)
            if info is not None and state_of(info) not in FINAL:
                raise Unavailable("The recording is still being written.", retry_after=5)
        await self._storage.delete(payload["location"])

    # -- what others ask --------------------------------------------------------------------------------------------

    async def happened(self, info: EgressInfo) -> None:
        """What the media server says of an egress; one that is not ours changes nothing."""
        row = await self._rows.of_egress(info.egress_id, info.room_name)
        if row is not None and _writes(info, row.path):
            await self._rows.change(row.id, state_of(info), **_columns(info))

    @property
    def offered(self) -> bool:
        """Whether calls may be recorded here."""
        return self._settings.on

    async def of(self, session_id: str) -> tuple[Recording, ...]:
        """Recordings of a call."""
        return tuple(_shown(row) for row in await self._rows.of(session_id))

    async def erase(self, session_id: str) -> ErasedRecordings:
        """Delete the files of a call that is over, and forget whose they were."""
        deleted = left = 0
        for row in await self._rows.of(session_id):
            if row.egress_id is None or RecordingState(row.state) in FINAL:
                try:
                    await self._storage.delete(row.location)
                except Unavailable as error:
                    log.warning("recording not deleted yet", detail=error.detail)
                else:
                    await self._rows.remove(row.id)
                    deleted += 1
                    continue
            await self._rows.replace_by_job(row.id, _erasing(row, row.egress_id), datetime.now(UTC))
            left += 1
        return ErasedRecordings(deleted, left)

    async def forget_old(self, tenants: Mapping[str, int], default_days: int, now: datetime) -> None:
        """Part of the hourly chore."""
        for row in await self._rows.old(tenants, default_days, now):
            try:
                await self._storage.delete(row.location)
            except Unavailable as error:
                log.warning("recordings not deleted", detail=error.detail)
                return
            await self._rows.remove(row.id)

    # -- in here ----------------------------------------------------------------------------------------------------

    def _fresh(self, record: SessionRecord) -> RecordingRow:
        recording_id, now = secrets.token_hex(16), datetime.now(UTC)
        path = self._settings.path(f"{now:%Y/%m/%d}/{recording_id}.ogg")
        return RecordingRow(
            id=recording_id,
            session_id=record.id,
            tenant=record.tenant,
            room=record.room,
            state=RecordingState.STARTING.value,
            path=path,
            location=self._settings.location(path),
            asked_at=now,
        )

    async def _running(self, row: RecordingRow) -> EgressInfo | None:
        """One that was started by an attempt whose answer was lost."""
        return next((info for info in await self._media.recordings(room=row.room) if _writes(info, row.path)), None)

    async def _stopped(self, egress_id: str) -> EgressInfo | None:
        """An egress as it is once it was told to stop; None where the media server knows it no more."""
        found = next(iter(await self._media.recordings(egress_id=egress_id)), None)
        if found is not None and state_of(found) in (RecordingState.STARTING, RecordingState.RUNNING):
            found = await self._media.stop_recording(egress_id) or found
        return found


def _writes(info: EgressInfo, path: str) -> bool:
    """Whether an egress is the one that writes there: somebody else may record the same room."""
    return any(output.filepath == path for output in info.room_composite.file_outputs)


def _erasing(row: RecordingRow, egress_id: str | None) -> dict[str, str]:
    payload = {"location": row.location}
    return payload | {"egress_id": egress_id} if egress_id else payload


def _columns(info: EgressInfo) -> dict[str, object]:
    """What a message says of an egress; what it does not say yet stays as it is."""
    known: dict[str, object] = {"egress_id": info.egress_id}
    if info.started_at:
        known["started_at"] = _instant(info.started_at)
    if info.ended_at:
        known["ended_at"] = _instant(info.ended_at)
    if info.error:
        known["error"] = info.error[:200]
    for file in info.file_results[:1]:
        known |= {"seconds": round(file.duration / _NANOSECONDS, 1), "size": file.size}
    return known


def _instant(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / _NANOSECONDS, UTC)


def _shown(row: RecordingRow) -> Recording:
    return Recording(
        id=row.id,
        state=RecordingState(row.state),
        asked_at=row.asked_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        size=row.size,
        location=row.location,
        error=row.error,
    )
