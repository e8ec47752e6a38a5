"""Calls to webhooks: to the address that was looked at, without end for no receiver, and never on to another one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from api.webhooks.service import WebhookService

URL = "https://hooks.example:8443/in?x=1"
PUBLIC = "93.184.215.14"


class Endless(httpx2.AsyncByteStream):
    """Says something for ever."""

    read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            Endless.read += 1
            yield b"x" * 100_000
            await asyncio.sleep(0)


def service(answer: Any, *addresses: str) -> tuple[WebhookService, list[httpx2.Request]]:
    got: list[httpx2.Request] = []

    async def respond(request: httpx2.Request) -> httpx2.Response:
        got.append(request)
        made = answer()
        return await made if asyncio.iscoroutine(made) else made

    hooks = WebhookService(
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        local=False,
        transport=httpx2.MockTransport(respond),
    )

    async def resolved(*_: Any, **__: Any) -> Any:
        return [(2, 1, 6, "", (address, 8443)) for address in addresses]

    asyncio.get_running_loop().getaddrinfo = resolved  # type: ignore[method-assign]
    return hooks, got


async def status(hooks: WebhookService) -> int | None:
    return await hooks._answer(URL, b"{}", {"webhook-id": "msg_1"})


async def test_the_address_that_was_looked_at_is_the_one_that_is_called() -> None:
    hooks, got = service(lambda: httpx2.Response(204), PUBLIC)
    assert await status(hooks) == 204
    (request,) = got
    assert (request.url.host, request.url.port, request.url.path, request.url.query) == (PUBLIC, 8443, "/in", b"x=1")
    assert request.headers["host"] == "hooks.example:8443"
    assert request.extensions["sni_hostname"] == "hooks.example", "its certificate is looked at by its name"


@pytest.mark.parametrize(
    "addresses",
    [
        ("10.0.0.5",),
        (PUBLIC, "10.0.0.5"),
        ("64:ff9b::a00:5",),
        ("64:ff9b::a9fe:a9fe",),
        ("::ffff:169.254.169.254",),
        ("2002:a00:5::1",),
        ("fd00::1",),
        ("224.0.0.1",),
        (),
    ],
)
async def test_a_name_that_leads_into_a_network_of_ours_is_not_called(addresses: tuple[str, ...]) -> None:
    hooks, got = service(lambda: httpx2.Response(200), *addresses)
    assert (await status(hooks), got) == (None, [])


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    hooks, got = service(lambda: httpx2.Response(307, headers={"Location": "https://169.254.169.254/"}), PUBLIC)
    assert (await status(hooks), len(got)) == (307, 1)


async def test_what_a_receiver_says_without_end_is_not_read() -> None:
    hooks, _ = service(lambda: httpx2.Response(200, stream=Endless()), PUBLIC)
    async with asyncio.timeout(30):
        assert await status(hooks) == 200
    assert Endless.read <= 1


async def test_a_receiver_that_never_answers_is_given_up() -> None:
    async def never() -> httpx2.Response:
        await asyncio.sleep(3600)
        return httpx2.Response(200)

    hooks, _ = service(never, PUBLIC)
    hooks._timeout = 0.05
    async with asyncio.timeout(30):
        assert await status(hooks) is None
