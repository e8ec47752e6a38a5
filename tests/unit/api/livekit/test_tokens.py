import json
from datetime import timedelta
from typing import Any

import jwt
import pytest

from contracts import agent_name
from contracts.dispatch import DispatchMetadata

KEY, SECRET = "test-key", "a-secret-of-more-than-thirty-two-bytes"


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, SECRET, algorithms=["HS256"], issuer=KEY)
    return found


async def test_the_standard_endpoint_answers_as_livekit_says(api: Any) -> None:
    response = await api.http.post("/v1/token", json={"participant_name": "Ada"})
    assert response.status_code == 201
    body = response.json()
    assert body["server_url"] == "wss://media.example.com"
    found = claims(body["participant_token"])
    assert found["name"] == "Ada"
    assert found["sub"].startswith("user-")
    assert found["video"] == {
        "roomJoin": True,
        "room": body["room_name"],
        "canPublish": True,
        "canPublishSources": ["microphone", "screen_share"],
        "canSubscribe": True,
        "canPublishData": True,
        "canUpdateOwnMetadata": False,
    }
    assert timedelta(seconds=found["exp"] - found["nbf"]) == timedelta(minutes=10)
    (agent,) = found["roomConfig"]["agents"]
    assert agent["agentName"] == agent_name()
    assert DispatchMetadata.model_validate_json(agent["metadata"]).session_id == body["session_id"]


async def test_every_call_gets_a_fresh_unguessable_room(api: Any) -> None:
    rooms = {(await api.http.post("/v1/token")).json()["room_name"] for _ in range(5)}
    assert len(rooms) == 5
    assert all(room.startswith("polyglot-") and len(room) >= len("polyglot-") + 22 for room in rooms)


@pytest.mark.parametrize(
    "body",
    [
        {
            "participant_name": "Ada",
            "participant_attributes": {"language": "es"},
            "room_config": {"agents": [{"agent_name": "polyglot-flight-agent", "metadata": '{"voice": "nova"}'}]},
        },
        {
            "participantName": "Ada",
            "participantAttributes": {"language": "es"},
            "roomConfig": {"agents": [{"agentName": "polyglot-flight-agent", "metadata": '{"voice": "nova"}'}]},
        },
    ],
    ids=["snake", "camel"],
)
async def test_what_a_caller_may_set(api: Any, body: dict[str, Any]) -> None:
    response = await api.http.post("/v1/token", json=body)
    assert response.status_code == 201
    metadata = json.loads(claims(response.json()["participant_token"])["roomConfig"]["agents"][0]["metadata"])
    assert (metadata["language"], metadata["voice"], metadata["pipeline"]) == ("es", "nova", "cascade")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"room_name": "somebody-elses-room"}, "room_name"),
        ({"roomName": "polyglot-short"}, "room_name"),
        ({"participant_identity": "admin"}, "participant_identity"),
        ({"participant_metadata": "{}"}, "participant_metadata"),
        ({"participant_attributes": {"role": "admin"}}, "participant_attributes.role"),
        ({"participant_attributes": {"language": "xx"}}, "participant_attributes.language"),
        ({"room_config": {"egress": {"room": {"room_name": "x"}}}}, "room_config.egress"),
        ({"room_config": {"metadata": "x"}}, "room_config.metadata"),
        ({"room_config": {"max_participants": 500}}, "room_config.max_participants"),
        ({"room_config": {"no_such_field": 1}}, "room_config.no_such_field"),
        ({"room_config": {"agents": [{"no_such": 1}]}}, "room_config.agents.0.no_such"),
        ({"room_config": {"agents": [{"agent_name": "other"}]}}, "room_config.agents.0.agent_name"),
        ({"room_config": {"agents": [{}, {}]}}, "room_config.agents"),
        ({"room_config": {"agents": [{"deployment": "x"}]}}, "room_config.agents.0.deployment"),
        ({"room_config": {"agents": [{"metadata": "not json"}]}}, "room_config.agents.0.metadata"),
        ({"room_config": {"agents": [{"metadata": '{"tenant": "x"}'}]}}, "room_config.agents.0.metadata.tenant"),
        ({"room_config": {"agents": [{"metadata": '{"voice": "zzz"}'}]}}, "voice"),
        ({"room_config": {"agents": [{"metadata": "x" * 5000}]}}, "room_config.agents.0.metadata"),
        ({"can_publish": True}, "can_publish"),
        ({"participant_name": "x" * 200}, "participant_name"),
    ],
)
async def test_everything_else_is_refused_by_name(api: Any, body: dict[str, Any], field: str) -> None:
    response = await api.http.post("/v1/token", json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in response.json()["errors"]]
    assert len(api.services.watch) == 0


async def test_a_room_name_of_the_permitted_form_must_be_fresh(api: Any) -> None:
    room = "polyglot-" + "a" * 22
    first = await api.http.post("/v1/token", json={"room_name": room})
    assert (first.status_code, first.json()["room_name"]) == (201, room)
    api.media.join(room, "user-1")
    second = await api.http.post("/v1/token", json={"room_name": room})
    assert second.status_code == 422
    assert second.json()["errors"][0]["field"] == "room_name"


async def test_no_caller_gets_an_administrators_token(api: Any) -> None:
    for path in ("/v1/token", "/v1/sessions", "/v1/sessions/start"):
        body = (await api.http.post(path)).json()
        video = claims(body["participant_token"])["video"]
        assert not {"roomAdmin", "roomCreate", "roomList", "roomRecord", "agent", "hidden"} & video.keys()
