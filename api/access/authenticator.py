"""From a request to its caller, whatever it proves itself with."""

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Final

import jwt
from starlette.datastructures import Headers

from api.access.caller import DEFAULT_TENANT, Caller, Kind, Scope, network_of
from api.access.oidc import Issuer
from api.access.page_tokens import COOKIE, HEADER, PageTokens
from api.access.room_tokens import RoomTokens
from api.access.service import PREFIX, KeyService
from api.access.settings import AccessSettings
from contracts.problems import Unauthorised

ANYBODY: Final = frozenset({Scope.CALLS, Scope.SEARCH})
"""What a stranger may, where the deployment takes strangers."""


class Authenticator:
    """Knows every kind of credential."""

    def __init__(self, settings: AccessSettings, rooms: RoomTokens, keys: KeyService, issuer: Issuer | None) -> None:
        self._settings = settings
        self._rooms = rooms
        self._keys = keys
        self._issuer = issuer
        self._operators = tuple(key.get_secret_value() for key in settings.operator_keys)
        self._pages = PageTokens(settings.page_key.get_secret_value()) if settings.page_key else None

    @property
    def pages(self) -> PageTokens | None:
        """Page tokens, where the deployment asks for them."""
        return self._pages

    async def caller(self, headers: Headers, address: str | None) -> Caller:
        """Who is calling. Unauthorised for credentials that are not valid; without any it is a stranger."""
        network = network_of(address or "")
        given = headers.get("authorization")
        if given is None:
            return self._stranger(headers, network)
        scheme, _, token = given.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthorised("Authorization: a bearer token is needed.")
        return await self._bearer(token, network)

    async def _bearer(self, token: str, network: str) -> Caller:
        if token.startswith(PREFIX):
            return await self._keys.caller(token, network)
        if any(hmac.compare_digest(token.encode(), key.encode()) for key in self._operators):
            return Caller(Kind.OPERATOR, "operator", DEFAULT_TENANT, frozenset(Scope), network)
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            raise Unauthorised("Authorization: the token is not valid.") from None
        if self._rooms.signed_by_us(issuer):
            return self._rooms.caller(token, network)
        if self._issuer is not None and issuer == self._issuer.name:
            return await self._issuer.caller(token, network)
        raise Unauthorised("Authorization: the token is not valid.")

    def _stranger(self, headers: Headers, network: str) -> Caller:
        nobody = Caller(Kind.ANONYMOUS, f"address:{network}", self._settings.public_tenant, frozenset(), network)
        if not self._settings.public:
            return nobody
        tenant = self._settings.public_tenant
        if self._pages is not None:
            token = headers.get(HEADER) or _cookie(headers.get("cookie", ""))
            if token is None:
                return nobody
            page = self._pages.check(token, headers.get("origin"))
            if not self._settings.knows(page.tenant):
                raise Unauthorised(f"{HEADER}: the page token's tenant is not one of this deployment.")
            tenant = page.tenant
        return Caller(Kind.ANONYMOUS, nobody.id, tenant, ANYBODY, network)


def _cookie(header: str) -> str | None:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return found.value if found else None
