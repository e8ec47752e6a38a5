import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from livekit import api as livekit
from starting import started

from api.settings import WatchTimings
from contracts.languages import LANGUAGES
from contracts.names import COMPANION_PREFIX
from contracts.sessions import SessionStarted, SessionStatus
from contracts.turns import Turn

KEY, SECRET = "test-key", "a-secret-of-more-than-thirty-two-bytes"


def agent_headers(room: str, *, identity: str | None = None, ttl: float = 300, marked: bool = True) -> dict[str, str]:
    token = (
        livekit.AccessToken(KEY, SECRET)
        .with_identity(identity or f"agent-{room}")
        .with_grants(livekit.VideoGrants(room=room))
        .with_ttl(timedelta(seconds=ttl))
    )
    if marked:
        token = token.with_attributes({"polyglot-agent": "1"})
    return {"Authorization": f"Bearer {token.to_jwt()}"}


def turn(number: int = 1, role: str = "user", text: str = "Madrid to Berlin") -> dict[str, Any]:
    made = Turn(
        id=f"turn-{number}",
        role=role,  # type: ignore[arg-type]
        text=text,
        language="en",
        modality="voice",
        started_at=datetime(2026, 11, 21, 10, 0, number, tzinfo=UTC),
    )
    return made.model_dump(mode="json")


def mine(session: SessionStarted) -> dict[str, str]:
    """As the page of that session."""
    return {"Authorization": f"Bearer {session.participant_token}"}


async def status(api: Any, session: SessionStarted) -> SessionStatus:
    response = await api.http.get(f"/v1/sessions/{session.session_id}", headers=mine(session))
    assert response.status_code == 200
    return SessionStatus.model_validate_json(response.content)


async def until(api: Any, session: SessionStarted, verdict: str) -> SessionStatus:
    async with asyncio.timeout(30):
        while (found := await status(api, session)).verdict != verdict:  # noqa: ASYNC110 - as a page asks
            await asyncio.sleep(0.005)
    return found


async def known_health(api: Any) -> dict[str, Any]:
    """What is said of the agents once the first outcome has been written down, which is a moment after it."""
    async with asyncio.timeout(30):
        while (health := (await api.http.get("/health/agent")).json())["status"] == "unknown":  # noqa: ASYNC110 - as a page asks
            await asyncio.sleep(0.005)
    found: dict[str, Any] = health
    return found


async def test_the_status_follows_the_room(api: Any) -> None:
    session = await started(api)
    assert (await status(api, session)).verdict == "waiting_for_user"
    api.media.join(session.room_name, "user-1")
    api.media.dispatch(session.room_name, "d1", jobs=1)
    await until(api, session, "assigned")
    api.media.join(session.room_name, "agent-1", agent=True, ready=True)
    found = await until(api, session, "ready")
    assert found.join_seconds is not None
    health = await known_health(api)
    assert (health["status"], health["joined"], health["failed"]) == ("ok", 1, 0)


async def test_giving_up_speaks_the_language_of_the_page(start: Any) -> None:
    fast = WatchTimings(no_worker_after=0.01, backoff=0.01, poll_climbing=0.005, poll_first=0.005)
    async with start(watch=fast) as api:
        response = await api.http.post("/v1/sessions", headers={"Accept-Language": "xx, fr-CA;q=0.9, en"})
        session = SessionStarted.model_validate_json(response.content)
        api.media.join(session.room_name, "user-1")
        api.media.dispatch(session.room_name, "d1")
        async with asyncio.timeout(30):
            while not (found := await status(api, session)).gave_up:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        assert found.message == LANGUAGES["fr"].lines.agent_missing
        health = await known_health(api)
        assert (health["status"], health["failed"]) == ("failing", 1)

        retried = await api.http.post(f"/v1/sessions/{session.session_id}/dispatch", headers=mine(session))
        assert retried.status_code == 200
        assert retried.json()["gave_up"] is False
        api.media.on_create = lambda room: api.media.join(room, "agent-9", agent=True, ready=True)
        await until(api, session, "ready")


async def test_reports_of_the_agent(api: Any) -> None:
    session = await started(api, language="it")
    api.media.join(session.room_name, "user-1")
    await until(api, session, "dispatched")
    report = {"kind": "rejected", "room_name": session.room_name, "reason": "model: no such model"}
    headers = agent_headers(session.room_name)
    assert (await api.http.post("/v1/agent/reports", json=report, headers=headers)).status_code == 204
    found = await until(api, session, "rejected")
    assert found.reason == "model: no such model"
    assert found.message == LANGUAGES["it"].lines.request_rejected


async def test_only_the_agent_of_the_room_may_report(api: Any) -> None:
    session = await started(api)
    report = {"kind": "failed", "room_name": session.room_name, "reason": "x"}
    cases = [
        ({}, 401),
        ({"Authorization": f"Bearer {session.participant_token}"}, 403),
        (agent_headers("another-room"), 403),
        (agent_headers(session.room_name, ttl=-7200), 401),
        (agent_headers(session.room_name, marked=False), 401),
        (agent_headers(session.room_name, identity="user-1"), 401),
    ]
    for headers, expected in cases:
        response = await api.http.post("/v1/agent/reports", json=report, headers=headers)
        assert response.status_code == expected, headers
    elsewhere = report | {"room_name": "nobody"}
    response = await api.http.post("/v1/agent/reports", json=elsewhere, headers=agent_headers("nobody"))
    assert response.status_code == 404


@pytest.mark.parametrize("kept", [True, False])
async def test_turns_are_idempotent_and_in_order(api: Any, kept: bool) -> None:
    session = await started(api, consent={"store_turns": kept})
    path, headers = f"/v1/sessions/{session.session_id}/turns", agent_headers(session.room_name)
    assert (await api.http.post(path, json=turn(2), headers=headers)).status_code == 201
    assert (await api.http.post(path, json=turn(1), headers=headers)).status_code == 201
    assert (await api.http.post(path, json=turn(2, text="changed"), headers=headers)).status_code == 200
    mine = {"Authorization": f"Bearer {session.participant_token}"}
    body = (await api.http.get(path, headers=mine)).json()
    assert [one["id"] for one in body["turns"]] == ["turn-1", "turn-2"]
    assert body["turns"][1]["text"] == "Madrid to Berlin"


async def test_turns_are_private(api: Any) -> None:
    mine, other = await started(api), await started(api)
    path = f"/v1/sessions/{mine.session_id}/turns"
    cases = [
        ({}, 401),
        ({"Authorization": "Bearer x.y.z"}, 401),
        ({"Authorization": f"Basic {mine.participant_token}"}, 401),
        ({"Authorization": f"Bearer {other.participant_token}"}, 403),
        (agent_headers(other.room_name), 403),
    ]
    for headers, expected in cases:
        assert (await api.http.get(path, headers=headers)).status_code == expected
        assert (await api.http.post(path, json=turn(), headers=headers)).status_code == expected
        assert (await api.http.get(path.replace("turns", "summary"), headers=headers)).status_code == expected


async def test_an_old_participants_token_still_reads_its_own_turns(api: Any) -> None:
    session = await started(api)
    grants = livekit.VideoGrants(room_join=True, room=session.room_name)
    token = livekit.AccessToken(KEY, SECRET).with_identity("user-1").with_grants(grants)
    path = f"/v1/sessions/{session.session_id}/turns"
    for age, expected in ((timedelta(hours=-20), 200), (timedelta(hours=-30), 401)):
        headers = {"Authorization": f"Bearer {token.with_ttl(age).to_jwt()}"}
        assert (await api.http.get(path, headers=headers)).status_code == expected


async def test_with_consent_the_summary_tells_what_was_asked_and_found(api: Any) -> None:
    session = await started(api, consent={"store_turns": True})
    headers = agent_headers(session.room_name)
    base = f"/v1/sessions/{session.session_id}"
    assert (await api.http.get(f"{base}/summary", headers=headers)).json() == {"status": "pending", "text": None}
    await api.http.post(f"{base}/turns", json=turn(1, text="Find me  a flight"), headers=headers)
    await api.http.post(f"{base}/turns", json=turn(2, "assistant", "Here are ten"), headers=headers)
    departure = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    params = {"origin": "Madrid", "destination": "Berlin", "departure_date": departure}
    assert (await api.http.get("/v1/flights/search", params=params, headers=headers)).status_code == 200
    ended = await api.http.post(f"{base}/end", headers=mine(session))
    assert ended.json()["verdict"] == "ended"
    async with asyncio.timeout(30):
        while (summary := (await api.http.get(f"{base}/summary", headers=headers)).json())["status"] == "pending":  # noqa: ASYNC110 - as a page asks
            await asyncio.sleep(0.01)
    assert summary["status"] == "ready"
    first, second = summary["text"].splitlines()
    assert f"Madrid (MAD) → Berlin (BER) · {departure}" in first
    assert "[sample]" in first
    assert second == "“Find me a flight”"
    assert len((await api.http.get(f"{base}/turns", headers=headers)).json()["turns"]) == 2


async def test_without_consent_nothing_outlives_the_call(api: Any) -> None:
    session = await started(api)
    headers = agent_headers(session.room_name)
    base = f"/v1/sessions/{session.session_id}"
    await api.http.post(f"{base}/turns", json=turn(1), headers=headers)
    await api.http.post(f"{base}/end", headers=mine(session))
    assert (await api.http.get(f"{base}/turns", headers=headers)).json()["turns"] == []
    late = await api.http.post(f"{base}/turns", json=turn(2), headers=headers)
    assert late.status_code == 200
    assert (await api.http.get(f"{base}/turns", headers=headers)).json()["turns"] == []
    assert (await api.http.get(f"{base}/summary", headers=headers)).json() == {"status": "ready", "text": None}
    async with api.services.database.engine.connect() as connection:
        for table in ("turns", "summaries"):
            rows = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")  # noqa: S608 - a constant
            assert rows.scalar() == 0


async def test_ending_closes_the_room_and_can_be_repeated(api: Any) -> None:
    session = await started(api)
    api.media.join(session.room_name, "user-1")
    for _ in range(2):
        response = await api.http.post(f"/v1/sessions/{session.session_id}/end", headers=mine(session))
        assert (response.status_code, response.json()["verdict"]) == (200, "ended")
    assert api.media.rooms == {}
    assert len(api.services.watch) == 0
    again = await api.http.post(f"/v1/sessions/{session.session_id}/dispatch", headers=mine(session))
    assert again.status_code == 409


async def test_another_screen_of_the_traveller_is_in_the_call_and_not_heard(api: Any) -> None:
    session = await started(api)
    path = f"/v1/sessions/{session.session_id}/companions"
    made = await api.http.post(path, headers=mine(session))
    assert made.status_code == 201
    second = SessionStarted.model_validate_json(made.content)
    assert (second.session_id, second.room_name, second.receipt) == (session.session_id, session.room_name, None)
    claims = livekit.TokenVerifier(KEY, SECRET).verify(second.participant_token)
    assert claims.identity.startswith(COMPANION_PREFIX)
    assert claims.room_config is None or not claims.room_config.agents, "it must not bring a second agent"
    grants = claims.video
    assert grants is not None
    assert (grants.room, grants.can_publish, grants.can_publish_data) == (session.room_name, False, True)
    # It sees what the call shows, and asks for the next one itself: so a reload does.
    screen = await api.http.get(f"/v1/sessions/{session.session_id}/screen", headers=mine(second))
    assert screen.status_code == 200
    assert (await api.http.post(path, headers=mine(second))).status_code == 201
    other = await started(api)
    assert (await api.http.post(path, headers=mine(other))).status_code == 403
    assert (await api.http.post(path)).status_code == 401
    await api.http.post(f"/v1/sessions/{session.session_id}/end", headers=mine(session))
    over = await api.http.post(path, headers=mine(second))
    assert (over.status_code, over.json()["type"]) == (409, "/problems/conflict")


async def test_a_restart_takes_up_running_sessions(start: Any, media: Any) -> None:
    async with start(media=media) as api:
        session = await started(api)
        media.join(session.room_name, "user-1")
        await until(api, session, "dispatched")
    async with start(media=media) as api:
        assert len(api.services.watch) == 1
        media.join(session.room_name, "agent-1", agent=True, ready=True)
        await until(api, session, "ready")
        ended = await api.http.post(f"/v1/sessions/{session.session_id}/end", headers=mine(session))
        assert ended.json()["verdict"] == "ended"
    async with start(media=media) as api:
        assert (await status(api, session)).verdict == "ended"
        assert len(api.services.watch) == 0


@pytest.mark.parametrize("path", ["", "/turns", "/summary", "/end", "/dispatch", "/companions"])
async def test_unknown_sessions_are_not_found(api: Any, path: str) -> None:
    method = "POST" if path in ("/end", "/dispatch", "/companions") else "GET"
    headers = agent_headers("room")
    response = await api.http.request(method, f"/v1/sessions/{'x' * 24}{path}", headers=headers)
    assert response.status_code == 404
    assert response.json()["type"] == "/problems/not-found"


async def test_a_token_that_nobody_uses_costs_nothing(api: Any) -> None:
    """A front end mints one at every load of its page."""
    asked = 0
    look, rooms = api.media.look, api.media.rooms_open

    async def counted(*args: Any, **words: Any) -> Any:
        nonlocal asked
        asked += 1
        return await look(*args, **words)

    async def listed() -> Any:
        nonlocal asked
        asked += 1
        return await rooms()

    api.media.look, api.media.rooms_open = counted, listed
    for _ in range(30):
        await started(api)
    await api.services.lifecycle.reconcile()
    assert (asked, len(api.services.watch)) == (0, 0)
    assert (await api.http.get("/status")).json()["active_connections"] == 0


async def test_more_sessions_than_can_be_watched_are_put_off(start: Any) -> None:
    async with start(watch=WatchTimings(sessions_max=1)) as api:
        first, second = await started(api), await started(api)
        for session in (first, second):
            api.media.join(session.room_name, "user-1")
        await until(api, first, "dispatched")
        response = await api.http.get(f"/v1/sessions/{second.session_id}", headers=mine(second))
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
