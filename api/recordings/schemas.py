"""A recording as the record of a call lists it."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, Field


class RecordingState(StrEnum):
    """How far it is."""

    STARTING = "starting"
    """Asked for; nothing is recorded yet."""
    RUNNING = "running"
    ENDING = "ending"
    """The call is over, and its file is being written."""
    COMPLETE = "complete"
    FAILED = "failed"
    """There is no file; the call went on without one."""


FINAL: Final = frozenset({RecordingState.COMPLETE, RecordingState.FAILED})
ORDER: Final = {state: number for number, state in enumerate(RecordingState)}
"""What comes late from the media server does not turn a recording back."""


class Recording(BaseModel):
    """One recording of one call."""

    id: str
    state: RecordingState
    asked_at: AwareDatetime
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    seconds: Annotated[float, Field(ge=0)] | None
    size: Annotated[int, Field(ge=0)] | None
    """Bytes."""
    location: str
    """Where the operator finds it: `s3://bucket/key` or `file:///name`."""
    error: str | None
    """Why there is none, in plain English for the operator."""


class Handling(BaseModel):
    """What happens to what is said in calls of this installation."""

    recording: bool
    """Whether a call may be recorded, where its traveller agrees to it."""
    turns_days: int
    """How long what was said is kept, where its traveller agreed to that."""
    recordings_days: int
