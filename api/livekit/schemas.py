"""LiveKit's standard token endpoint and the first system's: what a caller may ask for.

Whatever a caller may not set is refused by name. An open endpoint that passed `room_config` on would let anybody
record a room or start any agent.
"""

import re
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

    room_name: Annotated[str, StringConstraints(max_length=128)] | None = Field(
        default=None,
        validation_alias=_both("room_name"),
        description="Best left out: the server makes a fresh one. Else a fresh unguessable name that begins with "
        f"`{ROOM_PREFIX}` and has 22 to 100 letters, digits, hyphens or underscores more",
    )
    participant_identity: Annotated[str, StringConstraints(max_length=128)] | None = Field(
        default=None, validation_alias=_both("participant_identity"), description="Made by the server: leave it out"
    )
    participant_name: Name = Field(default="", validation_alias=_both("participant_name"))
    participant_metadata: Annotated[str, StringConstraints(max_length=_METADATA_MAX)] | None = Field(
        default=None, validation_alias=_both("participant_metadata"), description="Not for callers: leave it out"
    )
    participant_attributes: dict[str, str] | None = Field(
        default=None,
        validation_alias=_both("participant_attributes"),
        description="Only `language`: `auto` or a supported language",
        max_length=8,
    )
    room_config: dict[str, Any] | None = Field(
        default=None,
        validation_alias=_both("room_config"),
        description="Only one agent, under our agent's name, with a session request as JSON in its metadata",
        max_length=16,
    )

    def session(self) -> SessionRequest:
        """The session that is asked for. Raises InvalidInput that names the field that a caller may not set."""
        # An empty string is what protobuf clients send for "not set".
        for field in ("participant_identity", "participant_metadata"):
            if getattr(self, field):
                raise InvalidInput.of(field, "a caller may not set it; the server does", "nothing, or an empty string")
        if self.room_name and not re.fullmatch(_FRESH_ROOM, self.room_name):
            raise InvalidInput.of(
                "room_name",
                "is not an unguessable name of this deployment",
                f"nothing: the server makes one; or {ROOM_PREFIX} and 22 to 100 letters, digits, '-' or '_' from a "
                "random source",
            )
        attributes = self.participant_attributes or {}
        for attribute in attributes:
            if attribute != "language":
                raise InvalidInput.of(f"participant_attributes.{attribute}"[:80], "a caller may not set it", "language")
        wanted = self._agent_metadata()
        language = attributes.get("language")
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
        if not self.room_config:
            return {}
        try:
            config = ParseDict(self.room_config, RoomConfiguration())
        except (ParseError, TypeError, ValueError, RecursionError) as error:
            unknown = _UNKNOWN.search(str(error))
            if unknown:
                where = ".".join(part for part in ("room_config", *_path(unknown["path"]), unknown["name"]) if part)
                raise InvalidInput.of(where[:120], "a caller may not set it", "agents") from None
            raise InvalidInput.of("room_config", "is not a LiveKit RoomConfiguration", '{"agents": […]}') from None
        given = MessageToDict(config, preserving_proto_field_name=True)
        for name in given:
            if name != "agents":
                raise InvalidInput.of(f"room_config.{name}", "a caller may not set it", "agents")
        if len(config.agents) > 1:
            raise InvalidInput.of("room_config.agents", "more than one agent", "one, or none")
        return _metadata(given["agents"][0]) if config.agents else {}


_UNKNOWN: Final = re.compile(
    r'has no field named "(?P<name>[\w.$-]{1,64})"(?: at "RoomConfiguration\.?(?P<path>[^"]*)")?'
)


def _path(text: str | None) -> list[str]:
    """`agents[0]` of the library's words, as our fields are named."""
    return [part for part in re.split(r"[.\[\]]+", text or "") if part]


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
    """Answer of LiveKit's standard token endpoint, in both spellings that its clients read; the session's id beside it."""

    server_url: str
    participant_token: str
    room_name: str
    session_id: str
    receipt: str
    """What the traveller exports and erases the call with."""
    serverUrl: str  # noqa: N815 - the other spelling
    participantToken: str  # noqa: N815
    roomName: str  # noqa: N815


class FirstTokenRequest(BaseModel):
    """Body of the first system's token route. Other fields are ignored, as they were there."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    identity: Identity | None = None
    """Shown as the name where there is none; the identity itself is always a fresh one."""
    room: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = (
        "flight-assistant"
    )
    """What the caller calls its room; the room itself is the caller's own, and its name unguessable."""
    name: Name | None = None
    room_metadata: str | None = Field(default=None, alias="roomMetadata", max_length=_METADATA_MAX)
    """Taken and not used: the agent comes whatever it says."""


class FirstTokenResponse(BaseModel):
    """Answer of the first system's token route."""

    token: str
    identity: str
    room: str
    """Where the token leads: the name that was asked for, between our prefix and what makes it unguessable."""
    name: str
