"""Page tokens: proof that a call was asked for by one of the operator's own pages.

A JWT (HS256) under the deployment's page key with `aud` "polyglot-page", `exp`, the `tenant`, and, for a page of another
origin, its `origin`. The API gives its own page one as a cookie; a company's server signs them for its own pages.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt

from contracts.problems import Unauthorised

AUDIENCE: Final = "polyglot-page"
COOKIE: Final = "polyglot_page"
HEADER: Final = "X-Page-Token"
LIFE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=1)
LEEWAY: Final = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """What a valid token says."""

    tenant: str


class PageTokens:
    """Makes and checks page tokens under one key."""

    def __init__(self, key: str) -> None:
        self._key: Final = key

    def make(self, tenant: str, *, origin: str | None = None, life: timedelta = LIFE) -> str:
        """A token for a page, of one origin if one is named."""
        now = datetime.now(UTC)
        claims: dict[str, object] = {"aud": AUDIENCE, "iat": now, "exp": now + life, "tenant": tenant}
        return jwt.encode(claims | ({"origin": origin} if origin else {}), self._key, "HS256")

    def check(self, token: str, origin: str | None) -> Page:
        """The page of a token. Unauthorised when it is forged, too old, made to last too long, or another page's."""
        required = ["exp", "iat", "aud", "tenant"]
        try:
            claims = jwt.decode(
                token, self._key, ["HS256"], audience=AUDIENCE, leeway=LEEWAY, options={"require": required}
            )
            lasts = float(claims["exp"]) - float(claims["iat"])
        except (jwt.InvalidTokenError, TypeError, ValueError):
            raise Unauthorised(f"{HEADER}: the page token is not valid; load the page again.") from None
        if lasts > LONGEST.total_seconds():
            raise Unauthorised(f"{HEADER}: the page token lasts longer than a day.")
        if "origin" in claims and claims["origin"] != origin:
            raise Unauthorised(f"{HEADER}: the page token belongs to another origin.")
        return Page(str(claims["tenant"]))
