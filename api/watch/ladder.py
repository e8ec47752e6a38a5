"""What a look into a room says about the agent, and what to do about it. Pure: no clock, no network.

The rungs: room exists -> dispatch listed -> job assigned -> agent participant -> agent state published. The media
server drops a dispatch that nobody takes, does not retry it, and tells nobody; so each rung has its own deadline, a
bounded number of further dispatches, and words for the user in the end.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from api.livekit.client import RoomView
from api.settings import WatchTimings
from contracts.problems import Conflict
from contracts.sessions import AgentVerdict as Verdict

LOST_GRACE: Final = 1.0
"""Seconds between missing a ready agent and calling it lost: an agent that ends a call closes the room after itself."""
_MISSES: Final = 2
"""Looks that must find no room before the session counts as ended."""
_GROWTH: Final = 1.4


class Action(StrEnum):
    """What the watcher must do now."""

    NONE = "none"
    DISPATCH = "dispatch"
    """Take back what was asked for and ask again."""
    RECALL = "recall"
    """Take back what was asked for, so that an agent that does not start leaves."""
    END = "end"


@dataclass
class Ladder:
    """One session's climb. Times are seconds of one monotonic clock."""

    timings: WatchTimings
    expires_at: float
    """When the token can no longer open the room."""
    jitter: Callable[[], float]
    """0 to 1."""
    verdict: Verdict = Verdict.WAITING_FOR_USER
    attempts: int = 0
    gave_up: bool = False
    reason: str | None = None
    join_seconds: float | None = None
    _seen_at: float | None = None
    _dispatched_at: float = 0.0
    _due_at: float | None = None
    _recalled_at: float | None = None
    _lost_at: float | None = None
    _ever_ready: bool = False
    _holds_ready: bool = False
    """The last dispatch brought a ready agent."""
    _rejected: bool = False
    _failed: bool = False
    _misses: int = 0
    _fresh: bool = False
    """The room was just opened, by the media server's word."""
    _interval: float = 0.0
    _made: int = 0
    """Dispatches made since the last fresh start; the wait before another grows with it."""
    _rounds: int = field(init=False)
    _resumes: int = field(init=False)
    _retries: int = field(init=False)

    def __post_init__(self) -> None:
        self._rounds = self.timings.redispatches
        self._resumes = self.timings.resumes
        self._retries = self.timings.retries

    @property
    def ended(self) -> bool:
        """Nothing more will happen."""
        return self.verdict is Verdict.ENDED

    @property
    def resumes(self) -> bool:
        """Whether the next agent goes on where another one stopped."""
        return self._ever_ready

    @property
    def wants_dispatches(self) -> bool:
        """Whether the next look must list dispatches too."""
        return self.verdict is not Verdict.READY and self._seen_at is not None

    def step(self, view: RoomView | None, now: float) -> Action:
        """Judge one look. One that was on its way while the session ended says nothing any more."""
        if self.ended:
            return Action.NONE
        if view is None:
            return self._no_room(now)
        self._misses = 0
        if self._seen_at is None:
            self._seen(now)
        if any(agent.ready for agent in view.agents):
            return self._ready(now)
        if self._rejected:
            return Action.NONE
        if view.agents:
            return self._joined(view, now)
        return self._no_agent(view, now)

    def dispatched(self, now: float) -> None:
        """Another dispatch was made."""
        self.attempts += 1
        self.verdict = Verdict.DISPATCHED
        self._dispatched_at = now
        self._seen_at = now if self._seen_at is None else self._seen_at
        self._due_at = self._recalled_at = self._lost_at = None
        self._holds_ready = self._failed = False
        self._interval = 0.0

    def postpone(self, now: float) -> None:
        """The dispatch could not be made: the media server did not answer."""
        self._due_at = now + self.timings.backoff

    def retry(self, now: float) -> None:
        """The user asks for another attempt. Raises Conflict when that cannot help."""
        if self._rejected:
            raise Conflict("The agent refused this session's settings; start a new session.")
        if self.ended:
            raise Conflict("The session has ended; start a new one.")
        if not self.gave_up:
            return  # an agent is there, or on its way, or the next attempt is due by itself
        if self._retries <= 0:
            raise Conflict("No more attempts in this session; start a new one.")
        self._retries -= 1
        self._rounds, self._made = 1, 0
        self.gave_up = False
        self._due_at = now

    def rejected(self, reason: str) -> None:
        """The agent refused the job: asking again would change nothing."""
        self._rejected = True
        self.verdict, self.reason = Verdict.REJECTED, reason

    def ready(self, now: float) -> None:
        """The agent says that it can hear: as good as a look that shows it."""
        if self._rejected or self.ended:
            return
        if self._seen_at is None:
            self._seen(now)
        self._ready(now)

    def seen(self, now: float) -> None:
        """The room is there: the media server said so."""
        self._misses = 0
        if self._seen_at is None:
            self._seen(now)
            self._fresh = True

    def left(self) -> None:
        """The agent was seen to leave: the next look decides whether that is a loss."""
        if self.verdict is Verdict.READY:
            self.verdict, self._interval = Verdict.JOINED, 0.0

    def resume(self) -> None:
        """An agent was ready in this session before, under another watcher."""
        self._ever_ready = True

    def failed(self, reason: str) -> None:
        """The agent reports that it could not start; no need to wait for the deadline."""
        self._failed = True
        self.reason = reason

    def end(self, reason: str | None = None) -> None:
        """The session is over; `reason` when it was not ended by those in it."""
        self.verdict, self.reason = Verdict.ENDED, reason
        self.gave_up = False

    def interval(self, now: float) -> float:
        """Seconds until the next look."""
        pause = self._pause()
        return max(0.0, min(pause, self._due_at - now)) if self._due_at is not None else pause

    def _pause(self) -> float:
        timings = self.timings
        if self.gave_up or self._rejected:
            return timings.poll_gave_up
        if self.verdict is Verdict.READY:
            return timings.poll_ready
        if self._seen_at is not None and self._interval == 0.0 and self.verdict is Verdict.DISPATCHED and self._fresh:
            # The agent says itself when it can hear; only one that does not is looked for.
            self._interval = timings.poll_climbing
            return timings.report_grace
        first, most = (
            (timings.poll_first, timings.poll_waiting_max)
            if self._seen_at is None
            else (timings.poll_climbing, timings.poll_climbing * 3)
        )
        self._interval = min(most, max(first, self._interval * _GROWTH))
        return self._interval

    def _seen(self, now: float) -> None:
        self._seen_at = self._dispatched_at = now
        self.attempts = max(self.attempts, 1)
        self.verdict = Verdict.DISPATCHED
        self._interval = 0.0

    def _no_room(self, now: float) -> Action:
        if self._seen_at is None:
            if now <= self.expires_at:
                return Action.NONE
            self.end("nobody joined while the token was valid")
            return Action.END
        self._misses += 1
        if self._misses < _MISSES:
            return Action.NONE
        self.end()
        return Action.END

    def _ready(self, now: float) -> Action:
        if self.join_seconds is None and self._seen_at is not None:
            self.join_seconds = round(now - self._seen_at, 3)
        self.verdict, self.reason, self.gave_up = Verdict.READY, None, False
        self._ever_ready = self._holds_ready = True
        self._due_at = self._recalled_at = self._lost_at = None
        self._failed = False
        return Action.NONE

    def _joined(self, view: RoomView, now: float) -> Action:
        """An agent without a state: starting, or stuck."""
        if self._recalled_at is not None:
            if now - self._recalled_at > self.timings.leave_deadline:
                self._give_up("the agent did not start and did not leave")
            return Action.NONE
        if self.gave_up:
            return Action.NONE
        waited = now - self._dispatched_at
        if not self._failed and waited <= self.timings.ready_deadline:
            self.verdict = Verdict.JOINED
            return Action.NONE
        self.verdict = Verdict.NEVER_STARTED
        if not view.has_user:
            return Action.NONE
        self._because("an agent is in the room and its session did not start")
        if self._rounds <= 0:
            self._give_up(self.reason)
            return Action.NONE
        self._rounds -= 1
        self._recalled_at = now
        return Action.RECALL

    def _no_agent(self, view: RoomView, now: float) -> Action:
        if not view.has_user:
            return Action.NONE
        if self._holds_ready:
            return self._lost(now)
        if self._recalled_at is not None or (self._due_at is not None and now >= self._due_at):
            return Action.DISPATCH
        if self._due_at is not None or self.gave_up:
            return Action.NONE
        return self._climbing(view, now)

    def _climbing(self, view: RoomView, now: float) -> Action:
        listed = view.dispatches
        waited = now - self._dispatched_at
        if listed is None:
            return Action.NONE
        if any(dispatch.jobs for dispatch in listed):
            self.verdict = Verdict.ASSIGNED
            if self._failed or waited > self.timings.ready_deadline:
                error = next((dispatch.error for dispatch in listed if dispatch.error), None)
                self._again(Verdict.NEVER_JOINED, error or "a worker took the job and never came into the room", now)
        elif waited > self.timings.no_worker_after:
            why = "no worker took the job: none is registered under this name, or all are busy"
            self._again(Verdict.NO_WORKER, why if listed else "the room holds no dispatch for the agent", now)
        else:
            self.verdict = Verdict.DISPATCHED
        return Action.NONE

    def _again(self, verdict: Verdict, reason: str, now: float) -> None:
        self.verdict = verdict
        self._because(reason)
        if self._rounds <= 0:
            self._give_up(self.reason)
            return
        self._rounds -= 1
        self._made += 1
        self._due_at = now + self.timings.backoff * self._made * (1 + 0.5 * self.jitter())

    def _lost(self, now: float) -> Action:
        self.verdict = Verdict.LOST
        if self._due_at is not None:  # the user asked for another one, or the media server did not answer
            return Action.DISPATCH if now >= self._due_at else Action.NONE
        if self.gave_up:
            return Action.NONE
        self._because("the agent left while the user was still there")
        if self._lost_at is None:
            self._lost_at = now
        if now - self._lost_at < LOST_GRACE:
            return Action.NONE
        if self._resumes <= 0:
            self._give_up(self.reason)
            return Action.NONE
        self._resumes -= 1
        self._rounds = self.timings.resume_redispatches
        self._made = 0
        return Action.DISPATCH

    def _because(self, reason: str) -> None:
        """What the agent itself reported says more than what we see."""
        if not self._failed or self.reason is None:
            self.reason = reason

    def _give_up(self, reason: str | None) -> None:
        self.gave_up = True
        self.reason = reason
        self._due_at = self._recalled_at = None
