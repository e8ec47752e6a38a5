"""All watchers of this process. See `watcher` for one, `ladder` for the judgement, `tasks` for who watches what."""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import structlog

from api.livekit.client import MediaServer
from api.settings import WatchTimings
from api.watch.gate import Gate
from api.watch.watcher import MediaEvent, OnChange, Wait, Watched, Watcher, wait_for
from contracts.problems import NotFound, Unavailable
from contracts.records import EndReason
from contracts.sessions import AgentReport, AgentVerdict, SessionStatus

log = structlog.get_logger("polyglot.watch")

_RECENT: Final = 20
_LAST_WORD: Final = 2.0
_GOOD: Final = frozenset({AgentVerdict.READY})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one session's dispatch ended."""

    at: datetime
    verdict: AgentVerdict
    attempts: int
    join_seconds: float | None


class DispatchWatch:
    """All watchers of this process, one task each, bounded in number, ended with the process."""

    def __init__(  # noqa: PLR0913 - each is a seam for tests
        self,
        media: MediaServer,
        timings: WatchTimings,
        on_change: OnChange,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Wait = wait_for,
        jitter: Callable[[], float] = random.random,
        gate: Gate | None = None,
    ) -> None:
        self.gate: Final = gate or Gate(clock)
        self._media = media
        self._timings = timings
        self._on_change = on_change
        self._clock, self._wait, self._jitter = clock, wait, jitter
        self._watchers: dict[str, Watcher] = {}
        self._rooms: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._counted: dict[str, SessionStatus] = {}
        self.recent: Final[deque[Outcome]] = deque(maxlen=_RECENT)
        self.totals: Final[Counter[str]] = Counter()
        """How often each verdict was reached since the start."""
        self.outcomes: Final[Counter[Literal["joined", "failed"]]] = Counter()

    def __len__(self) -> int:
        """Sessions being watched."""
        return len(self._tasks)

    def check_room_for_more(self) -> None:
        """Raise Unavailable when no more sessions can be watched."""
        if len(self._tasks) >= self._timings.sessions_max:
            raise Unavailable("Too many sessions at once; try again in a moment.", retry_after=5)

    def start(self, session: Watched, *, dispatched: bool = False) -> Watcher:
        """Watch a session; `dispatched` when the API has asked for its agent already."""
        self.check_room_for_more()
        watcher = Watcher(
            session,
            self._media,
            self._timings,
            self._changed,
            clock=self._clock,
            wait=self._wait,
            jitter=self._jitter,
            gate=self.gate,
            calm=lambda: self.gate.calm(len(self._tasks)),
        )
        if dispatched:
            watcher.dispatched()
        task = asyncio.create_task(self._run(watcher), name=f"watch {session.mark}")
        # Not in a `finally` of the task: one that is cancelled before it has begun never gets there.
        task.add_done_callback(lambda _: self._forget(session))
        self._watchers[session.session_id] = watcher
        self._rooms[session.room] = session.session_id
        self._tasks[session.session_id] = task
        return watcher

    def get(self, session_id: str) -> Watcher | None:
        """The session's watcher while it is watched."""
        return self._watchers.get(session_id)

    def in_room(self, room: str) -> Watcher | None:
        """The watcher of the session in that room."""
        session_id = self._rooms.get(room)
        return self._watchers.get(session_id) if session_id else None

    def report(self, report: AgentReport) -> None:
        """Hand a report to its session. NotFound when that is not watched here."""
        watcher = self.in_room(report.room_name)
        if watcher is None:
            raise NotFound("No session of this process is in that room.")
        watcher.report(report)

    def happened(self, event: MediaEvent) -> bool:
        """Hand on what the media server said; whether anybody here watches that room."""
        watcher = self.in_room(event.room)
        if watcher is None or watcher.ladder.ended:
            return False
        watcher.happened(event)
        return True

    async def settle(self, room: str) -> None:
        """Wait, within reason, for the last word of a call of that room that is over: the room may be opened again."""
        watcher = self.in_room(room)
        if watcher is not None and watcher.ladder.ended:
            await asyncio.wait([self._tasks[watcher.session.session_id]], timeout=_LAST_WORD)

    async def end(self, session_id: str, reason: EndReason) -> None:
        """Stop watching a session that somebody has ended; its last word is waited for, within reason."""
        watcher = self._watchers.get(session_id)
        if watcher:
            watcher.end(reason)
            await asyncio.wait([self._tasks[session_id]], timeout=_LAST_WORD)

    def drop(self, session_id: str) -> None:
        """Stop watching without a word: another task does."""
        task = self._tasks.get(session_id)
        if task:
            task.cancel()

    @property
    def watched(self) -> tuple[str, ...]:
        """Ids of the sessions that are watched here."""
        return tuple(self._watchers)

    async def aclose(self) -> None:
        """Stop all watchers."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, watcher: Watcher) -> None:
        session = watcher.session
        try:
            await watcher.run()
        except Exception:
            # One session's watcher must never take others with it, nor die unseen.
            log.exception("watcher failed", session=session.mark)

    def _forget(self, session: Watched) -> None:
        self._tasks.pop(session.session_id, None)
        self._watchers.pop(session.session_id, None)
        self._counted.pop(session.session_id, None)
        if self._rooms.get(session.room) == session.session_id:
            del self._rooms[session.room]

    async def _changed(self, watcher: Watcher, status: SessionStatus) -> None:
        if self._counted.get(watcher.session.session_id) != status:  # it is told again where it was not stored
            self._counted[watcher.session.session_id] = status
            self._count(status)
        await self._on_change(watcher, status)

    def _count(self, status: SessionStatus) -> None:
        settled = status.verdict in _GOOD or status.gave_up or status.verdict is AgentVerdict.REJECTED
        if settled:
            good = status.verdict in _GOOD
            self.outcomes["joined" if good else "failed"] += 1
            self.recent.append(Outcome(datetime.now(UTC), status.verdict, status.attempts, status.join_seconds))
        self.totals[status.verdict.value] += 1
