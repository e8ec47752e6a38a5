"""Tokens of the media server as credentials: our agent's, and a participant's own.

An agent's token has an identity that begins with `agent-`, the attribute `polyglot-agent` and the room that it serves.
A participant's token is the one that opened the room; it serves its own call for a day, though it can open nothing
after ten minutes. A pair of keys that is being replaced is taken too.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import jwt
from livekit import api as livekit

from api.access.caller import DEFAULT_TENANT, Caller, Kind, Scope
from contracts.names import AGENT_ATTRIBUTE, AGENT_IDENTITY_PREFIX
from contracts.problems import Unauthorised

OWN_CALL_LEEWAY: Final = timedelta(hours=24)
AGENT_LEEWAY: Final = timedelta(minutes=1)
INVALID: Final = "Authorization: the token is not valid."

Claims = livekit.access_token.Claims


class RoomTokens:
    """Checks tokens against every key of the media server that is in use."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys: Final = dict(keys)

    def signed_by_us(self, issuer: object) -> bool:
        """Whether a token names one of our keys as its issuer."""
        return issuer in self._keys

    def caller(self, token: str, network: str) -> Caller:
        """The agent or participant. Unauthorised when the token is not valid or is neither's."""
        claims = self._claims(token, OWN_CALL_LEEWAY)
        room = claims.video.room if claims.video else ""
        if claims.identity.startswith(AGENT_IDENTITY_PREFIX) and AGENT_ATTRIBUTE in (claims.attributes or {}):
            self._claims(token, AGENT_LEEWAY)
            return Caller(Kind.AGENT, f"agent:{room}", DEFAULT_TENANT, frozenset({Scope.SEARCH}), network, room)
        if not (claims.video and claims.video.room_join and room):
            raise Unauthorised("Authorization: the token is neither an agent's nor a participant's.")
        return Caller(Kind.PARTICIPANT, f"room:{room}", DEFAULT_TENANT, frozenset(), network, room)

    def verifiers(self) -> tuple[livekit.TokenVerifier, ...]:
        """For webhooks, newest key first."""
        return tuple(livekit.TokenVerifier(key, secret) for key, secret in self._keys.items())

    def _claims(self, token: str, leeway: timedelta) -> Claims:
        try:
            issuer = str(jwt.decode(token, options={"verify_signature": False}).get("iss"))
            return livekit.TokenVerifier(issuer, self._keys[issuer], leeway=leeway).verify(token)
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError, AttributeError) as error:
            # A well-signed token with odd claims makes the library fail in its own ways; all mean the same here.
            raise Unauthorised(INVALID) from error
