"""The life of a session: started, watched, written down as far as agreed, ended."""

import secrets
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.livekit.client import MediaServer
from api.livekit.tokens import Grant, Minter, fresh_identity, fresh_room
from api.livekit.watch import DispatchWatch, Watched, Watcher
from api.sessions.choice import choose
from api.sessions.repository import SessionRecord, Stores
from api.sessions.summary import summarise
from api.settings import Settings
from contracts.dispatch import DispatchMetadata
from contracts.flights import SearchResult
from contracts.problems import Conflict, NotFound
from contracts.sessions import AgentReport, AgentVerdict, SessionRequest, SessionStatus
from contracts.turns import Summary, Turn

log = structlog.get_logger("polyglot.sessions")

_ID_BYTES: Final = 18


class SessionService:
    """Everything about sessions but the media server's own business."""

    def __init__(self, settings: Settings, media: MediaServer, watch: DispatchWatch, stores: Stores) -> None:
        self._settings = settings
        self._minter = Minter(settings)
        self._media = media
        self._watch = watch
        self._sessions, self._turns = stores.sessions, stores.turns
        self._summaries, self._memory = stores.summaries, stores.memory

    async def start(
        self,
        request: SessionRequest,
        *,
        room: str | None = None,
        name: str = "",
        spoken: str | None = None,
    ) -> tuple[SessionRecord, Grant]:
        """A fresh room, a token for it that brings the agent, and a watcher.

        `spoken` is the language of what the user is told when the request leaves the language open. Raises
        InvalidInput for a wrong model or voice, Unavailable when too many sessions are watched.
        """
        self._watch.check_room_for_more()
        metadata = self._metadata(request)
        grant = self._minter.mint(room=room or fresh_room(), identity=fresh_identity(), name=name, dispatch=metadata)
        record = _record(metadata, grant)
        await self._sessions.add(record)
        self._watch.start(self._watched(record, spoken))
        return record, grant

    async def start_in(self, room: str, *, identity: str, name: str) -> Grant:
        """A token for a room that the caller named and others may share; its agent comes exactly once.

        A token's room configuration counts only when the join makes the room. So for a room that is there the agent
        is dispatched explicitly, unless one is in it or on its way.
        """
        watcher = self._watch.in_room(room)
        if watcher is not None:
            return self._minter.mint(
                room=room, identity=identity, name=name, dispatch=watcher.session.metadata, shared=True
            )
        metadata = self._metadata(SessionRequest())
        view = await self._media.look(room, dispatches=True)
        # No await between this check and `start`: two callers at once must not both dispatch.
        watcher = self._watch.in_room(room)
        if watcher is not None:
            metadata = watcher.session.metadata
        grant = self._minter.mint(
            room=room, identity=identity, name=name, dispatch=None if view else metadata, shared=True
        )
        if watcher is not None:
            return grant
        record = _record(metadata, grant)
        missing = view is not None and not view.agents and not any(d.jobs for d in view.dispatches or ())
        self._watch.start(self._watched(record, None), dispatched=missing)
        if missing:
            await self._media.create_dispatch(room, metadata.model_dump_json())
        await self._sessions.add(record)
        return grant

    async def status(self, session_id: str) -> SessionStatus:
        """The verdict on the session's agent. NotFound when there is no such session."""
        watcher = self._watch.get(session_id)
        if watcher:
            return watcher.status
        record = await self._record(session_id)
        if record.ended_at is None and (watcher := self._adopt(record)):
            return watcher.status
        return record.status or _unseen(record)

    async def dispatch(self, session_id: str) -> SessionStatus:
        """Another attempt to get an agent. Conflict when it cannot help."""
        watcher = self._watch.get(session_id)
        if watcher is None:
            record = await self._record(session_id)
            if record.ended_at is not None:
                raise Conflict("The session has ended; start a new one.")
            watcher = self._adopt(record)
        watcher.retry()
        return watcher.status

    async def end(self, session_id: str) -> SessionStatus:
        """Close the room and forget what was not to be kept. Ending twice is fine."""
        record = await self._record(session_id)
        if record.ended_at is None:
            await self._media.delete_room(record.room)
            await self._watch.end(session_id)
            record = await self._record(session_id)
            if record.ended_at is None:  # nobody was watching
                await self.changed(session_id, _unseen(record).model_copy(update={"verdict": AgentVerdict.ENDED}))
                record = await self._record(session_id)
        return record.status or _unseen(record)

    async def changed(self, session_id: str, status: SessionStatus) -> None:
        """Called by the watch: remember the status; at the end write the summary and forget the rest."""
        ended = status.verdict is AgentVerdict.ENDED
        await self._sessions.set_status(session_id, status, datetime.now(UTC) if ended else None)
        if not ended:
            return
        record = await self._sessions.get(session_id)
        if record and record.metadata.consent.store_turns:
            text = summarise(await self._turns.all(session_id), await self._memory.searches(session_id))
            await self._summaries.put(session_id, Summary(status="ready", text=text))
        await self._memory.forget(session_id)

    async def room_of(self, session_id: str) -> str:
        """The session's room. NotFound when there is no such session."""
        return (await self._record(session_id)).room

    async def add_turn(self, session_id: str, turn: Turn) -> bool:
        """Keep a turn, in the database or for the call, by consent; False when it was there already."""
        record = await self._record(session_id)
        if record.ended_at is not None and not record.metadata.consent.store_turns:
            return False  # the call is over and nothing of it is to be kept
        if record.metadata.consent.store_turns:
            return await self._turns.add(session_id, turn)
        added = await self._memory.add_turn(session_id, turn)
        if (await self._record(session_id)).ended_at is not None:
            await self._memory.forget(session_id)  # it ended meanwhile, perhaps before the turn was remembered
        return added

    async def turns(self, session_id: str) -> list[Turn]:
        """Turns so far, oldest first."""
        record = await self._record(session_id)
        if record.metadata.consent.store_turns:
            return await self._turns.all(session_id)
        return await self._memory.turns(session_id) if record.ended_at is None else []

    async def summary(self, session_id: str) -> Summary:
        """`pending` until the session has ended. Without consent it is ready and empty: nothing was kept."""
        record = await self._record(session_id)
        if record.ended_at is None:
            await self.status(session_id)  # somebody must be looking, or it never ends
            return Summary(status="pending")
        return await self._summaries.get(session_id) or Summary(status="ready")

    async def report(self, report: AgentReport) -> None:
        """Take in what the agent says of itself. NotFound when no running session is in that room."""
        watcher = self._watch.in_room(report.room_name)
        if watcher is None:
            record = await self._sessions.running_in(report.room_name)
            if record is None:
                raise NotFound("No running session is in that room.")
            self._adopt(record)
        self._watch.report(report)

    async def note_search(self, room: str, result: SearchResult) -> None:
        """Remember a search that the agent of that room made. Never fails: the search itself has succeeded."""
        watcher = self._watch.in_room(room)
        if watcher:
            await self._memory.add_search(watcher.session.session_id, result)
        elif self._memory.everywhere:
            try:
                record = await self._sessions.running_in(room)
            except SQLAlchemyError as error:
                log.warning("search not noted", error=type(error).__name__)
                return
            if record:
                await self._memory.add_search(record.id, result)

    def _metadata(self, request: SessionRequest) -> DispatchMetadata:
        choice = choose(request, self._settings)
        return DispatchMetadata(
            session_id=secrets.token_urlsafe(_ID_BYTES),
            language=request.language,
            locale=request.locale,
            pipeline=choice.pipeline,
            model=choice.model,
            voice=choice.voice,
            consent=request.consent,
            time_zone=_zone(request.time_zone),
        )

    async def _record(self, session_id: str) -> SessionRecord:
        record = await self._sessions.get(session_id)
        if record is None:
            raise NotFound("There is no such session.")
        return record

    def _adopt(self, record: SessionRecord) -> Watcher:
        """Watch a session that another process, or this one before a restart, has started."""
        return self._watch.get(record.id) or self._watch.start(self._watched(record, None))

    @staticmethod
    def _watched(record: SessionRecord, spoken: str | None) -> Watched:
        metadata = record.metadata
        opening = metadata.locale or spoken or metadata.language
        return Watched(
            session_id=record.id,
            room=record.room,
            metadata=metadata,
            language=opening if metadata.language == "auto" else metadata.language,
            expires_in=(record.token_expires_at - datetime.now(UTC)).total_seconds(),
        )


def _record(metadata: DispatchMetadata, grant: Grant) -> SessionRecord:
    return SessionRecord(
        metadata=metadata, room=grant.room, created_at=datetime.now(UTC), token_expires_at=grant.expires_at
    )


def _unseen(record: SessionRecord) -> SessionStatus:
    return SessionStatus(
        session_id=record.id,
        room_name=record.room,
        pipeline=record.metadata.pipeline,
        verdict=AgentVerdict.WAITING_FOR_USER,
        attempts=0,
    )


def _zone(name: str) -> str:
    """The zone if this machine knows it, else UTC: a browser with a newer table must still get its call."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("unknown time zone", zone=name[:64])
        return "UTC"
    return name
