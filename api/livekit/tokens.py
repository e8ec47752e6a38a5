"""Minting participant tokens: one room, microphone and screen, and the agent's dispatch by exactly one path."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from livekit import api as livekit

from api.settings import Settings
from contracts import agent_name
from contracts.dispatch import DispatchMetadata
from contracts.names import ATTRIBUTE_OPERATOR, COMPANION_PREFIX

ROOM_PREFIX: Final = "polyglot-"
EMPTY_TIMEOUT: Final = 60
"""Seconds that a room waits for its first participant."""
MAX_PARTICIPANTS: Final = 7
"""The user, the same user's second connection while the first one ends, the agent, its replacement, an operator, and two
further screens of the user."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A minted token and what it allows."""

    token: str
    identity: str
    room: str
    expires_at: datetime
    metadata: str = ""
    """What the agent is dispatched with, as JSON."""


def fresh_room(called: str = "") -> str:
    """A room name that nobody can guess (192 bits), with what the caller calls it in it."""
    return ROOM_PREFIX + (f"{called}-" if called else "") + secrets.token_urlsafe(24)


def fresh_identity() -> str:
    """An identity that nobody else has."""
    return f"user-{secrets.token_urlsafe(9)}"


def fresh_companion() -> str:
    """An identity for another screen of a traveller."""
    return COMPANION_PREFIX + secrets.token_urlsafe(9)


class Minter:
    """Signs tokens with the server's key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def mint(self, *, room: str, identity: str, name: str = "", dispatch: DispatchMetadata) -> Grant:
        """A token for one room; the agent comes when this join creates the room."""
        config = livekit.RoomConfiguration(
            empty_timeout=EMPTY_TIMEOUT,
            departure_timeout=self._settings.departure_timeout,
            max_participants=MAX_PARTICIPANTS,
        )
        metadata = dispatch.model_dump_json()
        config.agents.append(livekit.RoomAgentDispatch(agent_name=agent_name(), metadata=metadata))
        token = self._token(room, identity, name, heard=True, writes=True).with_room_config(config)
        return self._grant(token, room, identity, metadata)

    def companion(self, *, room: str) -> Grant:
        """A token for another screen of a call's traveller: it is neither heard nor seen, and no agent comes with it."""
        identity = fresh_companion()
        return self._grant(self._token(room, identity, "", heard=False, writes=True), room, identity)

    def operator(self, *, room: str, identity: str, name: str, heard: bool) -> Grant:
        """A token for somebody of the house: no agent comes with it. `heard`: may speak and show, in a call; else listens."""
        token = self._token(room, identity, name, heard=heard, writes=heard)
        return self._grant(token.with_attributes({ATTRIBUTE_OPERATOR: "1"}), room, identity)

    def _token(self, room: str, identity: str, name: str, *, heard: bool, writes: bool) -> livekit.AccessToken:
        """A token for a room. `heard`: may speak and show its screen; `writes`: may send data."""
        grants = livekit.VideoGrants(
            room_join=True,
            room=room,
            can_publish=heard,
            can_publish_sources=["microphone", "screen_share"] if heard else None,
            can_subscribe=True,
            can_publish_data=writes,
            can_update_own_metadata=False,
        )
        token = livekit.AccessToken(self._settings.livekit_api_key, self._settings.api_secret)
        return token.with_identity(identity).with_name(name).with_ttl(self._ttl).with_grants(grants)

    def _grant(self, token: livekit.AccessToken, room: str, identity: str, metadata: str = "") -> Grant:
        expires_at = datetime.now(UTC) + self._ttl
        return Grant(token.to_jwt(), identity, room, expires_at, metadata)

    @property
    def _ttl(self) -> timedelta:
        return timedelta(seconds=self._settings.token_ttl)
