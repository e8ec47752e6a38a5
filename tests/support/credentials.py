"""Every kind of credential that the API takes, for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from livekit import api as livekit

KEY, SECRET = "test-key", "a-secret-of-more-than-thirty-two-bytes"
OPERATOR_KEY = "operator-key-of-more-than-thirty-two-bytes"
PAGE_KEY = "page-key-of-more-than-thirty-two-bytes-x"
ISSUER, AUDIENCE = "https://login.example.com/realms/travel", "polyglot"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def operator() -> dict[str, str]:
    return bearer(OPERATOR_KEY)


def agent(room: str) -> dict[str, str]:
    token = (
        livekit.AccessToken(KEY, SECRET)
        .with_identity(f"agent-{room}")
        .with_attributes({"polyglot-agent": "1"})
        .with_grants(livekit.VideoGrants(room=room))
        .with_ttl(timedelta(minutes=5))
    )
    return bearer(token.to_jwt())


def participant(session: Any) -> dict[str, str]:
    return bearer(session["participant_token"])


async def key(http: Any, *scopes: str, tenant: str = "default", **body: Any) -> dict[str, Any]:
    wanted = {"name": "test", "scopes": list(scopes), "tenant": tenant, **body}
    response = await http.post("/v1/keys", json=wanted, headers=operator())
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


@dataclass
class Login:
    """An OIDC issuer that answers as one does, and signs what it is told."""

    away: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        self.keys = {"one": rsa.generate_private_key(65537, 2048)}

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        if self.away:
            raise httpx2.ConnectError("away")
        if request.url.path.endswith("/.well-known/openid-configuration"):
            return httpx2.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"})
        found = [
            jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": name, "use": "sig"}
            for name, private in self.keys.items()
        ]
        return httpx2.Response(200, json={"keys": found})

    def token(self, *, signed_by: str = "one", kid: str | None = None, **changes: Any) -> str:
        now = datetime.now(UTC)
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + timedelta(minutes=5)}
        payload = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(payload, self.keys[signed_by], "RS256", headers={"kid": kid or signed_by})
