"""Bearer tokens of one OIDC issuer: discovery, its keys, and who a token is for.

The issuer's keys are kept for ten minutes, and for as long as it does not answer. A token under a key that we do not
know makes us ask again, at most every half minute, so that forged key ids cannot make us hammer the issuer.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpx2
import jwt
import structlog

from api.access.caller import DEFAULT_TENANT, Caller, Kind, Scope
from api.access.settings import AccessSettings
from api.outgoing import trusted
from contracts.problems import Forbidden, Unauthorised, Unavailable

log = structlog.get_logger("polyglot.access")

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric ones only: a token must not be signed with something that we publish."""
FRESH: Final = 600.0
ASK_AGAIN: Final = 30.0
TIMEOUT: Final = 5.0
LEEWAY: Final = 60.0
PREFIX: Final = "polyglot:"
_WITHOUT_CLAIM: Final = frozenset({Scope.CALLS, Scope.SEARCH})
_FOR_PEOPLE: Final = frozenset(Scope) - {Scope.OPERATE}


class Issuer:
    """One issuer and its keys."""

    def __init__(
        self,
        settings: AccessSettings,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name: Final = settings.oidc_issuer or ""
        self._settings = settings
        self._http = httpx2.AsyncClient(verify=trusted(), timeout=TIMEOUT, transport=transport, follow_redirects=False)
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._loaded = self._asked = float("-inf")
        self._lock = asyncio.Lock()

    async def caller(self, token: str, network: str) -> Caller:
        """Who the token is for. Unauthorised, or Unavailable while the issuer's keys cannot be had."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise _invalid("it is not readable") from None
        key = await self._key(str(header.get("kid", "")))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._settings.oidc_audience,
                issuer=self.name,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise _invalid("it has expired") from None
        except jwt.InvalidAudienceError:
            raise _invalid("it was made for somebody else") from None
        except (jwt.InvalidTokenError, TypeError, ValueError):
            raise _invalid("it is not valid") from None
        return self._caller(claims, network)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _caller(self, claims: dict[str, Any], network: str) -> Caller:
        claim = self._settings.oidc_tenant_claim
        tenant = str(claims.get(claim, "")) if claim else DEFAULT_TENANT
        if not self._settings.knows(tenant):
            raise Forbidden("The token's tenant is not one of this deployment.")
        return Caller(Kind.USER, f"user:{claims['sub']}"[:128], tenant, self._scopes(claims), network)

    def _scopes(self, claims: dict[str, Any]) -> frozenset[Scope]:
        given = claims.get(self._settings.oidc_scope_claim, "")
        words: Iterable[object] = given.split() if isinstance(given, str) else given if isinstance(given, list) else ()
        named = {word.removeprefix(PREFIX) for word in words if isinstance(word, str) and word.startswith(PREFIX)}
        return frozenset(scope for scope in _FOR_PEOPLE if scope.value in named) if named else _WITHOUT_CLAIM

    async def _key(self, key_id: str) -> jwt.PyJWK:
        async with self._lock:
            now = self._clock()
            stale = now - self._loaded > FRESH
            if (stale or key_id not in self._keys) and now - self._asked >= (0 if not self._keys else ASK_AGAIN):
                await self._load(now)
        found = self._keys.get(key_id) or (
            next(iter(self._keys.values())) if len(self._keys) == 1 and not key_id else None
        )
        if found is None:
            raise _invalid("its key is not one of the issuer's")
        return found

    async def _load(self, now: float) -> None:
        self._asked = now
        try:
            discovered = await self._json(f"{self.name.rstrip('/')}/.well-known/openid-configuration")
            _must_be(discovered.get("issuer"), self.name)
            keys = jwt.PyJWKSet.from_dict(await self._json(str(discovered["jwks_uri"])))
        except (httpx2.HTTPError, jwt.PyJWTError, ValueError, KeyError, AttributeError) as error:
            log.warning("oidc.away", error=type(error).__name__, keeps=len(self._keys))
            if not self._keys:
                raise Unavailable("The identity provider does not answer.", retry_after=5) from error
            return
        self._keys = {key.key_id or "": key for key in keys.keys if key.public_key_use in (None, "sig")}
        self._loaded = now

    async def _json(self, url: str) -> dict[str, Any]:
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
            raise ValueError("the issuer's keys are not behind https")
        response = await self._http.get(url)
        response.raise_for_status()
        body = response.json()
        if not isinstance(body, dict):
            raise ValueError("not an object")  # noqa: TRY004 - the peer's answer, not our type
        return body


def _must_be(found: object, name: str) -> None:
    if found != name:
        raise ValueError("the issuer that was discovered has another name")


def _invalid(why: str) -> Unauthorised:
    return Unauthorised(f"Authorization: the token was refused: {why}.")
