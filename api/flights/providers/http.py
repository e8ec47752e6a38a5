"""A fare service over HTTP: bounded in time, size and number of requests, and left alone when it asks for that."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, TypeVar

import httpx2
import structlog

from api import tracing
from api.flights.providers.faults import (
    SOON,
    AnswerUnreadable,
    FareFault,
    LimitReached,
    QuestionRefused,
    SourceDown,
    TokenRefused,
)
from api.outgoing import trusted

log = structlog.get_logger("polyglot.flights")

CONCURRENT: Final = 8
"""Searches at one service at once; more wait for their turn, within their deadline."""
ANSWER_BYTES: Final = 64 * 1024 * 1024
"""Largest answer, unpacked. Thousands of offers are about ten megabytes."""
CONNECT_SECONDS: Final = 2.0
AGAIN_SECONDS: Final = 2.5
"""Time that must be left for asking a second time; less cannot bring an answer."""
REFUSED_REST: Final = 300.0
"""Seconds without a question after the key was refused."""
LIMIT_REST: Final = 30.0
"""Seconds without a question at a limit whose end the service does not tell."""
LIMIT_REST_MAX: Final = 900.0
_MARGIN: Final = 0.05
"""A timer may fire a little before the clock has got there."""
_EPOCH_FROM: Final = 1_000_000_000
"""A larger number in a header is a Unix time, not a wait."""
_PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
"""Worth another try at once. Duffel asks for no repeat of 500 and 502 (duffel.com/docs/api/overview/errors)."""

T = TypeVar("T")


class FareHttp:
    """A client of one service. A search changes nothing there, so that it may be repeated."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        variable: str,
        headers: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`variable` is the setting that holds the key, named in the log when the key is refused."""
        self._name = name
        self._variable = variable
        self._clock = clock
        self._rests_until = float("-inf")
        self._resting_for: type[FareFault] = LimitReached
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._http = httpx2.AsyncClient(
            verify=trusted(),
            base_url=url,
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", **(headers or {})},
            limits=httpx2.Limits(max_connections=CONCURRENT, max_keepalive_connections=CONCURRENT, keepalive_expiry=60),
            follow_redirects=False,  # the key goes to nobody else
        )

    @property
    def resting(self) -> bool:
        """Whether the service asked to be left alone."""
        return self._clock() < self._rests_until

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(
        self,
        make: Callable[[httpx2.AsyncClient, float], httpx2.Request],
        read: Callable[[bytes], Awaitable[T]],
        seconds: float,
        refused: Callable[[bytes], Exception | None] = lambda _: None,
    ) -> T:
        """What `read` makes of the body of a good answer, within about `seconds`.

        `make` gets the seconds that are left; `refused` reads the body of a 400, 403, 404 or 422 and may name a better
        error. Raises a FareFault, or what `refused` returned. One repeat, where it can help and time is left for it.
        """
        ends = time.monotonic() + seconds
        try:
            # Each piece of an answer may come in time and the whole of it never.
            async with asyncio.timeout(max(0.1, seconds) + _MARGIN), self._slots:
                try:
                    return await self._once(make, read, ends, refused)
                except FareFault as fault:
                    left = ends - time.monotonic()
                    if fault.again_in is None or left - fault.again_in < AGAIN_SECONDS:
                        raise
                    await asyncio.sleep(fault.again_in + _MARGIN)
                return await self._once(make, read, ends, refused)
        except TimeoutError:
            raise SourceDown(f"{self._name}: no whole answer in time") from None

    async def _once(
        self,
        make: Callable[[httpx2.AsyncClient, float], httpx2.Request],
        read: Callable[[bytes], Awaitable[T]],
        ends: float,
        refused: Callable[[bytes], Exception | None],
    ) -> T:
        if self.resting:
            raise self._resting_for(f"{self._name} is left alone for now")
        left = max(0.1, ends - time.monotonic())
        request = make(self._http, left)
        request.extensions = {
            **request.extensions,
            "timeout": httpx2.Timeout(left, connect=min(CONNECT_SECONDS, left)).as_dict(),
        }
        with tracing.asking(f"fares {self._name}", request.headers, **{"server.address": request.url.host}) as span:
            response, body = await self._exchange(request)
            span.set_attribute("http.response.status_code", response.status_code)
        fault = self._fault(response, body, refused)
        if fault is not None:
            raise fault
        return await read(body)

    async def _exchange(self, request: httpx2.Request) -> tuple[httpx2.Response, bytes]:
        # The library's messages may hold the URL, and that a key: only types are passed on.
        try:
            response = await self._http.send(request, stream=True)
            try:
                return response, await self._body(response)
            finally:
                await response.aclose()
        except httpx2.ConnectTimeout:
            raise SourceDown(f"{self._name}: no connection in time", again_in=SOON) from None
        except httpx2.TimeoutException:
            raise SourceDown(f"{self._name}: no answer in time") from None
        except httpx2.TransportError as error:
            raise SourceDown(f"{self._name}: {type(error).__name__}", again_in=SOON) from None
        except httpx2.DecodingError:
            raise AnswerUnreadable(f"{self._name}: the answer cannot be unpacked", again_in=SOON) from None

    async def _body(self, response: httpx2.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > ANSWER_BYTES:
                raise AnswerUnreadable(f"{self._name}: the answer has more than {ANSWER_BYTES} bytes")
            parts.append(part)
        return b"".join(parts)

    def _fault(
        self, response: httpx2.Response, body: bytes, refused: Callable[[bytes], Exception | None]
    ) -> Exception | None:
        status = response.status_code
        if response.is_success:
            return None
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            # What is forbidden may be one thing that the account has not.
            own = refused(body) if status == HTTPStatus.FORBIDDEN else None
            return own or self._refuse_key(status)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._limit(response)
        if status in _PASSING:
            return SourceDown(f"{self._name}: status {status}", again_in=SOON)
        if response.is_server_error:
            return SourceDown(f"{self._name}: status {status}")
        return refused(body) or QuestionRefused(f"{self._name}: status {status}")

    def _refuse_key(self, status: int) -> TokenRefused:
        """The key was refused: say which setting holds it, and do not ask for a while."""
        self._rest(REFUSED_REST, TokenRefused)
        log.error("fares.key_refused", source=self._name, variable=self._variable, status=status)
        return TokenRefused(f"{self._name}: {self._variable} is not accepted")

    def _limit(self, response: httpx2.Response) -> LimitReached:
        wait = self._wait(response)
        self._rest(wait, LimitReached)
        log.warning("fares.limit_reached", source=self._name, seconds=round(wait, 1))
        return LimitReached(f"{self._name}: too many searches", again_in=wait)

    def _wait(self, response: httpx2.Response) -> float:
        """Seconds until the limit ends. Duffel tells it as a date; others as seconds, or as a Unix time."""
        for header in ("retry-after", "ratelimit-reset"):
            wait = _seconds(response.headers.get(header, ""), self._clock())
            if wait is not None:
                return min(max(wait, SOON), LIMIT_REST_MAX)
        return LIMIT_REST

    def _rest(self, seconds: float, reason: type[FareFault]) -> None:
        self._rests_until = max(self._rests_until, self._clock() + seconds)
        self._resting_for = reason


def _seconds(value: str, now: float) -> float | None:
    """A wait from the value of a header: seconds, a Unix time or an HTTP date; None when it is none of them."""
    if re.fullmatch(r"\d{1,15}(?:\.\d+)?", value.strip(), re.ASCII):
        number = float(value)
        return number - now if number > _EPOCH_FROM else number
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
