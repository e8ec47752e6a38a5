"""The tables. Every row that belongs to a tenant says which; what a traveller said stands in `turns` and `summaries`,
and in `call_events` as a tool's arguments, and nowhere else.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and read back as UTC; SQLite would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Base of the tables."""


class SessionRow(Base):
    """One session; holds nothing that a traveller said."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    room: Mapped[str] = mapped_column(String(128), index=True)
    metadata_json: Mapped[str] = mapped_column(Text)
    """`contracts.dispatch.DispatchMetadata`."""
    status_json: Mapped[str | None] = mapped_column(Text, default=None)
    """`contracts.sessions.SessionStatus` as last seen."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    token_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """Set once; whoever sets it makes the end happen."""

    caller: Mapped[str] = mapped_column(String(128), default="", server_default="")
    """`api.access.caller.Caller.id` of who asked for it: what budgets count by."""
    identity: Mapped[str] = mapped_column(String(128), default="", server_default="")
    """Of the traveller in the room."""
    spoken: Mapped[str] = mapped_column(String(35), default="", server_default="")
    """Language of what the traveller is told while the session's own is open."""
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """First sight of the room; None: the token was not used."""
    end_reason: Mapped[str | None] = mapped_column(String(32), default=None)
    """`contracts.records.EndReason`."""
    owner: Mapped[str | None] = mapped_column(String(64), default=None)
    """The task of the API that watches it."""
    resumes: Mapped[bool] = mapped_column(default=False, server_default="0")
    """An agent was ready before: the next one goes on and does not greet."""
    receipt: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    """SHA-256 of the receipt code that the traveller was shown."""
    language: Mapped[str | None] = mapped_column(String(8), default=None)
    """Last spoken."""
    usd_micros: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    unpriced: Mapped[bool] = mapped_column(default=False, server_default="0")
    """Some model in it has no known price."""
    turns: Mapped[int] = mapped_column(default=0, server_default="0")
    """Answers."""
    searches: Mapped[int] = mapped_column(default=0, server_default="0")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    slowest_ms: Mapped[int | None] = mapped_column(default=None)
    """Longest wait for a first sound of an answer."""
    revision: Mapped[str | None] = mapped_column(String(64), default=None)
    """Of the agent that served it last, as its deployment calls it."""

    __table_args__ = (
        Index("sessions_by_day", "tenant", "created_at"),
        Index("sessions_running", "ended_at", "started_at"),
        Index(
            "sessions_one_a_room",
            "room",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class TurnRow(Base):
    """One turn of a conversation whose traveller agreed to keeping it."""

    __tablename__ = "turns"

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[str] = mapped_column(Text)
    """`contracts.turns.Turn`."""

    __table_args__ = (Index("turns_in_order", "session_id", "started_at"),)


class SummaryRow(Base):
    """The summary of an ended session."""

    __tablename__ = "summaries"

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    text: Mapped[str | None] = mapped_column(Text, default=None)


class CallEventRow(Base):
    """What happened in a call: reported by its agent, or seen by the API."""

    __tablename__ = "call_events"

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("call_events_in_order", "session_id", "at"),)


class ConsentRow(Base):
    """What the traveller agreed to: shown text by its version and language, and when."""

    __tablename__ = "consents"

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(35))
    store_turns: Mapped[bool]
    record: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Agreed to a recording of the sound."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class RecordingRow(Base):
    """A recording of a call. No foreign key: the row must stand until its file is deleted."""

    __tablename__ = "recordings"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), index=True)
    tenant: Mapped[str] = mapped_column(String(63))
    room: Mapped[str] = mapped_column(String(128), index=True)
    egress_id: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    """LiveKit's; None until it has answered."""
    state: Mapped[str] = mapped_column(String(16))
    """`api.recordings.schemas.RecordingState`."""
    path: Mapped[str] = mapped_column(String(500))
    """As the egress was told; says nothing of the call."""
    location: Mapped[str] = mapped_column(String(600))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    seconds: Mapped[float | None] = mapped_column(default=None)
    size: Mapped[int | None] = mapped_column(BigInteger, default=None)
    error: Mapped[str | None] = mapped_column(String(200), default=None)


class JobRow(Base):
    """Work that must happen once and survive a kill. `key` makes a second order of the same work a no-op."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    payload: Mapped[str] = mapped_column(Text)
    """JSON of ids, never of what was said."""
    run_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    error: Mapped[str | None] = mapped_column(String(200), default=None)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    """Given up; kept for the operator until retention takes it."""


class ApiKeyRow(Base):
    """A key of a caller; only the hash of its secret is here."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    name: Mapped[str] = mapped_column(String(80))
    hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 in hexadecimal of a random secret of 256 bits."""
    scopes: Mapped[str] = mapped_column(String(200))
    """Separated by spaces."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    replaces: Mapped[str | None] = mapped_column(String(16), default=None)


class WebhookRow(Base):
    """Where an operator is told of calls."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(300))
    """Sealed; see `api.database.seal`."""
    events: Mapped[str] = mapped_column(String(200))
    """Kinds, separated by spaces."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeliveryRow(Base):
    """One message to one webhook."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(16))
    """`pending`, `delivered` or `failed`."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    answer: Mapped[int | None] = mapped_column(default=None)
    """Last HTTP status."""
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class TaskRow(Base):
    """A running task of the API, by its own heartbeat."""

    __tablename__ = "tasks"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MediaEventRow(Base):
    """A webhook of the media server: taken once by its id, kept until the task that watches its room has read it."""

    __tablename__ = "media_events"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    room: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(32))
    identity: Mapped[str] = mapped_column(String(128), default="")
    is_agent: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    owner: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    """The task that must read it; None once that has happened."""


class SharedTripRow(Base):
    """One offer behind a link."""

    __tablename__ = "shared_trips"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    session_id: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    """The call in which it was shared, with which it is erased; no foreign key, because it may outlive the call's record."""
    body: Mapped[str] = mapped_column(Text)
    """`contracts.trips.SharedTrip`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class IntakeRow(Base):
    """What a patient told before an appointment."""

    __tablename__ = "intakes"

    session_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    status: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    """`contracts.intakes.Intake`."""
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class PriceAlertRow(Base):
    """A wish to be told when a journey gets cheaper."""

    __tablename__ = "price_alerts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(63), index=True)
    session_id: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    """The call in which it was made, with which it is erased."""
    owner: Mapped[str] = mapped_column(String(128), index=True)
    """`api.access.caller.Caller.id`; of an alert made in a call its session's id."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token that manages it without other credentials."""
    query: Mapped[str] = mapped_column(Text)
    """`contracts.flights.SearchQuery`."""
    language: Mapped[str] = mapped_column(String(8))
    max_price: Mapped[str | None] = mapped_column(String(16), default=None)
    email: Mapped[str | None] = mapped_column(String(254), default=None)
    status: Mapped[str] = mapped_column(String(16))
    """`contracts.alerts.AlertStatus`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The day of departure: nothing to tell any more."""
    next_check_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    last_amount: Mapped[str | None] = mapped_column(String(16), default=None)
    """Lowest price at the last check."""
    told_amount: Mapped[str | None] = mapped_column(String(16), default=None)
    """The price that was told last; only a lower one is told again."""
    currency: Mapped[str] = mapped_column(String(3))

    __table_args__ = (Index("price_alerts_due", "status", "next_check_at"),)


class IdempotencyRow(Base):
    """The answer to a request that may be repeated, sealed under the caller's own key."""

    __tablename__ = "idempotency"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of caller, route and key."""
    request: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the body."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    status: Mapped[int | None] = mapped_column(default=None)
    """None while it is being answered."""
    answer: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
