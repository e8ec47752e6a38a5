"""Watches each session until its agent can hear, and after that that it stays. See `ladder` for the judgement."""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import structlog

from api.livekit.client import Dispatch, MediaServer
from api.livekit.ladder import Action, Ladder
from api.settings import WatchTimings
from contracts.dispatch import DispatchMetadata
from contracts.events import Event
from contracts.languages import language
from contracts.problems import MediaUnavailable, NotFound, Unavailable
from contracts.sessions import AgentReport, AgentVerdict, SessionStatus

log = structlog.get_logger("polyglot.watch")


def _event(status: SessionStatus) -> str:
    if status.gave_up:
        return Event.DISPATCH_FAILED.value
    return Event.DISPATCH_READY.value if status.verdict is AgentVerdict.READY else "agent"


Wait = Callable[[asyncio.Event, float], Awaitable[None]]
OnChange = Callable[[str, SessionStatus], Awaitable[None]]

_RETRY_FIRST: Final = 0.5
_RETRY_MOST: Final = 10.0
_RECENT: Final = 20
_GOOD: Final = frozenset({AgentVerdict.READY})


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set or the time is over, and clear the event."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watcher must know of a session."""

    session_id: str
    room: str
    metadata: DispatchMetadata
    language: str
    """Of what the user is told."""
    expires_in: float
    """Seconds until the token can no longer open the room."""


class Watcher:
    """One session's watcher; `run` returns when the session has ended."""

    def __init__(  # noqa: PLR0913 - each is a seam for tests
        self,
        session: Watched,
        media: MediaServer,
        timings: WatchTimings,
        on_change: OnChange,
        *,
        clock: Callable[[], float],
        wait: Wait,
        jitter: Callable[[], float],
    ) -> None:
        self.session: Final = session
        self.ladder: Final = Ladder(timings, clock() + session.expires_in, jitter)
        self._media = media
        self._timings = timings
        self._on_change = on_change
        self._clock = clock
        self._wait = wait
        self._nudged = asyncio.Event()
        self._told: SessionStatus | None = None
        self._stop_at = clock() + timings.longest

    @property
    def status(self) -> SessionStatus:
        """The session as the API shows it."""
        ladder = self.ladder
        return SessionStatus(
            session_id=self.session.session_id,
            room_name=self.session.room,
            pipeline=self.session.metadata.pipeline,
            verdict=ladder.verdict,
            attempts=ladder.attempts,
            gave_up=ladder.gave_up,
            reason=ladder.reason,
            message=self._message(),
            join_seconds=ladder.join_seconds,
        )

    def nudge(self) -> None:
        """Look now."""
        self._nudged.set()

    def retry(self) -> None:
        """The user asks for another agent; see `Ladder.retry`."""
        self.ladder.retry(self._clock())
        self.nudge()

    def dispatched(self) -> None:
        """The API has made the first dispatch itself."""
        self.ladder.dispatched(self._clock())

    def report(self, report: AgentReport) -> None:
        """Take in what the agent says of itself."""
        if report.kind == "rejected":
            self.ladder.rejected(report.reason)
        elif report.kind == "failed":
            self.ladder.failed(report.reason)
        self.nudge()  # `ready` too: a look confirms it

    async def run(self) -> None:
        """Look, judge, act, wait; until the end. Errors of the media server only slow it down."""
        failures = 0
        while not self.ladder.ended and self._clock() < self._stop_at:
            try:
                await self._look()
                failures = 0
                pause = self.ladder.interval(self._clock())
            except MediaUnavailable as error:
                failures += 1
                pause = min(_RETRY_MOST, _RETRY_FIRST * 2 ** min(failures, 6))
                log.warning("media server unavailable", session_id=self.session.session_id, detail=error.detail)
            await self._tell()
            if not self.ladder.ended:
                await self._wait(self._nudged, pause)
        if not self.ladder.ended:
            self.ladder.end("watched for the longest time")
        await self._tell()

    async def _look(self) -> None:
        view = await self._media.look(self.session.room, dispatches=self.ladder.wants_dispatches)
        action = self.ladder.step(view, self._clock())
        if action is Action.DISPATCH:
            await self._dispatch()
        elif action is Action.RECALL:
            await self._recall((view.dispatches or ()) if view else ())

    async def _dispatch(self) -> None:
        """Ask for another agent, unless one has come in the meantime."""
        room = self.session.room
        try:
            view = await self._media.look(room, dispatches=True)
            if view is None or view.agents:
                return
            await self._recall(view.dispatches or ())
            metadata = self.session.metadata.model_copy(update={"resumed": self.ladder.resumes})
            await self._media.create_dispatch(room, metadata.model_dump_json())
        except MediaUnavailable:
            self.ladder.postpone(self._clock())
            raise
        self.ladder.dispatched(self._clock())
        log.info("dispatched again", session_id=self.session.session_id, attempts=self.ladder.attempts)

    async def _recall(self, dispatches: tuple[Dispatch, ...]) -> None:
        for dispatch in dispatches:
            await self._media.delete_dispatch(self.session.room, dispatch.id)

    async def _tell(self) -> None:
        status = self.status
        if status == self._told:
            return
        self._told = status
        level = log.info if not status.gave_up else log.error
        level(
            _event(status),
            session_id=status.session_id,
            verdict=status.verdict.value,
            attempts=status.attempts,
            gave_up=status.gave_up,
            reason=status.reason,
            seconds=status.join_seconds,
        )
        await self._on_change(status.session_id, status)

    def _message(self) -> str | None:
        lines = language(self.session.language).lines
        if self.ladder.verdict is AgentVerdict.REJECTED:
            return lines.request_rejected
        return lines.agent_missing if self.ladder.gave_up else None


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
    ) -> None:
        self._media = media
        self._timings = timings
        self._on_change = on_change
        self._clock, self._wait, self._jitter = clock, wait, jitter
        self._watchers: dict[str, Watcher] = {}
        self._rooms: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
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
        )
        if dispatched:
            watcher.dispatched()
        task = asyncio.create_task(self._run(watcher), name=f"watch {session.session_id}")
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

    async def end(self, session_id: str) -> None:
        """Stop watching a session that somebody has ended."""
        watcher = self._watchers.get(session_id)
        if watcher:
            watcher.ladder.end()
            watcher.nudge()
            await asyncio.gather(self._tasks[session_id], return_exceptions=True)

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
            log.exception("watcher failed", session_id=session.session_id)

    def _forget(self, session: Watched) -> None:
        self._tasks.pop(session.session_id, None)
        self._watchers.pop(session.session_id, None)
        if self._rooms.get(session.room) == session.session_id:
            del self._rooms[session.room]

    async def _changed(self, session_id: str, status: SessionStatus) -> None:
        settled = status.verdict in _GOOD or status.gave_up or status.verdict is AgentVerdict.REJECTED
        if settled:
            good = status.verdict in _GOOD
            self.outcomes["joined" if good else "failed"] += 1
            self.recent.append(Outcome(datetime.now(UTC), status.verdict, status.attempts, status.join_seconds))
        self.totals[status.verdict.value] += 1
        await self._on_change(session_id, status)
