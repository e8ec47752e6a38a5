"""LiveKit's standard token endpoint and the first system's: what a caller may ask for.

Whatever a caller may not set is refused by name. An open endpoint that passed `room_config` on would let anybody
record a room or start any agent.
"""

import time
from typing import Annotated, Any, Final

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from livekit.protocol.room import RoomConfiguration
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from api.livekit.tokens import ROOM_PREFIX
from contracts import agent_name
from contracts.problems import InvalidInput, field_problems
from contracts.sessions import SessionRequest

_FRESH_ROOM: Final = rf"^{ROOM_PREFIX}[A-Za-z0-9_-]{{22,100}}$"
_METADATA_MAX: Final = 4096

Identity = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=128)]


def _both(name: str) -> AliasChoices:
    """Snake case, as the protocol says, or camel case, as some clients write."""
    first, *rest = name.split("_")
    return AliasChoices(name, first + "".join(word.capitalize() for word in rest))


class TokenRequest(BaseModel):
    """Body of LiveKit's standard token endpoint; every field may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    room_name: Annotated[str, StringConstraints(pattern=_FRESH_ROOM)] | None = Field(
        default=None,
        validation_alias=_both("room_name"),
        description="Best left out: the server makes a fresh one. Else a fresh unguessable name of this form.",
    )
    participant_identity: None = Field(
        default=None, validation_alias=_both("participant_identity"), description="Made by the server"
    )
    participant_name: Name = Field(default="", validation_alias=_both("participant_name"))
    participant_metadata: None = Field(
        default=None, validation_alias=_both("participant_metadata"), description="Not for callers"
    )
    participant_attributes: dict[str, str] = Field(
        default_factory=dict,
        validation_alias=_both("participant_attributes"),
        description="Only `language`: `auto` or a supported language",
        max_length=8,
    )
    room_config: dict[str, Any] = Field(
        default_factory=dict,
        validation_alias=_both("room_config"),
        description="Only one agent, under our agent's name, with a session request as JSON in its metadata",
        max_length=16,
    )

    def session(self) -> SessionRequest:
        """The session that is asked for. Raises InvalidInput that names the field that a caller may not set."""
        for attribute in self.participant_attributes:
            if attribute != "language":
                raise InvalidInput.of(f"participant_attributes.{attribute}"[:80], "a caller may not set it", "language")
        wanted = self._agent_metadata()
        language = self.participant_attributes.get("language")
        if language is not None:
            wanted.setdefault("language", language)
        try:
            return SessionRequest.model_validate(wanted)
        except ValidationError as error:
            found = field_problems(list(error.errors(include_input=False)))
            where = "participant_attributes.language" if wanted == {"language": language} else _AGENT + ".metadata"
            raise InvalidInput(
                f"{where}: " + "; ".join(f"{problem.field}: {problem.problem}" for problem in found),
                errors=tuple(
                    problem.model_copy(update={"field": where if "attributes" in where else f"{where}.{problem.field}"})
                    for problem in found
                ),
            ) from None

    def _agent_metadata(self) -> dict[str, Any]:
        try:
            config = ParseDict(self.room_config, RoomConfiguration())
        except (ParseError, TypeError, ValueError, RecursionError):
            raise InvalidInput.of("room_config", "is not a LiveKit RoomConfiguration", '{"agents": […]}') from None
        given = MessageToDict(config, preserving_proto_field_name=True)
        for name in given:
            if name != "agents":
                raise InvalidInput.of(f"room_config.{name}", "a caller may not set it", "agents")
        if len(config.agents) > 1:
            raise InvalidInput.of("room_config.agents", "more than one agent", "one, or none")
        return _metadata(given["agents"][0]) if config.agents else {}


_AGENT: Final = "room_config.agents.0"


def _metadata(agent: dict[str, Any]) -> dict[str, Any]:
    for name in agent:
        if name not in ("agent_name", "metadata"):
            raise InvalidInput.of(f"{_AGENT}.{name}", "a caller may not set it", "agent_name, metadata")
    if agent.get("agent_name", agent_name()) != agent_name():
        raise InvalidInput.of(f"{_AGENT}.agent_name", "there is no such agent here", agent_name())
    raw = agent.get("metadata", "")
    if not raw:
        return {}
    if len(raw) > _METADATA_MAX:
        raise InvalidInput.of(f"{_AGENT}.metadata", f"is longer than {_METADATA_MAX} characters")
    try:
        return SessionRequest.model_validate_json(raw).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        found = field_problems(list(error.errors(include_input=False)))
        problems = tuple(
            problem.model_copy(update={"field": f"{_AGENT}.metadata.{problem.field}".removesuffix(".body")})
            for problem in found
        )
        detail = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems)
        raise InvalidInput(detail, errors=problems) from None


class TokenResponse(BaseModel):
    """Answer of LiveKit's standard token endpoint, and the session's id beside it."""

    server_url: str
    participant_token: str
    room_name: str
    session_id: str


def _default_identity() -> str:
    return f"user-{int(time.time())}"


class FirstTokenRequest(BaseModel):
    """Body of the first system's token route. Other fields are ignored, as they were there."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    identity: Identity = Field(default_factory=_default_identity)
    room: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] = (
        "flight-assistant"
    )
    name: Name | None = None
    room_metadata: str | None = Field(default=None, alias="roomMetadata", max_length=_METADATA_MAX)
    """Taken and not used: the agent comes whatever it says."""


class FirstTokenResponse(BaseModel):
    """Answer of the first system's token route."""

    token: str
    identity: str
    room: str
    name: str
