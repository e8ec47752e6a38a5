"""The API's view of a real media server: dispatches, verdicts, and words for the user."""

import asyncio
from typing import Any

from in_room import agent_token, joined, publish_state
from livekit import api as livekit

from contracts import agent_name
from contracts.dispatch import DispatchMetadata
from contracts.languages import LANGUAGES
from contracts.sessions import AgentVerdict


async def dispatches(api: Any, room: str) -> list[Any]:
    server = api.server_api()
    try:
        listed = await server.agent_dispatch.list_dispatch(room)
        return [dispatch for dispatch in listed if dispatch.agent_name == agent_name()]
    finally:
        await server.aclose()


async def test_ready_against_the_real_server(api: Any) -> None:
    assert (await api.http.get("/ready")).json()["checks"]["livekit"] == "ok"
    assert (await api.http.get("/health/agent")).json()["livekit_reachable"] is True


async def test_joining_with_the_token_lists_exactly_one_dispatch_of_ours(api: Any) -> None:
    session = await api.session(language="es")
    assert (await api.status(session.session_id)).verdict is AgentVerdict.WAITING_FOR_USER
    async with joined(session.server_url, session.participant_token):
        (dispatch,) = await dispatches(api, session.room_name)
        assert dispatch.agent_name == agent_name()
        metadata = DispatchMetadata.model_validate_json(dispatch.metadata)
        assert (metadata.session_id, metadata.language) == (session.session_id, "es")


async def test_without_a_worker_the_user_is_told_in_words(api: Any) -> None:
    session = await api.session(language="pt")
    async with joined(session.server_url, session.participant_token):
        seen = await api.until(session.session_id, lambda status: status.verdict is AgentVerdict.NO_WORKER)
        assert not seen.gave_up, "said before it is given up"
        last = await api.until(session.session_id, lambda status: status.gave_up)
        assert (last.verdict, last.attempts) == (AgentVerdict.NO_WORKER, 3)
        assert last.message == LANGUAGES["pt"].lines.agent_missing
        assert len(await dispatches(api, session.room_name)) == 1, "taken back before asking again"
        health = (await api.http.get("/health/agent")).json()
        assert (health["status"], health["livekit_reachable"]) == ("failing", True)

        again = await api.http.post(f"/v1/sessions/{session.session_id}/dispatch", headers=api.own[session.session_id])
        assert again.status_code == 200
        late = await api.until(session.session_id, lambda status: status.gave_up)
        assert late.attempts > 3

        async with joined(session.server_url, agent_token(session.room_name)) as agent:
            await publish_state(agent)
            await api.until(session.session_id, lambda status: status.verdict is AgentVerdict.READY)


async def test_an_agent_is_followed_lost_and_replaced(api: Any) -> None:
    session = await api.session()
    async with joined(session.server_url, session.participant_token):
        async with joined(session.server_url, agent_token(session.room_name)) as agent:
            await api.until(session.session_id, lambda status: status.verdict is AgentVerdict.JOINED)
            await publish_state(agent)
            ready = await api.until(session.session_id, lambda status: status.verdict is AgentVerdict.READY)
            assert ready.join_seconds is not None
            assert ready.join_seconds < 5
        await api.until(session.session_id, lambda status: status.verdict is AgentVerdict.LOST)
        await api.until(session.session_id, lambda status: status.attempts > ready.attempts)
        latest = (await dispatches(api, session.room_name))[-1]
        assert DispatchMetadata.model_validate_json(latest.metadata).resumed is True


async def test_the_room_is_closed_at_the_end_and_the_session_ends_with_it(api: Any) -> None:
    session = await api.session()
    async with joined(session.server_url, session.participant_token) as room:
        gone = asyncio.Event()
        room.on("disconnected", lambda *_: gone.set())
        response = await api.http.post(f"/v1/sessions/{session.session_id}/end", headers=api.own[session.session_id])
        assert response.json()["verdict"] == "ended"
        async with asyncio.timeout(10):
            await gone.wait()
    assert len(api.services.watch) == 0


async def test_a_room_that_closes_by_itself_ends_the_session(api: Any) -> None:
    session = await api.session()
    async with joined(session.server_url, session.participant_token):
        await api.until(session.session_id, lambda status: status.verdict is not AgentVerdict.WAITING_FOR_USER)
        server = api.server_api()
        await server.room.delete_room(livekit.DeleteRoomRequest(room=session.room_name))
        await server.aclose()
    await api.until(session.session_id, lambda status: status.verdict is AgentVerdict.ENDED)


async def test_the_first_systems_token_brings_an_agent_into_a_room_of_the_callers_own(api: Any) -> None:
    wanted = {"room": "flight-demo", "identity": "ada"}
    one, two = [(await api.http.post("/api/livekit/token", json=wanted)).json() for _ in range(2)]
    async with joined(api.media_url, one["token"]), joined(api.media_url, two["token"]) as room:
        (dispatch,) = await dispatches(api, one["room"])
        assert dispatch.agent_name == agent_name()
        assert room.name == two["room"] != one["room"]
        assert not room.remote_participants


async def test_a_second_call_with_the_same_token_is_a_session_of_its_own(api: Any) -> None:
    """Client libraries keep a token for their next call."""
    session = await api.session()
    async with joined(session.server_url, session.participant_token):
        await api.until(session.session_id, lambda status: status.verdict is not AgentVerdict.WAITING_FOR_USER)
        server = api.server_api()
        await server.room.delete_room(livekit.DeleteRoomRequest(room=session.room_name))
        await server.aclose()
    await api.until(session.session_id, lambda status: status.verdict is AgentVerdict.ENDED)
    async with joined(session.server_url, session.participant_token):
        async with asyncio.timeout(20):
            while (second := api.services.watch.in_room(session.room_name)) is None or (  # noqa: ASYNC110
                second.session.session_id == session.session_id
            ):
                await asyncio.sleep(0.05)
    assert (await api.status(session.session_id)).verdict is AgentVerdict.ENDED


async def test_an_agent_without_metadata_gets_a_session_for_its_room(api: Any) -> None:
    """LiveKit's own starter dispatches by the agent's name alone."""
    server = api.server_api()
    await server.room.create_room(livekit.CreateRoomRequest(name="starter-room"))
    await server.aclose()
    headers = {"Authorization": f"Bearer {agent_token('starter-room', marked=True)}"}
    body = {"room_name": "starter-room"}
    first = await api.http.post("/v1/agent/sessions", json=body, headers=headers)
    again = await api.http.post("/v1/agent/sessions", json=body, headers=headers)
    assert first.status_code == again.status_code == 200
    assert DispatchMetadata.model_validate(first.json()) == DispatchMetadata.model_validate(again.json())
    elsewhere = await api.http.post("/v1/agent/sessions", json={"room_name": "other"}, headers=headers)
    assert elsewhere.status_code == 403


async def test_a_wrong_key_is_not_ready(api: Any) -> None:
    api.services.media._api._room.api_secret = "wrong-secret-of-more-than-thirty-two-bytes"
    refused = await api.http.get("/ready")
    assert refused.status_code == 503
    assert "wrong-secret" not in refused.text


async def test_a_body_of_ten_megabytes_gets_its_problem_over_a_real_connection(api: Any) -> None:
    for _ in range(5):
        response = await api.http.post("/v1/sessions", content=b"x" * 10_000_000)
        assert response.status_code == 413
        assert response.json()["type"] == "/problems/too-large"
