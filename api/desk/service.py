"""People who take calls over: they wait at their tenant's desk, a room of the media server, and join a call from there.

Who waits is what the media server says, so that nobody is promised who has closed the window. The desk's room tells of a
call by its session's id alone; a token for the call is given to whoever may join it.
"""

import secrets
from typing import Final

import structlog

from api.access.caller import Caller
from api.livekit.client import MediaServer
from api.livekit.tokens import Grant, Minter
from api.sessions.repository import SessionRecord
from contracts.desk import DESK_ROOM_PREFIX, OPERATOR_PREFIX, HandoffOffer, HandoffReply, HandoffRequest
from contracts.marks import session_mark
from contracts.names import TOPIC_HANDOFF
from contracts.problems import Conflict, PolyglotError

log = structlog.get_logger("polyglot.desk")

_ID_BYTES: Final = 9


class DeskService:
    """The desk."""

    def __init__(self, minter: Minter, media: MediaServer) -> None:
        self._minter = minter
        self._media = media

    def wait(self, caller: Caller, name: str) -> Grant:
        """A token for the desk of the caller's tenant."""
        return self._minter.operator(
            room=DESK_ROOM_PREFIX + caller.tenant, identity=_identity(), name=name, heard=False
        )

    def join(self, record: SessionRecord, name: str) -> Grant:
        """A token for a call that runs. Conflict for one that has ended."""
        if record.ended_at is not None:
            raise Conflict("The call has ended.")
        log.info("operator joins", session=session_mark(record.id))
        return self._minter.operator(room=record.room, identity=_identity(), name=name, heard=True)

    async def ask(self, record: SessionRecord, wanted: HandoffRequest) -> HandoffReply:
        """Tell those who wait. A media server that does not answer is a desk with nobody at it."""
        room = DESK_ROOM_PREFIX + record.tenant
        offer = HandoffOffer(
            session_id=record.id, reason=wanted.reason, language=wanted.language, persona=record.metadata.persona
        )
        try:
            view = await self._media.look(room, dispatches=False)
            people = [one for one in view.participants if one.identity.startswith(OPERATOR_PREFIX)] if view else []
            if people:
                await self._media.tell(room, TOPIC_HANDOFF, offer.model_dump_json().encode())
        except PolyglotError as error:
            log.warning("desk not asked", session=session_mark(record.id), error=type(error).__name__)
            people = []
        log.info("handed off", session=session_mark(record.id), reason=wanted.reason, waiting=len(people))
        return HandoffReply(waiting=len(people))


def _identity() -> str:
    return OPERATOR_PREFIX + secrets.token_urlsafe(_ID_BYTES)
