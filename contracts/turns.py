"""Turns of a conversation as the agent reports them and the API keeps them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from contracts.text import clean
from contracts.wire import Instant, Wire


class Turn(Wire):
    """One finished contribution of one side."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    """Made by the agent; a repeated id is the same turn, so a retry stores nothing twice."""
    role: Literal["user", "assistant"]
    text: Annotated[str, AfterValidator(clean), StringConstraints(max_length=8000)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    modality: Literal["voice", "text"]
    interrupted: bool = False
    started_at: Instant
    latency_ms: Annotated[int, Field(ge=0)] | None = None
    """Assistant turns: end of the user's speech to first audio, where it was measured."""


class Summary(Wire):
    """A conversation in a few sentences; `pending` until the session has ended and it was made."""

    status: Literal["pending", "ready", "failed"]
    text: str | None = None
