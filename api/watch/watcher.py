"""Watches each session until its agent can hear, and after that that it stays. See `ladder` for the judgement."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from api.livekit.client import Dispatch, MediaServer
from api.settings import WatchTimings
from api.watch.gate import Gate
from api.watch.ladder import Action, Ladder
from contracts.dispatch import DispatchMetadata
from contracts.events import Event
from contracts.languages import language
from contracts.marks import session_mark
from contracts.problems import Conflict, MediaUnavailable, Unavailable
from contracts.records import EndReason
from contracts.sessions import AgentReport, AgentVerdict, SessionStatus

log = structlog.get_logger("polyglot.watch")


def _event(status: SessionStatus) -> str:
    if status.gave_up:
        return Event.DISPATCH_FAILED.value
    return Event.DISPATCH_READY.value if status.verdict is AgentVerdict.READY else "agent"


Wait = Callable[[asyncio.Event, float], Awaitable[None]]
OnChange = Callable[["Watcher", SessionStatus], Awaitable[None]]

_RETRY_FIRST: Final = 0.5
_RETRY_MOST: Final = 10.0


_GONE: Final = frozenset({"participant_left", "participant_connection_aborted"})


_AGENT: Final = "agent_"
"""Before the kind of an agent's report, on its way between two tasks."""


def _backoff(failures: int) -> float:
    return min(_RETRY_MOST, _RETRY_FIRST * 2.0 ** min(failures, 6))


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set or the time is over, and clear the event."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()


@dataclass(frozen=True, slots=True)
class MediaEvent:
    """What the media server said of a room, by its webhook or by its list of rooms."""

    id: str
    room: str
    kind: str
    """A webhook's `event`, or `room_missing` and `room_found` of the list."""
    identity: str = ""
    is_agent: bool = False
    sid: str = ""


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
    resumes: bool = False
    """An agent was ready before, under another watcher."""
    longest: float | None = None
    """Seconds from now after which the call is over, if its agent has not ended it; None: as long as it is watched."""

    @property
    def mark(self) -> str:
        """The session as logs name it: its id opens nothing, and still is nobody's business."""
        return session_mark(self.session_id)


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
        gate: Gate,
        calm: Callable[[], float],
    ) -> None:
        self.session: Final = session
        self.ladder: Final = Ladder(timings, clock() + session.expires_in, jitter)
        if session.resumes:
            self.ladder.resume()
        self._gate = gate
        self._calm = calm
        self._media = media
        self._timings = timings
        self._on_change = on_change
        self._clock = clock
        self._wait = wait
        self._nudged = asyncio.Event()
        self._told: SessionStatus | None = None
        self._stop_at = clock() + timings.longest
        self._over_at = self._stop_at if session.longest is None else clock() + session.longest
        self.end_reason: EndReason | None = None
        """Why it ended, where we know."""
        self._user_left = False
        self._told_ready = False
        self._step_now: asyncio.Future[float] | None = None

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
        if report.kind == "ready":
            self.ladder.ready(self._clock())
            self._told_ready = True
        elif report.kind == "rejected":
            self.ladder.rejected(report.reason)
        else:
            self.ladder.failed(report.reason)
        self.nudge()

    def happened(self, event: MediaEvent) -> None:
        """Take in what the media server says of the room."""
        kind = event.kind
        if self.ladder.ended:
            return  # what comes late must not open it again
        if kind == "retry":
            with contextlib.suppress(Conflict):
                self.retry()
            return
        if kind.startswith(_AGENT):
            self.report(AgentReport(kind=kind.removeprefix(_AGENT), room_name=event.room, reason=event.identity))
            return
        if kind == "room_finished":
            self.end(EndReason.TRAVELLER_LEFT if self._user_left else None)
            return
        self.ladder.seen(self._clock())
        if kind == "participant_joined" and not event.is_agent:
            self._user_left = False
        elif kind in _GONE and event.is_agent:
            self.ladder.left()
        elif kind in _GONE:
            self._user_left = True
            return  # the agent ends the call, or they come back; neither needs a look
        elif kind != "room_missing":
            self._told_ready = True  # all is as it should be; the ladder's own clocks go on
        self.nudge()

    def end(self, reason: EndReason | None) -> None:
        """The call is over."""
        self.end_reason = self.end_reason or reason
        self.ladder.end()
        if self._step_now is not None:
            self._step_now.cancel()  # the media server waits for an answer from a room that has just closed
        self.nudge()

    async def run(self) -> None:
        """Look, judge, act, tell, wait; until the end. Whoever does not answer only slows it down."""
        failures = 0
        while not (self.ladder.ended and self._told_all):
            pause = 0.0
            try:
                if not self.ladder.ended:
                    pause = await self._step_unless_over()
                await self._tell()
                failures = 0
            except MediaUnavailable as error:
                failures += 1
                pause = _backoff(failures)
                log.warning("media server unavailable", session=self.session.mark, detail=error.detail)
                await self._try_to_tell()
            except Unavailable:
                # Nothing was told: it is told again until somebody has heard it.
                failures += 1
                pause = _backoff(failures)
            if not (self.ladder.ended and self._told_all):
                await self._wait(self._nudged, pause)

    async def _step_unless_over(self) -> float:
        self._step_now = asyncio.ensure_future(self._step())
        try:
            return await self._step_now
        except asyncio.CancelledError:
            if not self.ladder.ended or not self._step_now.cancelled():
                raise
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # the process ends, and not just the call
            return 0.0
        finally:
            self._step_now = None

    async def _step(self) -> float:
        """One look, unless what was said makes it needless; seconds until the next."""
        now = self._clock()
        if now >= self._over_at:
            await self._media.delete_room(self.session.room)
            self.end_reason = EndReason.TIME_LIMIT
            self.ladder.end("the longest time of a call is over")
            return 0.0
        if self._told_ready:
            self._told_ready = False
            self._nudged.clear()
        else:
            await self._look()
        pause = self.ladder.interval(self._clock())
        if self.ladder.verdict is AgentVerdict.READY:
            pause = max(pause, self._calm())
        return min(pause, max(0.0, self._over_at - self._clock()))

    async def _try_to_tell(self) -> None:
        with contextlib.suppress(Unavailable):
            await self._tell()

    @property
    def _told_all(self) -> bool:
        return self._told == self.status

    async def _look(self) -> None:
        if self.ladder.verdict is not AgentVerdict.READY:
            await self._gate.urgent()
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
        log.info("dispatched again", session=self.session.mark, attempts=self.ladder.attempts)

    async def _recall(self, dispatches: tuple[Dispatch, ...]) -> None:
        for dispatch in dispatches:
            await self._media.delete_dispatch(self.session.room, dispatch.id)

    async def _tell(self) -> None:
        status = self.status
        if status == self._told:
            return
        await self._on_change(self, status)
        self._told = status
        level = log.info if not status.gave_up else log.error
        level(
            _event(status),
            session=self.session.mark,
            verdict=status.verdict.value,
            attempts=status.attempts,
            gave_up=status.gave_up,
            reason=status.reason,
            seconds=status.join_seconds,
        )

    def _message(self) -> str | None:
        lines = language(self.session.language).lines
        if self.ladder.verdict is AgentVerdict.REJECTED:
            return lines.request_rejected
        return lines.agent_missing if self.ladder.gave_up else None
