"""Operators wait at their tenant's desk, are told of calls, and join those of their tenant alone."""

import json
from typing import Any

import pytest
from credentials import OPERATOR_KEY, agent, bearer, key, operator, participant
from livekit import api as livekit

from contracts.problems import MediaUnavailable

KEY, SECRET = "test-key", "a-secret-of-more-than-thirty-two-bytes"
ASKED = {"reason": "asked", "language": "es"}


@pytest.fixture
async def api(start: Any) -> Any:
    async with start(operator_keys=(OPERATOR_KEY,)) as running:
        yield running


async def a_call(api: Any) -> dict[str, Any]:
    session: dict[str, Any] = (await api.http.post("/v1/sessions", json={})).json()
    return session


def claims(token: str) -> Any:
    return livekit.TokenVerifier(KEY, SECRET).verify(token)


async def handoff(api: Any, session: dict[str, Any]) -> Any:
    path = f"/v1/sessions/{session['session_id']}/handoff"
    return await api.http.post(path, json=ASKED, headers=agent(session["room_name"]))


async def test_nobody_waits(api: Any) -> None:
    assert (await handoff(api, await a_call(api))).json() == {"waiting": 0}


async def test_who_waits_is_told_of_the_call_and_joins_it(api: Any) -> None:
    session = await a_call(api)
    joiner = bearer((await key(api.http, "join"))["secret"])
    desk = (await api.http.post("/v1/desk/token", headers=joiner, json={"name": "Marta"})).json()
    assert desk["room_name"] == "polyglot-desk-default"
    waiting = claims(desk["participant_token"])
    assert waiting.video.room == desk["room_name"]
    assert not waiting.video.can_publish
    assert waiting.attributes["polyglot.operator"]
    api.media.join(desk["room_name"], desk["identity"])
    api.media.join(desk["room_name"], "user-who-strayed-in")
    assert (await handoff(api, session)).json() == {"waiting": 1}
    room, topic, body = api.media.told[-1]
    assert (room, topic) == (desk["room_name"], "polyglot.handoff")
    told = json.loads(body)
    assert told == {"session_id": session["session_id"], "reason": "asked", "language": "es", "persona": "flights"}
    path = f"/v1/desk/calls/{told['session_id']}/join"
    joined = (await api.http.post(path, headers=joiner, json={"name": "Marta"})).json()
    token = claims(joined["participant_token"])
    assert token.video.room == session["room_name"]
    assert token.video.can_publish_sources == ["microphone", "screen_share"]
    assert (token.name, token.attributes["polyglot.operator"]) == ("Marta", "1")
    assert token.room_config is None or not token.room_config.agents


async def test_only_those_with_the_right_wait_or_join(api: Any) -> None:
    session = await a_call(api)
    reader = bearer((await key(api.http, "records", "calls", "search", "erase", "manage"))["secret"])
    for path in ("/v1/desk/token", f"/v1/desk/calls/{session['session_id']}/join"):
        for who, status in (({}, 401), (reader, 403), (participant(session), 403), (agent(session["room_name"]), 403)):
            assert (await api.http.post(path, headers=who)).status_code == status, path
        assert (await api.http.post(path, headers=operator())).status_code == 200
    path = f"/v1/sessions/{session['session_id']}/handoff"
    for who, status in (({}, 401), (participant(session), 403), (operator(), 403)):
        assert (await api.http.post(path, json=ASKED, headers=who)).status_code == status


async def test_a_call_that_is_over_is_not_joined(api: Any) -> None:
    session = await a_call(api)
    await api.http.post(f"/v1/sessions/{session['session_id']}/end", headers=participant(session))
    path = f"/v1/desk/calls/{session['session_id']}/join"
    assert (await api.http.post(path, headers=operator())).status_code == 409
    assert (await api.http.post("/v1/desk/calls/nobodys-session/join", headers=operator())).status_code == 404


async def test_a_media_server_that_is_away_is_a_desk_with_nobody(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await a_call(api)

    async def away(*_: Any, **__: Any) -> None:
        raise MediaUnavailable("away")

    monkeypatch.setattr(api.media, "look", away)
    assert (await handoff(api, session)).json() == {"waiting": 0}
