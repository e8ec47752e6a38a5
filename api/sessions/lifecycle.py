"""What happens to sessions by itself: rooms open and close, tasks of the API come and go, calls end once.

The media server's webhooks drive it, the task that gets one hands it to the task that watches the room, and one list
of all rooms a quarter of a minute makes up for what was lost on the way.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.budgets.service import BudgetService
from api.database.tables import SummaryRow
from api.jobs.repository import JobRepository, order
from api.livekit.client import MediaServer
from api.livekit.tokens import ROOM_PREFIX
from api.sessions.repository import SessionRecord, Stores
from api.watch.tasks import BEAT, MediaEventRepository, TaskRepository
from api.watch.watch import DispatchWatch
from api.watch.watcher import MediaEvent, Watched, Watcher
from contracts.marks import session_mark
from contracts.problems import MediaUnavailable, PolyglotError, Unavailable
from contracts.records import EndReason
from contracts.sessions import AgentReport, AgentVerdict, SessionStatus

log = structlog.get_logger("polyglot.sessions")

LIST_EVERY: Final = 15.0
INBOX_EVERY: Final = 0.5
SUMMARY_JOB: Final = "summary"
CALL_ENDED_JOB: Final = "call_ended"
RECORD_JOB: Final = "record"
RECORDED_JOB: Final = "recorded"

Observer = Callable[[str, SessionRecord], Awaitable[None]]
"""Told of `call.started` and `call.failed`; the end is told by its job."""


class Lifecycle:
    """One per task of the API."""

    def __init__(  # noqa: PLR0913, PLR0917 - each is one of the parts that it brings together
        self,
        media: MediaServer,
        watch: DispatchWatch,
        stores: Stores,
        tasks: TaskRepository,
        events: MediaEventRepository,
        budgets: BudgetService,
        jobs: JobRepository,
        *,
        again: Callable[[SessionRecord], SessionRecord],
        nudge_jobs: Callable[[], None] = lambda: None,
        observe: Observer | None = None,
    ) -> None:
        self.task: Final = f"task-{secrets.token_hex(8)}"
        self.alive: tuple[str, ...] = (self.task,)
        self._media = media
        self._watch = watch
        self._sessions, self._memory = stores.sessions, stores.memory
        self._tasks = tasks
        self._events = events
        self._budgets = budgets
        self._jobs = jobs
        self._again = again
        self._nudge_jobs = nudge_jobs
        self._observe = observe
        self._loops: list[asyncio.Task[None]] = []

    # -- the process ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Say that this task lives, and begin to look after sessions."""
        with contextlib.suppress(Unavailable):
            await self._beat()
        for every, step in ((BEAT, self._beat), (LIST_EVERY, self.reconcile), (INBOX_EVERY, self._read_inbox)):
            self._loops.append(asyncio.create_task(_repeat(every, step), name=step.__name__))

    async def aclose(self) -> None:
        """Leave the sessions to the other tasks."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self._watch.aclose()
        with contextlib.suppress(PolyglotError):
            await self._tasks.leave(self.task)

    async def _beat(self) -> None:
        self.alive = await self._tasks.beat(self.task, datetime.now(UTC)) or (self.task,)
        self._watch.gate.tasks = len(self.alive)
        for session_id in await self._tasks.orphans(self.alive):
            if self._watch.get(session_id) is None and (record := await self._sessions.get(session_id)):
                log.info("session taken over", session=session_mark(session_id))
                await self.activate(record)
        if len(self.alive) > 1 and self._watch.watched:
            mine = await self._tasks.owned(self.task)
            for session_id in self._watch.watched:
                if session_id not in mine:  # we were thought dead, and another task has it now
                    self._watch.drop(session_id)

    async def reconcile(self) -> None:
        """Hold the list of all rooms against what should be there; one task does it for all."""
        if self.task != min(self.alive):
            return
        running = await self._tasks.running()
        if not running and not self._watch.watched:
            return
        rooms = await self._media.rooms_open()
        known = {one.room for one in running}
        stamp = secrets.token_hex(6)
        for one in running:
            if one.room not in rooms:
                await self.happened(MediaEvent(f"list-{stamp}-{one.session_id[:20]}", one.room, "room_missing"))
        for number, (room, sid) in enumerate(rooms.items()):
            if room.startswith(ROOM_PREFIX) and room not in known:
                await self.happened(MediaEvent(f"list-{stamp}-{number}", room, "room_found", sid=sid))

    async def _read_inbox(self) -> None:
        if len(self.alive) > 1:
            for event in await self._events.inbox(self.task):
                await self._here(event)

    # -- what the media server says ---------------------------------------------------------------------------------

    async def happened(self, event: MediaEvent) -> None:
        """Take an event in, once, here or at the task that watches the room."""
        record = await self._sessions.running_in(event.room)
        owner = record.owner if record else None
        elsewhere = owner if owner != self.task and owner in self.alive else None
        if await self._events.take(event, elsewhere, datetime.now(UTC)) and elsewhere is None:
            await self._here(event)

    async def _here(self, event: MediaEvent) -> None:
        if self._watch.happened(event):
            return
        await self._watch.settle(event.room)
        record = await self.running_in(event.room, opened=event.kind in ("room_started", "room_found"))
        if record is None or (record.started_at is None and event.kind in ("room_finished", "room_missing")):
            return
        watcher = await self.activate(record)
        if watcher is not None:
            watcher.happened(event)

    async def running_in(self, room: str, *, opened: bool = True) -> SessionRecord | None:
        """The running session of a room; a new one when the token of one that has ended opened the room again."""
        latest = await self._sessions.latest_in(room)  # one question: between two, another task may open one
        if latest is None or latest.ended_at is None:
            return latest
        if not opened:
            return None
        record = await self._sessions.open(self._again(latest))
        log.info("second call with one token", session=session_mark(record.id))
        return record

    # -- one session ------------------------------------------------------------------------------------------------

    async def activate(self, record: SessionRecord) -> Watcher | None:
        """Watch a session here, counted against its budgets; None when another task does, or it is over."""
        watcher = self._watch.get(record.id)
        if watcher is not None:
            return watcher
        self._watch.check_room_for_more()
        if not await self._tasks.claim(record.id, self.task, self.alive, datetime.now(UTC)):
            return None
        if (watcher := self._watch.get(record.id)) is not None:  # somebody else was quicker in this task
            return watcher
        watcher = self._watch.start(self._watched(record))
        if record.started_at is None:
            if not await self._budgets.call_started(record.id, record.account):
                log.warning("call over budget", session=session_mark(record.id))
                with contextlib.suppress(MediaUnavailable):
                    await self._media.delete_room(record.room)
                watcher.end(EndReason.BUDGET)
            elif self._observe is not None:
                await self._observe("call.started", record)
        return watcher

    async def status(self, record: SessionRecord) -> SessionStatus:
        """What is known of a session; a running one whose room nobody has seen is looked at once."""
        watcher = self._watch.get(record.id)
        if watcher is not None:
            return watcher.status
        if record.ended_at is not None or (record.owner in self.alive and record.owner != self.task):
            return record.status or unseen(record)
        if record.started_at is None:
            if record.token_expires_at < datetime.now(UTC):
                await self.changed(record, unseen(record, ended=True), EndReason.NEVER_JOINED)
                return unseen(record, ended=True)
            await self._watch.gate.urgent()
            view = await self._look(record.room)
            if view is None:
                return record.status or unseen(record)
        watcher = await self.activate(record)
        return watcher.status if watcher else record.status or unseen(record)

    async def _look(self, room: str) -> object | None:
        try:
            return await self._media.look(room, dispatches=False)
        except MediaUnavailable:
            return None

    async def report(self, record: SessionRecord, report: AgentReport) -> None:
        """Take in what the agent says of itself, here or where its session is watched."""
        await self._tell(record, MediaEvent(_fresh_id(), record.room, f"agent_{report.kind}", report.reason[:128]))

    async def dispatch(self, record: SessionRecord) -> SessionStatus:
        """Another attempt to get an agent. Conflict when it cannot help."""
        watcher = await self.activate(record)
        if watcher is not None:
            watcher.retry()
            return watcher.status
        await self._tell(record, MediaEvent(_fresh_id(), record.room, "retry"))
        return record.status or unseen(record)

    async def _tell(self, record: SessionRecord, event: MediaEvent) -> None:
        watcher = await self.activate(record)
        if watcher is not None:
            watcher.happened(event)
        else:
            await self._events.take(event, record.owner, datetime.now(UTC))

    async def end(self, record: SessionRecord, reason: EndReason) -> None:
        """Close the room; the call is over when that is done."""
        await self._media.delete_room(record.room)
        watcher = self._watch.get(record.id)
        status = watcher.status if watcher else record.status or unseen(record)
        await self.changed(record, status.model_copy(update=_ENDED), reason)
        await self._watch.end(record.id, reason)

    async def watched_changed(self, watcher: Watcher, status: SessionStatus) -> None:
        """Called by the watch. Raises Unavailable while nothing can be stored; the watch then tells it again."""
        record = await self._sessions.get(watcher.session.session_id)
        if record is None:
            return  # erased in the middle of the call
        await self.changed(record, status, watcher.end_reason, resumes=watcher.ladder.resumes)

    async def changed(
        self, record: SessionRecord, status: SessionStatus, reason: EndReason | None, *, resumes: bool = False
    ) -> None:
        """Remember a status; at the end, once, order what follows from it and forget the rest."""
        if status.verdict is not AgentVerdict.ENDED:
            await self._sessions.set_status(record.id, status, resumes=resumes)
            if record.metadata.consent.record and status.verdict is AgentVerdict.READY:
                await self._jobs.ensure(RECORD_JOB, f"record:{record.id}", {"session_id": record.id}, datetime.now(UTC))
                self._nudge_jobs()
            if status.gave_up and self._observe is not None:
                await self._observe("call.failed", record)
            return
        now = datetime.now(UTC)

        async def then(db: AsyncSession) -> None:
            if record.keeps_turns:
                db.add(SummaryRow(session_id=record.id, status="pending"))
                await order(db, SUMMARY_JOB, f"summary:{record.id}", {"session_id": record.id}, now)
            if record.metadata.consent.record:
                await order(db, RECORDED_JOB, f"recorded:{record.id}", {"session_id": record.id}, now)
            if record.started_at is not None:
                await order(db, CALL_ENDED_JOB, f"ended:{record.id}", {"session_id": record.id}, now)

        if await self._sessions.end(record.id, status, reason or _guess(record), now, then):
            self._nudge_jobs()
        await self._budgets.call_ended(record.id, record.account)
        await self._memory.forget(record.id)

    def _watched(self, record: SessionRecord) -> Watched:
        metadata, now = record.metadata, datetime.now(UTC)
        opening = metadata.locale or record.spoken or metadata.language
        longest = self._budgets.longest
        if longest is not None and record.started_at is not None:
            longest = max(0.0, longest - (now - record.started_at).total_seconds())
        return Watched(
            session_id=record.id,
            room=record.room,
            metadata=metadata,
            language=opening if metadata.language == "auto" else metadata.language,
            expires_in=(record.token_expires_at - now).total_seconds(),
            resumes=record.resumes,
            longest=longest,
        )


_ENDED: Final = {"verdict": AgentVerdict.ENDED, "gave_up": False}


def unseen(record: SessionRecord, *, ended: bool = False) -> SessionStatus:
    """The status of a session that nobody has looked at."""
    return SessionStatus(
        session_id=record.id,
        room_name=record.room,
        pipeline=record.metadata.pipeline,
        verdict=AgentVerdict.ENDED if ended else AgentVerdict.WAITING_FOR_USER,
        attempts=0,
    )


def _fresh_id() -> str:
    return f"own-{secrets.token_hex(12)}"


def _guess(record: SessionRecord) -> EndReason:
    """Why it ended, by what was seen last."""
    if record.started_at is None:
        return EndReason.NEVER_JOINED
    last = record.status
    if last is None:
        return EndReason.UNKNOWN
    if last.verdict is AgentVerdict.REJECTED:
        return EndReason.REJECTED
    if last.gave_up:
        return EndReason.AGENT_LOST if last.verdict is AgentVerdict.LOST else EndReason.AGENT_MISSING
    # An agent that was ready and a room that is gone: those in it have left.
    return EndReason.TRAVELLER_LEFT if last.verdict is AgentVerdict.READY else EndReason.UNKNOWN


async def _repeat(every: float, step: Callable[[], Awaitable[None]]) -> None:
    """Do something again and again, whatever happens to it."""
    while True:
        await asyncio.sleep(every)
        try:
            await step()
        except Unavailable as error:
            log.warning("not looked after", step=getattr(step, "__name__", ""), detail=error.detail)
        except Exception:
            log.exception("not looked after")
