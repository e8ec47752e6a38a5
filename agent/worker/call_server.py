"""The library's worker, counting calls as we do: a call is a call, whether it runs or is about to."""

from livekit.agents import AgentServer

from agent.telemetry.events import emit
from agent.telemetry.measures import measure
from contracts.events import Event


class CallServer(AgentServer):
    """A worker that takes as many calls of a burst as it may hold, and says when it refuses one for being full."""

    max_calls: int = 1

    def _get_effective_load(self) -> float:
        """The library guesses what an accepted call will cost from its idle processes, and takes two (1.8.9)."""
        return max(self._worker_load, (len(self.active_jobs) + self._reserved_slots) / self.max_calls)

    def _is_available(self) -> bool:
        """Asked once for each call that is offered; the library refuses without a word."""
        available = super()._is_available()
        if not available and not self._draining:
            emit(Event.CALL_REFUSED, reason="full")
            measure("calls_refused", reason="full")
        return available

    @property
    def connected(self) -> bool:
        """Whether the media server can send calls now; the library has no event for losing it (1.8.9)."""
        return not self._connecting and not self._connection_failed
