"""Messages to operators: signed as the standard says, sent again, replayed, and never into our own network."""

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import httpx2
import pytest
from credentials import OPERATOR_KEY, operator, participant

from api.webhooks.service import NotDelivered

URL = "http://127.0.0.1:9/hook"


class Receiver:
    """An operator's server."""

    def __init__(self) -> None:
        self.got: list[httpx2.Request] = []
        self.status = 200

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.got.append(request)
        return httpx2.Response(self.status)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def api(start: Any, receiver: Receiver) -> Any:
    async with start(operator_keys=(OPERATOR_KEY,)) as running:
        hooks = running.services.jobs._work["deliver"].do.__self__
        hooks._http = httpx2.AsyncClient(transport=httpx2.MockTransport(receiver.answer))
        running.hooks = hooks
        yield running


async def made(api: Any, *events: str) -> dict[str, Any]:
    body = {"url": URL, "events": events or ("call.started", "call.ended")}
    response = await api.http.post("/v1/webhooks", json=body, headers=operator())
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


async def a_call(api: Any) -> dict[str, Any]:
    session: dict[str, Any] = (await api.http.post("/v1/sessions")).json()
    api.media.join(session["room_name"], "user-1")
    path = f"/v1/sessions/{session['session_id']}"
    await api.http.get(path, headers=participant(session))
    await api.http.post(f"{path}/end", headers=participant(session))
    return session


async def until(what: Any) -> None:
    async with asyncio.timeout(30):
        while not what():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_call_is_told_with_a_signature_that_the_standard_verifies(api: Any, receiver: Receiver) -> None:
    hook = await made(api)
    session = await a_call(api)
    await until(lambda: len(receiver.got) >= 2)
    kinds = {json.loads(request.content)["type"] for request in receiver.got}
    assert kinds == {"call.started", "call.ended"}
    for request in receiver.got:
        headers, body = request.headers, request.content.decode()
        key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        assert json.loads(body)["data"]["id"] == session["session_id"]
    assert len({request.headers["webhook-id"] for request in receiver.got}) == 2


async def test_only_what_was_asked_for_is_told(api: Any, receiver: Receiver) -> None:
    await made(api, "call.ended")
    await a_call(api)
    await until(lambda: receiver.got)
    assert [json.loads(request.content)["type"] for request in receiver.got] == ["call.ended"]


async def test_a_receiver_that_is_down_is_tried_again_and_a_message_can_be_replayed(
    api: Any, receiver: Receiver
) -> None:
    hook = await made(api, "call.ended")
    receiver.status = 500
    await a_call(api)
    await until(lambda: receiver.got)
    path = f"/v1/webhooks/{hook['id']}/deliveries"
    async with asyncio.timeout(30):
        while (message := (await api.http.get(path, headers=operator())).json()["deliveries"][0])["answer"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert (message["status"], message["attempts"], message["answer"]) == ("pending", 1, 500)
    with pytest.raises(NotDelivered):
        await api.hooks.deliver({"delivery_id": message["id"]})
    await api.hooks.give_up({"delivery_id": message["id"]})
    assert (await api.http.get(path, headers=operator())).json()["deliveries"][0]["status"] == "failed"
    receiver.status = 204
    replayed = await api.http.post(f"{path}/{message['id']}/replay", headers=operator())
    assert replayed.status_code == 202
    await until(lambda: len(receiver.got) >= 3)
    assert receiver.got[-1].headers["webhook-id"] == receiver.got[0].headers["webhook-id"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "https://127.0.0.1/x",
        "https://10.0.0.7/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://localhost/x",
        "ftp://example.com/x",
        "https://user:secret@example.com/x",
    ],
)
async def test_nobody_reaches_into_our_network_through_us(
    start: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolved(*_: Any, **__: Any) -> Any:
        return [(2, 1, 6, "", ("127.0.0.1", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    async with start(operator_keys=(OPERATOR_KEY,), environment="staging") as api:
        body = {"url": url, "events": ["call.ended"]}
        response = await api.http.post("/v1/webhooks", json=body, headers=operator())
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == "url"


async def test_a_removed_webhook_is_told_nothing(api: Any, receiver: Receiver) -> None:
    hook = await made(api, "call.ended")
    assert (await api.http.post(f"/v1/webhooks/{hook['id']}/remove", headers=operator())).status_code == 204
    await a_call(api)
    await asyncio.sleep(0.1)
    assert receiver.got == []
