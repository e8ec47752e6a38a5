"""The API's sessions as a call of the gateway uses them: the same rules and the same rate as over HTTP."""

from typing import TYPE_CHECKING

from fastapi import Response

from api.access.caller import Caller
from api.services import Services
from api.sessions.repository import SessionRecord
from api.settings import Settings
from contracts.problems import NotFound
from contracts.sessions import SessionRequest, SessionStatus

if TYPE_CHECKING:
    from api.livekit.tokens import Grant


class GatewaySessions:
    """Sessions for one socket."""

    def __init__(self, services: Services, caller: Caller) -> None:
        self._services = services
        self._caller = caller

    async def start(self, language: str) -> "tuple[str, Grant]":
        """A session in that language with the default pipeline; counted like one that is started over HTTP."""
        await self._services.limiter.check("sessions", self._caller, Response())
        record, grant, _ = await self._services.sessions.start(SessionRequest(language=language), self._caller)
        return record.id, grant

    async def status(self, session_id: str) -> SessionStatus:
        """Whether its agent has come."""
        return await self._services.sessions.status(await self._record(session_id))

    async def end(self, session_id: str) -> SessionStatus:
        """Close the room and forget the call."""
        return await self._services.sessions.end(await self._record(session_id))

    async def _record(self, session_id: str) -> SessionRecord:
        record = await self._services.sessions.record(session_id)
        if record is None:
            raise NotFound("There is no such session.")
        return record


def internal_url(settings: Settings) -> str:
    """Where this process reaches the media server, with a WebSocket scheme."""
    scheme, _, rest = str(settings.livekit_url).rstrip("/").partition("://")
    return {"http": "ws", "https": "wss"}.get(scheme, scheme) + "://" + rest
