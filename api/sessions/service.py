"""The life of a session as callers see it: asked for, looked at, written down as far as agreed, ended."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from sqlalchemy.exc import IntegrityError

from api import tracing
from api.access.caller import Caller, Kind
from api.access.settings import AccessSettings
from api.budgets.service import Account, BudgetService
from api.livekit.tokens import Grant, Minter, fresh_identity, fresh_room
from api.sessions.choice import choose
from api.sessions.lifecycle import Lifecycle, unseen
from api.sessions.repository import SessionRecord, Stores, receipt_hash
from api.settings import Settings
from contracts.dispatch import DispatchMetadata
from contracts.flights import SearchResult
from contracts.problems import Conflict, InvalidInput, NotFound
from contracts.records import AgentSessionRequest, EndReason
from contracts.sessions import AgentReport, SessionRequest, SessionStatus
from contracts.turns import Summary, Turn

log = structlog.get_logger("polyglot.sessions")

_ID_BYTES: Final = 18
_RECEIPT: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No letters or digits that are mistaken for one another when they are copied by hand; 32, so each is as likely."""
_RECEIPT_LENGTH: Final = 20
"""100 bits: nobody finds one by trying."""


def room_taken() -> InvalidInput:
    """A room with that name has a call already."""
    return InvalidInput.of("room_name", "this room exists already", "leave it out, or send a fresh name")


class SessionService:
    """What routes and the gateway ask for; `Lifecycle` does what happens by itself."""

    def __init__(
        self, settings: Settings, access: AccessSettings, budgets: BudgetService, stores: Stores, lifecycle: Lifecycle
    ) -> None:
        self._settings = settings
        self._access = access
        self._budgets = budgets
        self._minter = Minter(settings)
        self._lifecycle = lifecycle
        self._sessions, self._turns = stores.sessions, stores.turns
        self._summaries, self._memory = stores.summaries, stores.memory

    async def start(
        self,
        request: SessionRequest,
        caller: Caller,
        *,
        room: str | None = None,
        name: str = "",
        spoken: str | None = None,
    ) -> tuple[SessionRecord, Grant, str]:
        """A fresh room, a token for it that brings the agent, and the receipt code of the call.

        Nobody watches it before its room is there: a token that is not used costs nothing. `spoken` is the language
        of what the user is told when the request leaves the language open. Raises InvalidInput for a wrong model or
        voice, BudgetSpent.
        """
        await self._budgets.check_call(Account(caller.id, caller.tenant))
        chance = secrets.token_bytes(_ID_BYTES + _RECEIPT_LENGTH)  # drawn once: each draw asks the system
        metadata = self._metadata(request, caller.tenant, chance[:_ID_BYTES])
        grant = self._minter.mint(room=room or fresh_room(), identity=fresh_identity(), name=name, dispatch=metadata)
        code = "".join(_RECEIPT[byte % len(_RECEIPT)] for byte in chance[_ID_BYTES:])
        record = _record(metadata, grant, caller, spoken or "", code)
        try:
            await self._sessions.add(record)
        except IntegrityError:
            raise room_taken() from None  # by somebody who asked for the same name at the same moment
        return record, grant, code

    def accompany(self, record: SessionRecord) -> Grant:
        """A token for another screen of the traveller. Conflict for a call that has ended."""
        if record.ended_at is not None:
            raise Conflict("The session has ended; start a new one.")
        return self._minter.companion(room=record.room)

    async def serve_room(self, wanted: AgentSessionRequest, caller: Caller) -> DispatchMetadata:
        """The session of a room for an agent that was sent there without usable metadata; a new one if there is none.

        Somebody with the right to dispatch our agent, on the media server itself, made that room. Raises BudgetSpent.
        """
        found = await self._lifecycle.running_in(wanted.room_name)
        if found is None:
            account = Account(f"room:{self._access.public_tenant}", self._access.public_tenant)
            await self._budgets.check_call(account)
            metadata = self._metadata(SessionRequest(), account.tenant, secrets.token_bytes(_ID_BYTES))
            now = datetime.now(UTC)
            fresh = SessionRecord(
                metadata=metadata,
                room=wanted.room_name,
                created_at=now,
                token_expires_at=now + timedelta(seconds=self._settings.token_ttl),
                caller=account.caller,
            )
            found = await self._sessions.open(fresh)
            log.info("session made for a room of others", agent=caller.id[:40])
        await self._lifecycle.activate(found)
        return found.metadata

    async def record(self, session_id: str) -> SessionRecord | None:
        """The session as stored, or None."""
        return await self._sessions.get(session_id)

    async def in_room(self, room: str) -> SessionRecord | None:
        """The latest session of a room, ended or not."""
        return await self._sessions.latest_in(room)

    async def knows_room(self, room: str) -> bool:
        """Whether a session has, or had, a room of that name."""
        return await self._sessions.latest_in(room) is not None

    async def served(self, session_id: str, caller: Caller) -> SessionRecord | None:
        """The session that an agent means: after a second call with the first one's token, the one that runs now."""
        record = await self._sessions.get(session_id)
        if record is not None and record.ended_at is not None and caller.room == record.room:
            return await self._sessions.running_in(record.room) or record
        return record

    async def status(self, record: SessionRecord) -> SessionStatus:
        """The verdict on the session's agent."""
        return await self._lifecycle.status(record)

    async def dispatch(self, record: SessionRecord) -> SessionStatus:
        """Another attempt to get an agent. Conflict when it cannot help."""
        if record.ended_at is not None:
            raise Conflict("The session has ended; start a new one.")
        return await self._lifecycle.dispatch(record)

    async def end(self, record: SessionRecord, caller: Caller | None = None) -> SessionStatus:
        """Close the room and forget what was not to be kept. Ending twice is fine."""
        outside = caller is not None and caller.kind in (Kind.KEY, Kind.OPERATOR, Kind.USER)
        reason = EndReason.OPERATOR if outside and caller and caller.id != record.caller else EndReason.TRAVELLER_LEFT
        if record.ended_at is None:
            await self._lifecycle.end(record, reason)
            record = await self._sessions.get(record.id) or record
        return record.status or unseen(record)

    async def add_turn(self, record: SessionRecord, turn: Turn) -> bool:
        """Keep a turn, in the database or for the call, by consent; False when it was there already."""
        if record.ended_at is not None and not record.keeps_turns:
            return False  # the call is over and nothing of it is to be kept
        if record.keeps_turns:
            return await self._turns.add(record.id, turn)
        added = await self._memory.add_turn(record.id, turn)
        again = await self._sessions.get(record.id)
        if again is None or again.ended_at is not None:
            await self._memory.forget(record.id)  # it ended meanwhile, perhaps before the turn was remembered
        return added

    async def turns(self, record: SessionRecord) -> list[Turn]:
        """Turns so far, oldest first."""
        if record.keeps_turns:
            return await self._turns.all(record.id)
        return await self._memory.turns(record.id) if record.ended_at is None else []

    async def searches(self, record: SessionRecord) -> list[SearchResult]:
        """What the call's agent found so far, oldest first: a replaced one goes on with them."""
        return await self._memory.searches(record.id) if record.ended_at is None else []

    async def summary(self, record: SessionRecord) -> Summary:
        """`pending` until it was made. Without consent it is ready and empty: nothing was kept."""
        if record.ended_at is None:
            await self._lifecycle.status(record)  # somebody must be looking, or it never ends
            return Summary(status="pending")
        return await self._summaries.get(record.id) or Summary(status="ready")

    async def report(self, report: AgentReport) -> None:
        """Take in what the agent says of itself. NotFound when no running session is in that room."""
        record = await self._lifecycle.running_in(report.room_name)
        if record is None:
            raise NotFound("No running session is in that room.")
        await self._lifecycle.report(record, report)

    def _metadata(self, request: SessionRequest, tenant: str, chance: bytes) -> DispatchMetadata:
        choice = choose(request, self._settings)
        consent = request.consent
        if self._access.tenant(tenant).retention_days == 0:
            consent = consent.model_copy(update={"store_turns": False, "record": False})
        if not self._settings.recording.on:
            consent = consent.model_copy(update={"record": False})
        return DispatchMetadata(
            session_id=urlsafe_b64encode(chance).decode(),
            tenant=tenant,
            persona=choice.persona,
            handoffs=tuple(name for name in self._settings.personas if name != choice.persona),
            language=request.language,
            locale=request.locale,
            pipeline=choice.pipeline,
            model=choice.model,
            voice=choice.voice,
            consent=consent,
            time_zone=_zone(request.time_zone),
            country=request.country,
            currency=request.currency,
            limits=self._budgets.limits(),
            traceparent=tracing.here(),
        )


def _record(metadata: DispatchMetadata, grant: Grant, caller: Caller, spoken: str, code: str) -> SessionRecord:
    return SessionRecord(
        metadata=metadata,
        room=grant.room,
        created_at=datetime.now(UTC),
        token_expires_at=grant.expires_at,
        caller=caller.id,
        identity=grant.identity,
        spoken=spoken,
        receipt=receipt_hash(code),
        written=grant.metadata,
    )


def again(record: SessionRecord) -> SessionRecord:
    """A second call in the room of one that has ended: its token was used again."""
    metadata = record.metadata.model_copy(update={"session_id": secrets.token_urlsafe(_ID_BYTES), "resumed": False})
    return replace(
        record,
        metadata=metadata,
        written=None,
        created_at=datetime.now(UTC),
        receipt=None,
        status=None,
        started_at=None,
        ended_at=None,
        end_reason=None,
        owner=None,
        resumes=False,
    )


def _zone(name: str) -> str:
    """The zone if this machine knows it, else UTC: a browser with a newer table must still get its call."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("unknown time zone", zone=name[:64])
        return "UTC"
    return name
