"""Names and fields of the events that both services log as JSON, and that metrics and alarms are made from.

One line for each event, its name under the key `event`. No event holds what anybody said or who they are.
"""

from enum import StrEnum
from typing import Final


class Event(StrEnum):
    """What is counted or measured."""

    WORKER_CALLS = "worker.calls"
    """The worker's live calls, every 20 seconds: `calls`, and `max_calls` that it may hold."""
    WORKER_SUPERSEDED = "worker.superseded"
    """A newer version runs; this worker takes no more calls."""
    CALL_STARTED = "call.started"
    """`pipeline`."""
    CALL_ENDED = "call.ended"
    """`seconds`, `turns`, `reason`."""
    CALL_REFUSED = "call.refused"
    """`reason`: full, retired, or what was wrong with the metadata."""
    TURN_FIRST_AUDIO = "turn.first_audio"
    """`seconds` from the end of the user's speech, or from what was typed, to the first sound of the answer."""
    TURN_INTERRUPTED = "turn.interrupted"
    """The user cut an answer short."""
    MODEL_FAILED = "model.failed"
    """`stage`."""
    DISPATCH_READY = "dispatch.ready"
    """An agent joined and can hear: `seconds`."""
    DISPATCH_FAILED = "dispatch.failed"
    """No agent joined, also after dispatching again: `verdict`."""
    FARES_ANSWERED = "fares.answered"
    """`source`, `seconds`, `offers`."""
    FARES_FAILED = "fares.failed"
    """`source`, `reason`."""
    REQUEST_FAILED = "request.failed"
    """Answered with 500 or more: `status`, `path`."""


REPORT_EVERY: Final = 20.0
"""Seconds between two `worker.calls` of one worker; scaling averages over them."""
