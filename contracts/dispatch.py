"""What the API tells the agent about a session, as JSON in the metadata of the LiveKit dispatch."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from contracts.flights import CountryCode, CurrencyCode
from contracts.languages import LANGUAGES, is_language
from contracts.personas import DEFAULT_PERSONA, check_persona
from contracts.wire import VersionedWire, Wire

SessionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
"""Unguessable id of a session, made by the API."""

ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]
VoiceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]


class Pipeline(StrEnum):
    """How speech becomes an answer."""

    REALTIME = "realtime"
    """One speech-to-speech model."""
    CASCADE = "cascade"
    """Speech to text, a chat model, text to speech."""
    TEXT = "text"
    """A chat model on typed text; no audio in or out."""


class Consent(Wire):
    """What the user agreed to before the call; the default is the least."""

    store_turns: bool = False
    record: bool = False
    """That the sound of the call is recorded, where the installation offers it."""
    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,32}$")] | None = None
    """Of the text that the user was shown."""
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,35}$")] | None = None
    """Of that text."""


class CallLimits(Wire):
    """What one call may use; the agent tells the traveller before the end and ends softly."""

    seconds: Annotated[int, Field(ge=1)] | None = None
    """From the agent's readiness; None: no limit."""
    searches: Annotated[int, Field(ge=1)] | None = None


class DispatchMetadata(VersionedWire):
    """One session as the agent must hold it. The agent rejects the job when this does not validate."""

    session_id: SessionId
    tenant: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}$")] = "default"
    persona: str = DEFAULT_PERSONA
    """One of `contracts.personas.PERSONAS`."""
    handoffs: tuple[str, ...] = ()
    """Personas that the call may be handed to, as the installation allows."""
    language: str = "auto"
    """`auto`: follow the speaker; else a code of `contracts.languages` to open in."""
    locale: Annotated[str, StringConstraints(max_length=35)] | None = None
    """BCP 47 tag of the page or device: the language to greet in while `language` is `auto`."""
    pipeline: Pipeline = Pipeline.REALTIME
    model: ModelName | None = None
    """Overrides the agent's configured model of that pipeline; None takes the configured one."""
    voice: VoiceName | None = None
    consent: Consent = Field(default_factory=Consent)
    time_zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"
    """IANA zone of the user: what "tomorrow" means."""
    country: CountryCode | None = None
    """Where the traveller has chosen to buy; None: as their clock and locale say."""
    currency: CurrencyCode | None = None
    """In what they have chosen to pay; None: as in that country."""
    limits: CallLimits = Field(default_factory=CallLimits)
    traceparent: Annotated[str, StringConstraints(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")] | None = None
    """The trace that the agent goes on with, as W3C Trace Context writes it."""
    resumed: bool = False
    """True when an earlier agent of this session was lost: go on, do not greet again."""

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        return check_language(value)

    @field_validator("persona")
    @classmethod
    def _known_persona(cls, value: str) -> str:
        return check_persona(value)

    @field_validator("handoffs")
    @classmethod
    def _known_handoffs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_persona(name) for name in value)


def check_language(value: str) -> str:
    """`auto` or a supported code (also from a tag such as `pt-BR`), else ValueError that says what is allowed."""
    if value == "auto":
        return value
    code = value.split("-", maxsplit=1)[0].lower()
    if not is_language(code):
        raise ValueError(f"must be 'auto' or one of {', '.join(LANGUAGES)}")
    return code
