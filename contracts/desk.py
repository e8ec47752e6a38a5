"""Handing a call to a person: operators wait in a room of the media server, are told of a call there, and join it."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from contracts.wire import Wire

DESK_ROOM_PREFIX = "polyglot-desk-"
"""With the tenant's name: where its operators wait."""
OPERATOR_PREFIX = "operator-"
"""Begins the identity of an operator, at the desk and in a call; nobody else can be given one."""

HandoffReason = Literal["red_flag", "asked", "stuck"]


class HandoffRequest(Wire):
    """Body of `POST /v1/sessions/{session_id}/handoff`, from the session's agent alone."""

    reason: HandoffReason
    language: str


class HandoffReply(Wire):
    """How many operators wait and were told; none: the agent must say so."""

    waiting: Annotated[int, Field(ge=0)]


class HandoffOffer(Wire):
    """What operators at the desk are told, as data of topic `polyglot.handoff`; the first who joins has the call."""

    session_id: str
    reason: HandoffReason
    language: str
    persona: str


class DeskRequest(Wire):
    """Body of the operator's two routes."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    """Shown to the traveller."""


class DeskToken(Wire):
    """A token for the desk, or for a call."""

    server_url: str
    room_name: str
    participant_token: str
    identity: str
    expires_at: AwareDatetime
