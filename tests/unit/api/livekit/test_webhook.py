import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from livekit import api as livekit

KEY, SECRET = "test-key", "a-secret-of-more-than-thirty-two-bytes"


def signed(body: str, *, key: str = KEY, secret: str = SECRET, ttl: float = 300, hash_of: str | None = None) -> str:
    digest = base64.b64encode(hashlib.sha256((hash_of or body).encode()).digest()).decode()
    return livekit.AccessToken(key, secret).with_sha256(digest).with_ttl(timedelta(seconds=ttl)).to_jwt()


def event(room: str) -> str:
    return json.dumps({"event": "participant_joined", "room": {"name": room}, "id": "EV_1", "unknownField": 1})


async def send(api: Any, body: str, authorization: str | None) -> int:
    headers = {"Content-Type": "application/webhook+json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    response = await api.http.post("/v1/livekit/webhook", content=body.encode(), headers=headers)
    return int(response.status_code)


async def test_a_signed_event_begins_the_watch(api: Any) -> None:
    room = (await api.http.post("/v1/sessions")).json()["room_name"]
    assert api.services.watch.in_room(room) is None
    body = event(room)
    assert await send(api, body, signed(body)) == 204
    assert api.services.watch.in_room(room) is not None


async def test_an_event_counts_once_however_often_it_comes(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    room = (await api.http.post("/v1/sessions")).json()["room_name"]
    body = event(room)
    assert await send(api, body, signed(body)) == 204
    seen: list[str] = []
    monkeypatch.setattr(api.services.watch.in_room(room), "happened", lambda told: seen.append(told.kind))
    assert await send(api, body, signed(body)) == 204
    assert seen == []
    other = body.replace("EV_1", "EV_2")
    assert await send(api, other, signed(other)) == 204
    assert seen == ["participant_joined"]


async def test_events_of_a_key_that_is_being_replaced_are_taken(start: Any) -> None:
    async with start(livekit_previous_api_key="old-key", livekit_previous_api_secret="x" * 40) as api:
        body = event("not-ours")
        assert await send(api, body, signed(body, key="old-key", secret="x" * 40)) == 204
        assert await send(api, body, signed(body, key="old-key", secret="y" * 40)) == 401


async def test_events_of_other_rooms_are_taken_and_ignored(api: Any) -> None:
    body = event("not-ours")
    assert await send(api, body, signed(body)) == 204


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer nonsense",
        signed(event("x"), key="other-key"),
        signed(event("x"), secret="another-secret-of-thirty-two-bytes-"),
        signed(event("x"), ttl=-3600),
        signed(event("x"), hash_of="something else"),
        livekit.AccessToken(KEY, SECRET).to_jwt(),
    ],
    ids=["missing", "empty", "nonsense", "key", "secret", "expired", "hash", "no hash"],
)
async def test_anything_not_signed_is_refused(api: Any, authorization: str | None) -> None:
    assert await send(api, event("x"), authorization) == 401


@pytest.mark.parametrize("body", ["", "not json", "7", "\x00"])
async def test_a_signed_body_that_is_no_event(api: Any, body: str) -> None:
    assert await send(api, body, signed(body)) == 401


async def test_bytes_that_are_no_text(api: Any) -> None:
    response = await api.http.post("/v1/livekit/webhook", content=b"\xff\xfe", headers={"Authorization": signed("x")})
    assert response.status_code == 401
