import time
from typing import Any

import jwt
import pytest

from contracts import agent_name

SECRET = "a-secret-of-more-than-thirty-two-bytes"
PATHS = ("/api/livekit/token", "/api/livekit-token")


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, SECRET, algorithms=["HS256"])
    return found


@pytest.mark.parametrize("path", PATHS)
async def test_the_exact_shape_and_its_defaults(api: Any, path: str) -> None:
    before = int(time.time())
    response = await api.http.post(path, json={})
    assert response.status_code == 200
    body = response.json()
    assert body.keys() == {"token", "identity", "room", "name"}
    assert body["room"] == "flight-assistant"
    assert body["name"] == body["identity"]
    assert before <= int(body["identity"].removeprefix("user-")) <= time.time()
    found = claims(body["token"])
    assert (found["sub"], found["video"]["room"]) == (body["identity"], "flight-assistant")


async def test_identity_room_and_name_are_taken(api: Any) -> None:
    response = await api.http.post(
        "/api/livekit/token", json={"identity": "ada", "room": "flight-demo", "name": "Ada", "extra": 1}
    )
    body = response.json()
    assert (body["identity"], body["room"], body["name"]) == ("ada", "flight-demo", "Ada")
    assert claims(body["token"])["name"] == "Ada"


@pytest.mark.parametrize(
    "metadata",
    [None, "", "{}", '{"require_agent": true, "agent_name": "polyglot-flight-agent"}', '{"agent_name": "no"}', "junk"],
)
async def test_the_agent_comes_whatever_the_metadata_says(api: Any, metadata: str | None) -> None:
    response = await api.http.post("/api/livekit/token", json={"roomMetadata": metadata})
    (agent,) = claims(response.json()["token"])["roomConfig"]["agents"]
    assert agent["agentName"] == agent_name()
    assert api.media.created == [], "the room does not exist: the token brings the agent, and only the token"
    assert len(api.services.watch) == 1


async def test_in_a_room_that_exists_the_agent_is_dispatched_explicitly(api: Any) -> None:
    api.media.join("flight-demo", "somebody")
    response = await api.http.post("/api/livekit/token", json={"room": "flight-demo"})
    assert "agents" not in claims(response.json()["token"])["roomConfig"]
    assert [room for room, _ in api.media.created] == ["flight-demo"]


async def test_never_two_agents(api: Any) -> None:
    api.media.join("flight-demo", "somebody")
    for _ in range(3):
        await api.http.post("/api/livekit/token", json={"room": "flight-demo"})
    assert len(api.media.created) == 1
    api.media.join("flight-assistant", "agent-1", agent=True, ready=True)
    await api.http.post("/api/livekit/token")
    assert len(api.media.created) == 1
    api.media.join("third", "somebody")
    api.media.dispatch("third", "d1", jobs=1)
    await api.http.post("/api/livekit/token", json={"room": "third"})
    assert len(api.media.created) == 1


async def test_a_second_caller_of_a_watched_room_shares_its_session(api: Any) -> None:
    for _ in range(2):
        await api.http.post("/api/livekit/token", json={"room": "flight-demo"})
    assert len(api.services.watch) == 1


async def test_rooms_of_sessions_cannot_be_asked_for(api: Any) -> None:
    started = (await api.http.post("/v1/sessions")).json()
    response = await api.http.post("/api/livekit/token", json={"room": started["room_name"]})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "room"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"identity": ""}, "identity"), ({"identity": 7}, "identity"), ({"room": "a b"}, "room"), ({"room": []}, "room")],
)
async def test_bad_requests_name_the_field(api: Any, body: dict[str, Any], field: str) -> None:
    response = await api.http.post("/api/livekit/token", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field


async def test_a_media_server_that_is_away_is_said(api: Any) -> None:
    api.media.down = True
    response = await api.http.post("/api/livekit/token")
    assert response.status_code == 503
    assert response.json()["type"] == "/problems/media-unavailable"
    assert response.json()["retryable"] is True
