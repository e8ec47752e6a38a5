"""The page as this API serves it, with the token that lets it start calls where the deployment asks for one."""

from fastapi import FastAPI
from starlette.responses import RedirectResponse, Response

from api.access.page_tokens import COOKIE, LIFE, PageTokens
from api.settings import Environment, Settings


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
    async def desk() -> RedirectResponse:
        """The desk's page is a folder of its own."""
        return RedirectResponse("desk/")
