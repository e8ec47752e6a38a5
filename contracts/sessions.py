"""Starting a session, and the API's verdict on whether its agent really came.

The agent proves itself to the API by `Authorization: Bearer` and a LiveKit token signed with the shared key, made for
each request: `sub` begins with `agent-`, `attributes` holds the key `polyglot-agent`, `video.room` is the room that it
serves, and it lives for five minutes. Reports, turns and events of a call are taken from it alone. The participant's own
token opens the rest of its session: status, dispatch, end, and reading turns and summary.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, field_validator

from contracts.dispatch import Consent, ModelName, Pipeline, SessionId, VoiceName, check_language
from contracts.flights import CountryCode, CurrencyCode
from contracts.personas import check_persona
from contracts.wire import Wire


class SessionRequest(Wire):
    """Body of `POST /v1/sessions`; every field may be left out."""

    persona: str | None = None
    """One of those that this installation allows; None: its first one."""
    language: str = "auto"
    locale: Annotated[str, StringConstraints(max_length=35)] | None = None
    """BCP 47 tag of the page or device: the language to greet in while `language` is `auto`."""
    pipeline: Pipeline | None = None
    """None: chosen from the voice (an OpenAI realtime voice is realtime), else the configured default."""
    model: ModelName | None = None
    voice: VoiceName | None = None
    consent: Consent = Field(default_factory=Consent)
    time_zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"
    country: CountryCode | None = None
    """Where the traveller has chosen to buy; None: as their clock and locale say."""
    currency: CurrencyCode | None = None
    """In what they have chosen to pay; None: as in that country."""

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        return check_language(value)

    @field_validator("persona")
    @classmethod
    def _known_persona(cls, value: str | None) -> str | None:
        return None if value is None else check_persona(value)


class SessionStarted(Wire):
    """Answer of `POST /v1/sessions`. The `livekit_*` names are those of the first system."""

    session_id: SessionId
    room_name: str
    server_url: str
    participant_token: str
    expires_at: AwareDatetime
    """End of the token's life for a first connect; a running call is not cut by it."""
    pipeline: Pipeline
    receipt: Annotated[str, StringConstraints(pattern=r"^[A-Z2-9]{20}$")] | None = None
    """What the traveller exports and erases the call with, whoever asks; shown at its end."""
    record: bool = False
    """Whether the call will be recorded: agreed to, and offered by this installation."""
    livekit_url: str
    livekit_token: str


class AgentVerdict(StrEnum):
    """Rungs of the dispatch watch's ladder, in order, then the ways it can end badly."""

    WAITING_FOR_USER = "waiting_for_user"
    """The room does not exist yet: nobody has joined, so no agent is due."""
    DISPATCHED = "dispatched"
    ASSIGNED = "assigned"
    JOINED = "joined"
    READY = "ready"
    """The agent participant published its state: it can hear."""
    NO_WORKER = "no_worker"
    """Nobody took the job: no worker has registered under the agent's name, or all are full."""
    NEVER_JOINED = "never_joined"
    """A worker took the job and never came into the room."""
    NEVER_STARTED = "never_started"
    """The agent is in the room and its session did not start."""
    REJECTED = "rejected"
    """The agent refused the session's settings; `reason` says which."""
    LOST = "lost"
    """The agent was ready and has left while the user is still there."""
    ENDED = "ended"


class SessionStatus(Wire):
    """Answer of `GET /v1/sessions/{session_id}`."""

    session_id: SessionId
    room_name: str
    pipeline: Pipeline
    verdict: AgentVerdict
    attempts: Annotated[int, Field(ge=0)]
    """Dispatches made so far, the first one included."""
    gave_up: bool = False
    """True when the bounded re-dispatches are used up: tell the user, offer typing and a retry."""
    reason: str | None = None
    """Plain English for the operator; never holds a secret or what a user said."""
    message: str | None = None
    """For the user, in the session's language, when there is something to say."""
    join_seconds: float | None = None
    """From first sight of the room to a ready agent."""


class AgentReport(Wire):
    """Body of `POST /v1/agent/reports`: what only the agent can know about a session.

    `ready` as soon as the agent can hear: the watch then need not ask the media server.
    """

    kind: Literal["rejected", "failed", "ready"]
    room_name: str
    session_id: SessionId | None = None
    reason: Annotated[str, StringConstraints(max_length=500)] = ""
