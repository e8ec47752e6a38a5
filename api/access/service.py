"""API keys: made, checked, rotated, revoked.

A key is `plg_<id>_<secret>`: the id finds the row, the secret (256 random bits) is compared by its hash. Every use reads
the row, so that a revoked key ends at once in every task.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from api.access.caller import Caller, Kind, Scope
from api.access.repository import KeyRepository, StoredKey
from api.access.schemas import Key, MadeKey, NewKey, Rotation
from api.access.settings import AccessSettings
from api.database.tables import ApiKeyRow
from contracts.problems import Conflict, Forbidden, InvalidInput, NotFound, Unauthorised

PREFIX: Final = "plg_"
_ID: Final = 12
_SECRET_BYTES: Final = 32


def _now() -> datetime:
    return datetime.now(UTC)


class KeyService:
    """Everything about API keys."""

    def __init__(self, settings: AccessSettings, keys: KeyRepository, now: Callable[[], datetime] = _now) -> None:
        self._settings = settings
        self._keys = keys
        self._now = now

    async def caller(self, secret: str, network: str) -> Caller:
        """Whose key it is. Unauthorised when it is unknown, revoked or too old; which of them is not told."""
        key_id, _, rest = secret.removeprefix(PREFIX).partition("_")
        row = await self._keys.get(key_id) if len(key_id) == _ID else None
        good = hmac.compare_digest(row.hash if row else "0" * 64, _hash(rest))
        if row is None or not good or not self._is_valid(row) or not self._settings.knows(row.tenant):
            raise Unauthorised("Authorization: the API key is unknown, revoked or expired.")
        return Caller(Kind.KEY, f"key:{row.id}", row.tenant, frozenset(_scopes(row)), network)

    async def make(self, wanted: NewKey, caller: Caller) -> MadeKey:
        """A new key with rights that its maker has. Forbidden otherwise."""
        tenant = wanted.tenant or caller.tenant
        if not caller.sees_tenant(tenant):
            raise Forbidden("tenant: keys of another tenant are made by the operator.")
        if not self._settings.knows(tenant):
            raise InvalidInput.of("tenant", "there is no such tenant", ", ".join(("default", *self._settings.tenants)))
        for scope in wanted.scopes:
            if scope is Scope.OPERATE:
                raise InvalidInput.of("scopes", "only the operator's own key has 'operate'", _GIVEABLE)
            if not (caller.may(scope) or caller.may(Scope.OPERATE)):
                raise Forbidden(f"scopes: {scope.value!r} is not yours to give.")
        ends = self._now() + timedelta(days=wanted.expires_in_days) if wanted.expires_in_days else None
        return await self._make(wanted.name, wanted.scopes, tenant, ends)

    async def rotate(self, key_id: str, rotation: Rotation, caller: Caller) -> MadeKey:
        """A new secret with the same rights; the old one ends after the overlap."""
        row = await self._visible(key_id, caller)
        if not self._is_valid(row):
            raise Conflict("The key is revoked or expired; make a new one.")
        if not caller.may(Scope.OPERATE) and not set(_scopes(row)) <= caller.scopes:
            raise Forbidden("The key has rights that are not yours to give.")
        now = self._now()
        lasts = row.expires_at - row.created_at if row.expires_at else None
        ends = min(filter(None, (now + timedelta(hours=rotation.overlap_hours), row.expires_at)))
        made, new = self._new(row.name, _scopes(row), row.tenant, now + lasts if lasts else None, replaces=row.id)
        await self._keys.replace(row.id, ends, new)
        return made

    async def revoke(self, key_id: str, caller: Caller) -> Key:
        """End a key at once. Revoking twice is fine."""
        row = await self._visible(key_id, caller)
        await self._keys.revoke(row.id, self._now())
        return _shown(await self._visible(key_id, caller))

    async def all(self, caller: Caller) -> tuple[Key, ...]:
        """The keys of the caller's tenant, or of all."""
        return tuple(_shown(row) for row in await self._keys.all(caller.tenants))

    async def _visible(self, key_id: str, caller: Caller) -> StoredKey:
        row = await self._keys.get(key_id)
        if row is None or not caller.sees_tenant(row.tenant):
            raise NotFound("There is no such key.")
        return row

    async def _make(self, name: str, scopes: tuple[Scope, ...], tenant: str, ends: datetime | None) -> MadeKey:
        made, row = self._new(name, scopes, tenant, ends)
        await self._keys.add(row)
        return made

    def _new(
        self, name: str, scopes: tuple[Scope, ...], tenant: str, ends: datetime | None, *, replaces: str | None = None
    ) -> tuple[MadeKey, ApiKeyRow]:
        key_id = secrets.token_hex(_ID // 2)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        row = ApiKeyRow(
            id=key_id,
            tenant=tenant,
            name=name,
            hash=_hash(secret),
            scopes=" ".join(sorted(set(scopes))),
            created_at=self._now(),
            expires_at=ends,
            revoked_at=None,
            replaces=replaces,
        )
        return MadeKey(**_shown(row).model_dump(), secret=f"{PREFIX}{key_id}_{secret}"), row

    def _is_valid(self, row: StoredKey) -> bool:
        now = self._now()
        return (row.revoked_at is None or row.revoked_at > now) and (row.expires_at is None or row.expires_at > now)


_GIVEABLE: Final = ", ".join(scope.value for scope in Scope if scope is not Scope.OPERATE)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@lru_cache(256)
def _rights(written: str) -> tuple[Scope, ...]:
    return tuple(scope for scope in Scope if scope.value in written.split())


def _scopes(row: StoredKey | ApiKeyRow) -> tuple[Scope, ...]:
    return _rights(row.scopes)


def _shown(row: StoredKey | ApiKeyRow) -> Key:
    return Key(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        scopes=_scopes(row),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        replaces=row.replaces,
    )
