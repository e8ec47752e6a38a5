"""What the agent tells the API of a call beside its turns: the facts that the record of a call is made of.

`POST /v1/sessions/{session_id}/events` takes them in batches, from the session's agent alone. An event's id makes a
repeat harmless. Nothing here holds what was said: words are turns, and only those are bound to the traveller's consent.
The one exception is a tool's arguments, which the API drops where the traveller did not agree to keep the conversation.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator

from contracts.dispatch import Pipeline, SessionId
from contracts.models import Stage
from contracts.wire import Instant, Wire

EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]
Revision = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Words = Annotated[str, StringConstraints(max_length=200)]
"""Plain English for the operator; never what anybody said."""
Milliseconds = Annotated[int, Field(ge=0, le=86_400_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]

ARGUMENTS_MAX = 40
EVENTS_MAX = 100
"""In one request."""


class EndReason(StrEnum):
    """Why a call ended: the closed list that records, filters and webhooks use."""

    TRAVELLER_LEFT = "traveller_left"
    """Hung up, closed the page, or did not come back after a lost connection."""
    SILENCE = "silence"
    """Nobody spoke, typed or touched anything for long, and the question whether somebody is there went unanswered."""
    OPERATOR = "operator"
    """Ended over the API by somebody who is not in the call."""
    TIME_LIMIT = "time_limit"
    """The longest time that one call may take."""
    BUDGET = "budget"
    """Money, calls or searches of the call, its caller, its tenant or the deployment are used up."""
    AGENT_MISSING = "agent_missing"
    """No agent came, also after dispatching again."""
    AGENT_LOST = "agent_lost"
    """The agent was there and left; no other took over."""
    REJECTED = "rejected"
    """The agent refused the session's settings."""
    MODEL_FAILED = "model_failed"
    """The providers failed for good in the middle of the call."""
    NEVER_JOINED = "never_joined"
    """The token ran out unused."""
    DEPLOYED = "deployed"
    """The agent had to leave for a new version and the call could not be handed over."""
    UNKNOWN = "unknown"
    """The room went away while nobody of ours was looking."""


class TurnTimes(Wire):
    """Stages of one answer, in milliseconds from the end of the traveller's speech, or from the typed line's arrival."""

    words_ms: Milliseconds | None = None
    """The transcript was final."""
    first_token_ms: Milliseconds | None = None
    first_audio_ms: Milliseconds | None = None
    """The first sound of the answer itself, fillers not counted."""
    filler_ms: Milliseconds | None = None
    """The first filler's sound, where one was needed."""
    provider_ms: Milliseconds | None = None
    """The part of `first_audio_ms` (in text: of `first_token_ms`) that was waiting for the providers."""


class _Event(Wire):
    id: EventId
    at: Instant


class TurnEvent(_Event):
    """One question was answered, or was not."""

    kind: Literal["turn"] = "turn"
    turn_id: EventId
    """Of the assistant's turn, as in `contracts.turns.Turn`."""
    pipeline: Pipeline
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    times: TurnTimes = Field(default_factory=TurnTimes)
    corrected: Annotated[int, Field(ge=0, le=100)] = 0
    """Spoken facts that did not agree with the data and were corrected."""


class ToolEvent(_Event):
    """One tool call."""

    kind: Literal["tool"] = "tool"
    turn_id: EventId | None = None
    name: Name
    arguments: dict[Annotated[str, StringConstraints(max_length=64)], Any] = Field(
        default_factory=dict, max_length=ARGUMENTS_MAX
    )
    outcome: Literal["ok", "refused", "failed", "cancelled"]
    problem: Name | None = None
    """Slug of the problem, where there was one."""
    ms: Milliseconds

    @field_validator("arguments")
    @classmethod
    def _small(cls, value: dict[str, Any]) -> dict[str, Any]:
        if len(str(value)) > 4000:  # noqa: PLR2004 - said in the message
            raise ValueError("arguments are longer than 4000 characters")
        return value


class InterruptionEvent(_Event):
    """The traveller cut an answer short."""

    kind: Literal["interruption"] = "interruption"
    turn_id: EventId | None = None
    by: Literal["voice", "stop", "button", "typed"]
    silence_ms: Milliseconds | None = None
    """From the stop's end to silence."""


class FailureEvent(_Event):
    """A part failed; whether the call went on."""

    kind: Literal["failure"] = "failure"
    stage: Literal["stt", "llm", "tts", "realtime", "tool", "room", "api"]
    provider: Name | None = None
    reason: Words
    recovered: bool


class UsageEvent(_Event):
    """What one model was used for since the event before; summed by the API and priced there."""

    kind: Literal["usage"] = "usage"
    stage: Literal["stt", "llm", "tts", "realtime"]
    provider: Name
    model: Name
    input_tokens: Count = 0
    """All input tokens, cached and audio ones included."""
    cached_input_tokens: Count = 0
    input_audio_tokens: Count = 0
    cached_input_audio_tokens: Count = 0
    output_tokens: Count = 0
    output_audio_tokens: Count = 0
    characters: Count = 0
    """Text given to a speech model."""
    audio_ms: Count = 0
    """Sound given to a transcription model, or made by a speech model."""


class PipelineEvent(_Event):
    """The call went on in another pipeline."""

    kind: Literal["pipeline"] = "pipeline"
    pipeline: Pipeline
    reason: Words


class NoticeEvent(_Event):
    """Something was said or shown that the traveller did not ask for: an apology, a question whether one is there."""

    kind: Literal["notice"] = "notice"
    notice: Name


class RoomEvent(_Event):
    """Somebody came or went, a track began or ended, or a connection turned bad or well again."""

    kind: Literal["room"] = "room"
    what: Literal["joined", "left", "published", "unpublished", "quality"]
    who: Literal["traveller", "operator", "agent"]
    detail: Name | None = None
    """The track's source (microphone, camera, screenshare), or the quality (excellent, good, poor, lost)."""


class ConfiguredModel(Wire):
    """A model that may be asked for something in a call."""

    stage: Stage
    provider: Name
    model: Name


class ModelsEvent(_Event):
    """The call has begun with these models, each stage's in the order in which they step in."""

    kind: Literal["models"] = "models"
    models: Annotated[tuple[ConfiguredModel, ...], Field(min_length=1, max_length=40)]
    revision: Revision | None = None
    """Of the agent, as its deployment calls it."""


class EndedEvent(_Event):
    """The agent ends the call, or has seen it end."""

    kind: Literal["ended"] = "ended"
    reason: EndReason


CallEvent = Annotated[
    TurnEvent
    | ToolEvent
    | InterruptionEvent
    | FailureEvent
    | UsageEvent
    | PipelineEvent
    | NoticeEvent
    | RoomEvent
    | ModelsEvent
    | EndedEvent,
    Field(discriminator="kind"),
]


class CallEvents(Wire):
    """Body of `POST /v1/sessions/{session_id}/events`."""

    events: Annotated[tuple[CallEvent, ...], Field(min_length=1, max_length=EVENTS_MAX)]


class Allowance(Wire):
    """Answer of the events route: how much longer the call may go on."""

    seconds_left: Annotated[int, Field(ge=0)] | None = None
    """0: end now, softly. None: nothing presses."""
    reason: EndReason | None = None
    """What the call would end of."""


class AgentSessionRequest(Wire):
    """Body of `POST /v1/agent/sessions`: the agent was sent into a room without usable metadata.

    The answer is `contracts.dispatch.DispatchMetadata`, of the session that runs in that room or of a new one with the
    deployment's defaults. A refusal is a problem, whose `detail` the agent passes on.
    """

    room_name: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    session_id: SessionId | None = None
    """As the metadata named it, where it did."""
