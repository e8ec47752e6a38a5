"""The API's sessions as a call of the gateway uses them: the same rules and the same rate as over HTTP."""

from typing import TYPE_CHECKING

from fastapi import Response, WebSocket

from api.services import Services
from api.settings import Settings
from contracts.sessions import SessionRequest, SessionStatus

if TYPE_CHECKING:
    from api.livekit.tokens import Grant


class GatewaySessions:
    """Sessions for one socket."""

    def __init__(self, services: Services, socket: WebSocket) -> None:
        self._services = services
        self._socket = socket

    async def start(self, language: str) -> "tuple[str, Grant]":
        """A session in that language with the default pipeline; counted like one that is started over HTTP."""
        await self._services.limiter.check("sessions", self._socket, Response())
        record, grant = await self._services.sessions.start(SessionRequest(language=language))
        return record.id, grant

    async def status(self, session_id: str) -> SessionStatus:
        """Whether its agent has come."""
        return await self._services.sessions.status(session_id)

    async def end(self, session_id: str) -> SessionStatus:
        """Close the room and forget the call."""
        return await self._services.sessions.end(session_id)


def internal_url(settings: Settings) -> str:
    """Where this process reaches the media server, with a WebSocket scheme."""
    scheme, _, rest = str(settings.livekit_url).rstrip("/").partition("://")
    return {"http": "ws", "https": "wss"}.get(scheme, scheme) + "://" + rest
