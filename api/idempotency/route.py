"""A route class: `Idempotency-Key` on what creates something, and credentials before the body's faults."""

import contextlib
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from api.access.authenticator import Authenticator
from api.access.caller import Kind
from api.access.dependencies import NEEDED, needs_credentials
from api.idempotency.repository import HEADER, Answer, Ask, IdempotencyRepository
from api.provide import provided
from contracts.problems import InvalidInput, PolyglotError, Unauthorised

_KEY: Final = re.compile(r"[\x21-\x7e]{8,128}")
REPLAYED: Final = "Idempotency-Replayed"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class IdempotentRoute(APIRoute):
    """As FastAPI's; a POST with an `Idempotency-Key` that is sent again gets the answer of the first one."""

    def get_route_handler(self) -> Handler:
        """FastAPI's own hook."""
        handle = super().get_route_handler()
        strict = needs_credentials(self.dependant)

        async def handler(request: Request) -> Response:
            try:
                if request.method == "POST" and HEADER in request.headers:
                    return await self._once(request, handle)
                return await handle(request)
            except RequestValidationError:
                # A body that cannot be read is found before any dependency has run.
                if strict:
                    await _authenticate(request)
                raise

        return handler

    async def _once(self, request: Request, handle: Handler) -> Response:
        key = request.headers[HEADER]
        if not _KEY.fullmatch(key):
            raise InvalidInput.of(HEADER, "is not a key", "8 to 128 visible ASCII characters, fresh for each request")
        authenticator = await provided(Authenticator)(request)
        client = request.client
        caller = await authenticator.caller(request.headers, client.host if client else None)
        answers = await provided(IdempotencyRepository)(request)
        credentials = request.headers.get("authorization") or caller.id
        ask = Ask.of(credentials, f"{self.path_format} {request.url.path}", key, await request.body())
        known = await answers.begin(ask)
        if known is not None:
            headers = {REPLAYED: "true", "Cache-Control": "no-store"}
            return Response(known.body, known.status, headers, media_type="application/json")
        try:
            response = await handle(request)
        except BaseException:
            with contextlib.suppress(PolyglotError):
                await answers.drop(ask)
            raise
        await answers.finish(ask, Answer(response.status_code, bytes(response.body)))
        return response


async def _authenticate(request: Request) -> None:
    client = request.client
    caller = await (await provided(Authenticator)(request)).caller(request.headers, client.host if client else None)
    if caller.kind is Kind.ANONYMOUS:
        raise Unauthorised(NEEDED)
