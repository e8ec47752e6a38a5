"""The one table of what is measured: from structured log events to CloudWatch metrics."""

from dataclasses import dataclass
from typing import Final

from infra.context import Context

LIVE_CALLS: Final = "LiveCalls"
REPORTS_PER_MINUTE: Final = 3
"""Each agent task reports its live calls (`worker.calls`) every 20 seconds."""


@dataclass(frozen=True)
class Measure:
    """A metric made from one field of one event, or from the event's being there."""

    metric: str
    service: str
    """Whose log group."""
    event: str
    """The field `event` of the JSON line."""
    field: str | None = None
    """The number that is measured; None: events are counted."""
    unit: str = "Count"
    dimension: str | None = None
    """A field whose values become series of their own; few values, or the bill grows."""
    but_not: tuple[str, str] | None = None
    """A field and its value that are not counted."""

    @property
    def pattern(self) -> str:
        """CloudWatch Logs filter pattern for JSON lines."""
        without = f' && $.{self.but_not[0]} != "{self.but_not[1]}"' if self.but_not else ""
        return f'{{ $.event = "{self.event}"{without} }}'

    @property
    def value(self) -> str:
        """What a matching line adds."""
        return "1" if self.field is None else f"$.{self.field}"


MEASURES: Final = (
    Measure(LIVE_CALLS, "agent", "worker.calls", "calls"),
    Measure("CallsStarted", "agent", "call.started"),
    Measure("CallSeconds", "agent", "call.ended", "seconds", "Seconds"),
    Measure("CallTurns", "agent", "call.ended", "turns"),
    # A worker that a newer version has replaced refuses, and another one takes the call.
    Measure("CallsRefused", "agent", "call.refused", but_not=("reason", "retired")),
    Measure("FirstAudio", "agent", "turn.first_audio", "seconds", "Seconds"),
    Measure("Interruptions", "agent", "turn.interrupted"),
    Measure("ModelFailures", "agent", "model.failed"),
    Measure("ModelFailuresByStage", "agent", "model.failed", dimension="stage"),
    Measure("WorkersSuperseded", "agent", "worker.superseded"),
    Measure("JoinSeconds", "api", "dispatch.ready", "seconds", "Seconds"),
    Measure("JoinFailures", "api", "dispatch.failed"),
    Measure("FareAnswers", "api", "fares.answered", dimension="source"),
    Measure("FareSeconds", "api", "fares.answered", "seconds", "Seconds", dimension="source"),
    Measure("FareFailures", "api", "fares.failed"),
    Measure("FareFailuresBySource", "api", "fares.failed", dimension="source"),
    Measure("RequestFailures", "api", "request.failed"),
)
"""Values are single observations, so CloudWatch has percentiles of them."""


def namespace(context: Context) -> str:
    """Namespace of a stack's own metrics; each stack has its own, for metrics do not say whose log they came from."""
    return f"Polyglot/{context.settings.environment}"
