"""Valkey may be away at any time: nothing hangs, nobody is refused for it, and one line a minute says so."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from fastapi import Response
from pydantic import SecretStr, ValidationError
from shared import Clock, FakeShared, Server
from structlog.testing import capture_logs
from valkey.asyncio import SSLConnection, Valkey
from valkey.asyncio.connection import AbstractConnection
from valkey.exceptions import ResponseError

from api.access.caller import Caller, Kind, Scope
from api.budgets.rates import Limiter
from api.settings import Settings
from api.shared import REST, TIMEOUT, WARN_EVERY, AwayError, Shared
from contracts.problems import TooManyRequests


@pytest.fixture
def events() -> Iterator[list[Any]]:
    structlog.reset_defaults()
    with capture_logs() as found:
        yield found


async def good(_: Valkey) -> str:
    return "answer"


async def refused(_: Valkey) -> str:
    raise ResponseError("OOM command not allowed; user:secret")


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:6379",
        "rediss://cache.example.com",
        "rediss://polyglot:p%40ss@cache.example.com:6379/0",
        "redis://[::1]:6379/",
    ],
)
def test_urls_of_a_valkey(url: str, settings: Callable[..., Settings]) -> None:
    made = settings(valkey_url=url)
    assert made.valkey_url is not None
    assert made.valkey_url.get_secret_value() == url
    assert "p%40ss" not in repr(made)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("cache.example.com:6379", "another scheme"),
        ("http://cache.example.com", "another scheme"),
        ("unix:///run/hush.sock", "another scheme"),
        ("rediss://", "names no server"),
        ("rediss://host:hush", "is not a URL"),
        ("rediss://hush@host:99999", "is not a URL"),
        ("rediss://user:hush@host:6379/cache", "number of a database"),
        ("rediss://host:6379?ssl_cert_reqs=none", "number of a database"),
    ],
)
def test_other_urls_are_refused_without_showing_them(url: str, why: str, settings: Callable[..., Settings]) -> None:
    with pytest.raises(ValidationError, match=why) as caught:
        settings(valkey_url=url)
    assert "hush" not in str(caught.value)


def connection(url: str) -> AbstractConnection:
    pool = Shared(SecretStr(url))._pool
    made: AbstractConnection = pool.connection_class(**pool.connection_kwargs)
    return made


async def test_tls_checks_who_the_server_is() -> None:
    made = connection("rediss://cache.example.com:6379")
    assert isinstance(made, SSLConnection)
    assert made.check_hostname
    assert made.ssl_context.get().verify_mode.name == "CERT_REQUIRED"
    assert not isinstance(connection("redis://127.0.0.1:6379"), SSLConnection)


async def test_a_server_that_does_not_answer_is_left_after_a_quarter_of_a_second() -> None:
    async def hangs(_: Valkey) -> None:
        await asyncio.Event().wait()

    shared, begun = Shared(SecretStr("redis://127.0.0.1:1")), time.monotonic()
    with pytest.raises(AwayError):
        await shared.ask(hangs)
    assert TIMEOUT * 0.9 <= time.monotonic() - begun < TIMEOUT * 3


async def test_after_a_failure_it_rests_and_then_is_tried_again() -> None:
    clock = Clock()
    shared = Shared(SecretStr("redis://127.0.0.1:1"), clock)
    with pytest.raises(AwayError):
        await shared.ask(refused)
    clock.seconds += REST * 0.9
    with pytest.raises(AwayError):
        await shared.ask(good)
    clock.seconds += REST * 0.2
    assert await shared.ask(good) == "answer"


async def test_a_warning_a_minute_and_a_word_when_it_is_back(events: list[Any]) -> None:
    clock = Clock()
    shared = Shared(SecretStr("redis://127.0.0.1:1"), clock)
    for _ in range(100):  # a hundred tries within a minute and a half
        with pytest.raises(AwayError):
            await shared.ask(refused)
        clock.seconds += WARN_EVERY * 1.5 / 100
    assert [event["event"] for event in events] == ["valkey.away"] * 2
    assert {event["log_level"] for event in events} == {"warning"}
    assert "secret" not in str(events)
    clock.seconds += REST
    assert await shared.ask(good) == await shared.ask(good)
    assert [event["event"] for event in events[2:]] == ["valkey.back"]


async def test_what_is_wrong_with_us_is_not_taken_for_an_absence() -> None:
    async def wrong(_: Valkey) -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await Shared(SecretStr("redis://127.0.0.1:1")).ask(wrong)


CALLER = Caller(Kind.ANONYMOUS, "address:192.0.2.7", "default", frozenset(Scope), "192.0.2.7")


async def count(limiter: Limiter, times: int) -> list[str]:
    left = []
    for _ in range(times):
        response = Response()
        await limiter.check("sessions", CALLER, response)
        left.append(response.headers["ratelimit-remaining"])
    return left


async def test_two_processes_count_one_limit() -> None:
    server, clock = Server(), Clock()
    first, second = (Limiter({"sessions": "3/hour"}, FakeShared(server, clock)) for _ in range(2))
    assert await count(first, 2) == ["2", "1"]
    assert await count(second, 1) == ["0"]
    for limiter in (first, second):
        with pytest.raises(TooManyRequests):
            await count(limiter, 1)


async def test_without_valkey_each_process_counts_its_own() -> None:
    server, clock = Server(), Clock()
    first, second = (Limiter({"sessions": "3/hour"}, FakeShared(server, clock)) for _ in range(2))
    await count(first, 3)
    server.away = True
    assert await count(first, 3) == await count(second, 3) == ["2", "1", "0"]
    with pytest.raises(TooManyRequests):
        await count(first, 1)
    server.away = False
    clock.seconds += REST
    with pytest.raises(TooManyRequests):  # the common count is still there
        await count(second, 1)
