"""The page as this API serves it, with the token that lets it start calls where the deployment asks for one."""

import base64
import hashlib
import re
from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.page_tokens import COOKIE, LIFE, PageTokens
from api.settings import Environment, Settings

COMPRESSED_FROM: Final = 2048
"""Bytes of an answer: a shorter one, as a token is, gains nothing."""
_HASHED: Final = "/assets/"
"""Files with a hash of what is in them in their names."""
_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_scripts(ui_dir: Path | None) -> tuple[str, ...]:
    """What the page's policy must know of the scripts that stand in its HTML: their hashes, as CSP writes them."""
    if ui_dir is None:
        return ()
    pages = "".join(path.read_text("utf-8") for path in sorted(ui_dir.rglob("index.html")))
    hashes = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(pages))
    return tuple(dict.fromkeys(f"'sha256-{base64.b64encode(found).decode()}'" for found in hashes))


class KeptFiles:
    """Says how long a browser may take a file of the page for what it is: by its name for ever, or after asking."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        path: str = scope["path"] if scope["type"] == "http" else ""
        if "." not in path.rpartition("/")[2]:
            await self.app(scope, receive, send)
            return
        kept = "public, max-age=31536000, immutable" if path.startswith(_HASHED) else "no-cache"

        async def send_kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < HTTPStatus.BAD_REQUEST:
                headers = MutableHeaders(raw=list(message["headers"]))
                headers.setdefault("Cache-Control", kept)
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, send_kept)


def give_page_token(response: Response, tokens: PageTokens | None, settings: Settings) -> None:
    """Put a page token into a cookie that only this origin's own pages send."""
    if tokens is None:
        return
    response.set_cookie(
        COOKIE,
        tokens.make(settings.public_tenant),
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=settings.environment is not Environment.LOCAL,
        httponly=True,
        samesite="strict",
    )


def install_desk(app: FastAPI) -> None:
    """Lead `/desk` to the desk's own page, by a relative address: behind a proxy that speaks http to us, one made from
    the request would leave https.
    """

    @app.get("/desk", include_in_schema=False)
    async def desk(request: Request) -> RedirectResponse:
        """The desk's page is a folder of its own; what the address asks for goes along."""
        query = request.url.query
        return RedirectResponse(f"desk/?{query}" if query else "desk/")
