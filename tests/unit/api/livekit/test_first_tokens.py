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
    response = await api.http.post(path, json={})
    assert response.status_code == 200
    body = response.json()
    assert body.keys() == {"token", "identity", "room", "name"}
    assert body["room"].startswith("polyglot-flight-assistant-")
    assert body["name"] == body["identity"]
    found = claims(body["token"])
    assert (found["sub"], found["video"]["room"]) == (body["identity"], body["room"])


async def test_the_name_is_taken_and_the_room_is_the_callers_own(api: Any) -> None:
    response = await api.http.post(
        "/api/livekit/token", json={"identity": "ada", "room": "flight-demo", "name": "Ada", "extra": 1}
    )
    body = response.json()
    assert body["room"].startswith("polyglot-flight-demo-")
    assert (body["name"], claims(body["token"])["name"]) == ("Ada", "Ada")


async def test_two_callers_of_one_room_never_meet(api: Any) -> None:
    """The same room and the same identity, in the same second: the first system let the second one in."""
    wanted = {"identity": "agent-1", "room": "flight-demo"}
    one, two = [(await api.http.post("/api/livekit/token", json=wanted)).json() for _ in range(2)]
    assert one["room"] != two["room"]
    assert one["identity"] != two["identity"]
    assert not one["identity"].startswith("agent-")


async def test_a_second_token_holds_nothing_of_a_running_session(api: Any) -> None:
    started = (await api.http.post("/v1/sessions", json={"consent": {"store_turns": True}})).json()
    api.media.join(started["room_name"], "user-1")
    token = (await api.http.post("/api/livekit/token", json={"room": "flight-demo"})).json()["token"]
    assert started["session_id"] not in str(claims(token))
    headers = {"Authorization": f"Bearer {token}"}
    base = f"/v1/sessions/{started['session_id']}"
    for method, path in (("GET", ""), ("GET", "/turns"), ("GET", "/summary"), ("POST", "/end"), ("POST", "/dispatch")):
        response = await api.http.request(method, base + path, headers=headers)
        assert response.status_code == 403, path


@pytest.mark.parametrize(
    "metadata",
    [None, "", "{}", '{"require_agent": true, "agent_name": "polyglot-flight-agent"}', '{"agent_name": "no"}', "junk"],
)
async def test_the_agent_comes_whatever_the_metadata_says(api: Any, metadata: str | None) -> None:
    response = await api.http.post("/api/livekit/token", json={"roomMetadata": metadata})
    (agent,) = claims(response.json()["token"])["roomConfig"]["agents"]
    assert agent["agentName"] == agent_name()
    assert api.media.created == [], "the room does not exist: the token brings the agent, and only the token"


async def test_rooms_of_sessions_cannot_be_asked_for(api: Any) -> None:
    room = (await api.http.post("/v1/sessions")).json()["room_name"]
    body = (await api.http.post("/api/livekit/token", json={"room": room})).json()
    assert body["room"] != room


@pytest.mark.parametrize("path", [*PATHS, "/v1/sessions/start", "/search_flights"])
async def test_one_setting_switches_the_first_system_off(start: Any, path: str) -> None:
    async with start(first_system=False) as api:
        flight = {"origin": "MAD", "destination": "BER", "departure_date": "2027-01-10"}
        response = await api.http.post(path, json=flight if path == "/search_flights" else {})
        assert response.status_code == 404
        assert (await api.http.get("/api/flights", params=flight)).status_code == 404
        assert (await api.http.post("/v1/sessions")).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [({"identity": ""}, "identity"), ({"identity": 7}, "identity"), ({"room": "a b"}, "room"), ({"room": []}, "room")],
)
async def test_bad_requests_name_the_field(api: Any, body: dict[str, Any], field: str) -> None:
    response = await api.http.post("/api/livekit/token", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field
