"""Who is calling: our agent, or a participant of a session, by a LiveKit token signed with the shared key.

An agent's token has an identity that begins with `agent-`, the attribute `polyglot-agent` and the room that it serves.
A participant's token is the one that `POST /v1/sessions` gave out; it may read its own session for a day.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal

import jwt
from fastapi import Header
from livekit import api as livekit

from api.settings import Settings
from contracts.problems import Forbidden, Unauthorised

AGENT_ATTRIBUTE: Final = "polyglot-agent"
AGENT_PREFIX: Final = "agent-"
READ_LEEWAY: Final = timedelta(hours=24)
"""A participant's token has expired long before the call ends; its own turns stay readable for a day."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller."""

    kind: Literal["agent", "participant"]
    identity: str
    room: str

    def must_belong_to(self, room: str) -> None:
        """Raise Forbidden unless the token was made for this room."""
        if self.room != room:
            raise Forbidden("The token belongs to another session.")


def verify(settings: Settings, authorization: str | None) -> Caller:
    """The caller of an `Authorization` header; Unauthorised when it is missing or not valid."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorised("Authorization: a bearer token is needed.")
    claims = _claims(settings, token.strip(), READ_LEEWAY)
    room = claims.video.room if claims.video else ""
    if claims.identity.startswith(AGENT_PREFIX) and AGENT_ATTRIBUTE in (claims.attributes or {}):
        _claims(settings, token.strip(), timedelta(minutes=1))
        return Caller("agent", claims.identity, room)
    if not (claims.video and claims.video.room_join and room):
        raise Unauthorised("Authorization: the token is neither an agent's nor a participant's.")
    return Caller("participant", claims.identity, room)


def _claims(settings: Settings, token: str, leeway: timedelta) -> livekit.access_token.Claims:
    verifier = livekit.TokenVerifier(settings.livekit_api_key, settings.api_secret, leeway=leeway)
    try:
        return verifier.verify(token)
    except (jwt.InvalidTokenError, ValueError, TypeError, KeyError, AttributeError) as error:
        # A well-signed token with odd claims makes the library fail in its own ways; all mean the same here.
        raise Unauthorised("Authorization: the token is not valid.") from error


Authorization = Annotated[str | None, Header(description="`Bearer` and a LiveKit token.")]


def agent_only(settings: Settings, authorization: str | None) -> Caller:
    """The calling agent; Forbidden for a participant."""
    caller = verify(settings, authorization)
    if caller.kind != "agent":
        raise Forbidden("Only the agent may do that.")
    return caller


def agent_of(settings: Settings, authorization: str | None) -> Caller | None:
    """The calling agent, or None for everybody else; never raises."""
    if not authorization:
        return None
    try:
        caller = verify(settings, authorization)
    except Unauthorised:
        return None
    return caller if caller.kind == "agent" else None
