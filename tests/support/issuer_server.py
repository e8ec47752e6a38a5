"""A small identity provider on loopback: discovery, a page with a button, authorization code with PKCE, refresh tokens
that are used once, signing out. It checks what RFC 6749, 7636 and OpenID Connect ask of a client.
"""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from serving import serving
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

NO_ICON = '<link rel="icon" href="data:,">'
CLIENT, AUDIENCE = "polyglot-desk", "polyglot"


@dataclass
class IssuerServer:
    """What it is told to give out, and what it was asked."""

    origin: str
    """The page that may ask, and is gone back to at `/desk/`."""
    scopes: str = "polyglot:records polyglot:join"
    audience: str = AUDIENCE
    life: timedelta = timedelta(minutes=5)
    url: str = ""
    renewals: int = 0
    refused: list[str] = field(default_factory=list)
    """Why it turned a client away, other than on a person's wish."""
    _key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _refreshes: set[str] = field(default_factory=set)

    def app(self) -> Starlette:
        """Its routes; only the page's own origin may read an answer by script."""
        routes = [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/keys", self._keys),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/end", self._end),
        ]
        cors = Middleware(CORSMiddleware, allow_origins=[self.origin], allow_methods=["GET", "POST"])
        return Starlette(routes=routes, middleware=[cors])

    @property
    def redirect(self) -> str:
        """The one address that it sends browsers back to."""
        return f"{self.origin}/desk/"

    async def _discovery(self, _: Request) -> JSONResponse:
        ends = {name: f"{self.url}/{path}" for name, path in ENDPOINTS.items()}
        return JSONResponse({"issuer": self.url, "code_challenge_methods_supported": ["S256"], **ends})

    async def _keys(self, _: Request) -> JSONResponse:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return JSONResponse({"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        expected = {"client_id": CLIENT, "redirect_uri": self.redirect, "response_type": "code"}
        expected |= {"code_challenge_method": "S256"}
        wrong = [name for name, value in expected.items() if asked.get(name) != value]
        wrong += [name for name in ("state", "nonce", "code_challenge") if len(asked.get(name, "")) < 20]
        if wrong or "openid" not in asked.get("scope", "").split():
            return self._refuse(f"authorize: {wrong or 'scope'}")
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        answers = {
            "Sign in as Ada": {"code": code, "state": asked["state"]},
            "Do not let me in": {"error": "access_denied", "state": asked["state"]},
        }
        links = [
            f'<p><a href="{escape(f"{self.redirect}?{urlencode(answer)}")}">{name}</a></p>'
            for name, answer in answers.items()
        ]
        return HTMLResponse(f"<!doctype html><title>Sign in</title>{NO_ICON}<h1>Who are you?</h1>{''.join(links)}")

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("client_id") != CLIENT or "client_secret" in form or "authorization" in request.headers:
            return self._refuse("token: not as a public client")
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in self._refreshes:
                return self._refuse("token: a refresh token that was used before")
            self._refreshes.discard(form["refresh_token"])
            self.renewals += 1
            return self._tokens(None)
        asked = self._codes.pop(form.get("code", ""), {})
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        wrong = {
            "grant": form.get("grant_type") != "authorization_code",
            "code": not asked,
            "PKCE": challenge.rstrip(b"=").decode() != asked.get("code_challenge"),
            "redirect": form.get("redirect_uri") != self.redirect,
        }
        if any(wrong.values()):
            return self._refuse(f"token: {[name for name, found in wrong.items() if found]}")
        return self._tokens(asked["nonce"])

    def _tokens(self, nonce: str | None) -> JSONResponse:
        refresh = secrets.token_urlsafe(16)
        self._refreshes.add(refresh)
        return JSONResponse(
            {
                "access_token": self._signed(aud=self.audience, scope=self.scopes),
                "id_token": self._signed(aud=CLIENT, **({"nonce": nonce} if nonce else {})),
                "refresh_token": refresh,
                "token_type": "Bearer",
                "expires_in": int(self.life.total_seconds()),
            },
            headers={"Cache-Control": "no-store"},
        )

    def _signed(self, **claims: Any) -> str:
        now = datetime.now(UTC)
        whole = {"iss": self.url, "sub": "ada", "iat": now, "exp": now + self.life, **claims}
        return jwt.encode(whole, self._key, "RS256", headers={"kid": "one"})

    async def _end(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("post_logout_redirect_uri") != self.redirect or not asked.get("id_token_hint"):
            return self._refuse("end: without what names the session")
        self._refreshes.clear()
        return RedirectResponse(self.redirect)

    def _refuse(self, why: str) -> JSONResponse:
        self.refused.append(why)
        return JSONResponse({"error": "invalid_request"}, status_code=400)


ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "jwks_uri": "keys",
    "end_session_endpoint": "end",
}


@asynccontextmanager
async def issuer_server(origin: str, **given: Any) -> AsyncIterator[IssuerServer]:
    """Runs one for the page at an origin."""
    issuer = IssuerServer(origin, **given)
    async with serving(issuer.app()) as url:
        issuer.url = url
        assert urlsplit(url).hostname == "127.0.0.1"
        yield issuer
