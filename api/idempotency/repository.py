"""Answers kept for a day, so that a request that is sent again does its work once."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from api.database.engine import Database
from api.database.tables import IdempotencyRow
from contracts.problems import Conflict, InvalidInput

KEPT: Final = timedelta(hours=24)
ABANDONED: Final = timedelta(seconds=60)
"""A request that has not been answered after so long was cut off: it may be done anew."""
HEADER: Final = "Idempotency-Key"
_NONCE: Final = b"polyglot-idp"  # one text under each key, which is the caller's own secret


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what it is known by, and the key under which its answer is sealed.

    Answers hold tokens and API keys. They can be read only with the caller's credentials and idempotency key, of which
    the database has neither.
    """

    id: str
    request: str
    seal: bytes

    @classmethod
    def of(cls, credentials: str, route: str, key: str, body: bytes) -> "Ask":
        """The request of somebody to a route under a key."""
        name = f"{credentials}\0{route}\0{key}".encode("utf-8", "surrogateescape")
        return cls(
            id=hashlib.sha256(b"id\0" + name).hexdigest(),
            request=hashlib.sha256(body).hexdigest(),
            seal=hashlib.sha256(b"seal\0" + name).digest(),
        )


class IdempotencyRepository:
    """First come, first served: whoever stores the row does the work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, ask: Ask) -> Answer | None:
        """None: do the work. Else its answer. Conflict while somebody does it, InvalidInput for another request."""
        now = datetime.now(UTC)
        if await self._first(ask, now):
            return None
        async with self._database.writing() as db:
            row = await db.get(IdempotencyRow, ask.id)
            if row is None or row.created_at < now - (ABANDONED if row.status is None else KEPT):
                await db.merge(IdempotencyRow(id=ask.id, request=ask.request, created_at=now, status=None, answer=None))
                return None
        if row.request != ask.request:
            raise InvalidInput.of(HEADER, "was used for another request already", "a fresh key for each request")
        if row.status is None or row.answer is None:
            raise Conflict("A request with this Idempotency-Key is being answered.", retry_after=1)
        try:
            return Answer(row.status, AESGCM(ask.seal).decrypt(_NONCE, row.answer, None))
        except InvalidTag:
            raise Conflict("The answer to this Idempotency-Key cannot be read.") from None

    async def finish(self, ask: Ask, answer: Answer) -> None:
        """Keep the answer."""
        sealed = AESGCM(ask.seal).encrypt(_NONCE, answer.body, None)
        change = update(IdempotencyRow).where(IdempotencyRow.id == ask.id)
        async with self._database.writing() as db:
            await db.execute(change.values(status=answer.status, answer=sealed))

    async def drop(self, ask: Ask) -> None:
        """The work was not done: the same key may try again."""
        async with self._database.writing() as db:
            await db.execute(delete(IdempotencyRow).where(IdempotencyRow.id == ask.id))

    async def forget_old(self, now: datetime) -> None:
        """Drop answers older than a day."""
        async with self._database.writing() as db:
            await db.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - KEPT))

    async def _first(self, ask: Ask, now: datetime) -> bool:
        try:
            async with self._database.writing() as db:
                db.add(IdempotencyRow(id=ask.id, request=ask.request, created_at=now, status=None, answer=None))
        except IntegrityError:
            return False
        return True
