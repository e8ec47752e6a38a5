"""The record of a call: from its agent alone, each event once, priced, listed, exported."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from credentials import OPERATOR_KEY, agent, bearer, key, operator, participant

from api.calls.pricing import micros
from contracts.records import UsageEvent

AT = "2026-11-28T10:00:00Z"


@pytest.fixture
async def api(start: Any) -> Any:
    async with start(operator_keys=(OPERATOR_KEY,), tenants={"acme": {}}) as running:
        yield running


def usage(number: int = 1, model: str = "gpt-4.1-mini", **counts: int) -> dict[str, Any]:
    counts = counts or {"input_tokens": 1000, "output_tokens": 500}
    return {
        "id": f"u{number}",
        "at": AT,
        "kind": "usage",
        "stage": "llm",
        "provider": "openai",
        "model": model,
        **counts,
    }


def answered(number: int = 1, wait: int = 900) -> dict[str, Any]:
    return {
        "id": f"t{number}",
        "at": AT,
        "kind": "turn",
        "turn_id": f"turn-{number}",
        "pipeline": "cascade",
        "language": "de",
        "times": {"first_audio_ms": wait, "provider_ms": wait - 60},
    }


TOOL = {
    "id": "s1",
    "at": AT,
    "kind": "tool",
    "name": "search_flights",
    "arguments": {"origin": "Sankt Planted"},
    "outcome": "ok",
    "ms": 800,
}


async def started(api: Any, *, keep: bool = True, headers: dict[str, str] | None = None) -> dict[str, Any]:
    body = {"consent": {"store_turns": keep, "version": "2026-11", "language": "de"}}
    made: dict[str, Any] = (await api.http.post("/v1/sessions", json=body, headers=headers or {})).json()
    return made


async def report(api: Any, session: dict[str, Any], *events: dict[str, Any]) -> Any:
    path = f"/v1/sessions/{session['session_id']}/events"
    return await api.http.post(path, json={"events": events}, headers=agent(session["room_name"]))


async def test_a_call_is_what_its_agent_reports(api: Any) -> None:
    session = await started(api)
    failure = {"id": "f1", "at": AT, "kind": "failure", "stage": "tts", "reason": "timed out", "recovered": True}
    response = await report(api, session, answered(1), answered(2, 2400), TOOL, failure, usage(1))
    assert (response.status_code, response.json()["seconds_left"]) == (200, None)
    ended = {"id": "e1", "at": AT, "kind": "ended", "reason": "silence"}
    assert (await report(api, session, ended)).status_code == 200
    await api.http.post(f"/v1/sessions/{session['session_id']}/end", headers=participant(session))
    call = (await api.http.get(f"/v1/calls/{session['session_id']}", headers=operator())).json()
    expected = {"turns": 2, "searches": 1, "failures": 1, "slowest_ms": 2400, "language": "de", "end_reason": "silence"}
    assert {name: call[name] for name in expected} == expected
    assert call["usd"] == "0.001200"
    assert call["usage"][0]["usd"] == "0.001200"
    assert (call["consent"]["version"], call["consent"]["language"]) == ("2026-11", "de")
    kinds = [
        entry["kind"]
        for entry in (await api.http.get(f"/v1/calls/{session['session_id']}/timeline", headers=operator())).json()[
            "entries"
        ]
    ]
    assert {"created", "turn", "tool", "failure", "usage", "ended"} <= set(kinds)


async def test_an_event_counts_once(api: Any) -> None:
    session = await started(api)
    for _ in range(2):
        assert (await report(api, session, usage(1), usage(1), answered(1))).status_code == 200
    call = (await api.http.get(f"/v1/calls/{session['session_id']}", headers=operator())).json()
    assert (call["usd"], call["turns"]) == ("0.001200", 1)


@pytest.mark.parametrize("keep", [True, False])
async def test_where_somebody_travels_is_kept_by_consent_only(api: Any, keep: bool) -> None:
    session = await started(api, keep=keep)
    await report(api, session, TOOL)
    async with api.services.database.engine.connect() as connection:
        rows = str((await connection.exec_driver_sql("SELECT * FROM call_events")).all())
    assert ("Sankt Planted" in rows) is keep


async def test_only_the_agent_of_the_room_reports(api: Any) -> None:
    mine, other = await started(api), await started(api)
    path = f"/v1/sessions/{mine['session_id']}/events"
    body = {"events": [answered()]}
    everything = bearer((await key(api.http, "calls", "search", "records", "erase", "manage"))["secret"])
    for headers, expected in (
        ({}, 401),
        (participant(mine), 403),
        (participant(other), 403),
        (agent(other["room_name"]), 403),
        (everything, 403),
        (operator(), 403),
        (agent(mine["room_name"]), 200),
    ):
        assert (await api.http.post(path, json=body, headers=headers)).status_code == expected


async def test_turns_are_the_agents_alone_and_bounded(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await started(api)
    path = f"/v1/sessions/{session['session_id']}/turns"
    turn = {"id": "t", "role": "assistant", "text": "x", "language": "en", "modality": "text", "started_at": AT}
    assert (await api.http.post(path, json=turn, headers=participant(session))).status_code == 403
    headers = agent(session["room_name"])
    for change in ({"language": "e" * 200_000}, {"text": "x" * 8001}, {"id": "x" * 65}, {"role": "system"}):
        assert (await api.http.post(path, json=turn | change, headers=headers)).status_code == 422
    monkeypatch.setattr("api.sessions.repository.TURNS_MAX", 2)
    answers = [
        (await api.http.post(path, json=turn | {"id": f"t{number}"}, headers=headers)).status_code
        for number in range(3)
    ]
    assert answers == [201, 201, 409]


async def test_what_no_database_takes_is_dropped_from_words(api: Any) -> None:
    session = await started(api)
    path, headers = f"/v1/sessions/{session['session_id']}", agent(session["room_name"])
    turn = {
        "id": "t",
        "role": "user",
        "text": "Madrid\u0000 Berlin",
        "language": "en",
        "modality": "text",
        "started_at": AT,
    }
    assert (await api.http.post(f"{path}/turns", json=turn, headers=headers)).status_code == 201
    lone = (
        b'{"id":"u","role":"user","text":"\\ud800x","language":"en","modality":"text","started_at":"'
        + AT.encode()
        + b'"}'
    )
    sent = await api.http.post(f"{path}/turns", content=lone, headers=headers | {"Content-Type": "application/json"})
    assert sent.status_code in (201, 422)
    await api.http.post(f"{path}/end", headers=participant(session))
    await settled(api, session)
    summary = (await api.http.get(f"{path}/summary", headers=headers)).json()
    assert summary["status"] == "ready"
    assert "Madrid Berlin" in summary["text"]


async def settled(api: Any, session: dict[str, Any]) -> None:
    import asyncio  # noqa: PLC0415

    path = f"/v1/sessions/{session['session_id']}/summary"
    async with asyncio.timeout(30):
        while (await api.http.get(path, headers=participant(session))).json()["status"] == "pending":  # noqa: ASYNC110 - as a page asks
            await asyncio.sleep(0.01)


async def test_calls_are_listed_by_what_they_were(api: Any) -> None:
    made = [await started(api) for _ in range(5)]
    await report(api, made[0], answered(1, 3000))
    await report(
        api, made[1], {"id": "f", "at": AT, "kind": "failure", "stage": "llm", "reason": "x", "recovered": False}
    )
    turn = {
        "id": "t",
        "role": "user",
        "text": '50% off "Zürich"',
        "language": "de",
        "modality": "text",
        "started_at": AT,
    }
    path = f"/v1/sessions/{made[2]['session_id']}/turns"
    await api.http.post(path, json=turn, headers=agent(made[2]["room_name"]))

    async def found(**query: Any) -> set[int]:
        response = await api.http.get("/v1/calls", params=query, headers=operator())
        assert response.status_code == 200, response.text
        ids = [call["id"] for call in response.json()["calls"]]
        return {number for number, session in enumerate(made) if session["session_id"] in ids}

    assert await found() == {0, 1, 2, 3, 4}
    assert await found(slow=True) == {0}
    assert await found(failed=True) == {1}
    assert await found(failed=False) == {0, 2, 3, 4}
    assert await found(language="de") == {0}
    for needle in ("50% off", '"Zürich"', "OFF"):
        assert await found(text=needle) == {2}, needle
    for needle in ("5_%", "modality", "user"):
        assert await found(text=needle) == set(), needle
    assert await found(live=True) == set()
    assert await found(early=True) == set()
    for number in (3, 4):
        ready = {"kind": "ready", "room_name": made[number]["room_name"], "session_id": made[number]["session_id"]}
        await api.http.post("/v1/agent/reports", json=ready, headers=agent(made[number]["room_name"]))
    await api.http.post(f"/v1/sessions/{made[3]['session_id']}/end", headers=participant(made[3]))
    assert await found(early=True) == {3}, "it has begun, and was over at once; the other goes on"
    assert await found(early=False) == {0, 1, 2, 4}
    outcomes = (await api.http.get("/v1/calls/outcomes", headers=operator())).json()["outcomes"]
    assert sum(row["early"] for row in outcomes) == 1
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert await found(since=tomorrow) == set()
    assert (await api.http.get("/v1/calls", params={"since": "2026-11-28"}, headers=operator())).status_code == 422


async def test_versions_of_the_agent_stand_beside_each_other_in_the_same_figures(api: Any) -> None:
    made = [await started(api) for _ in range(4)]
    names = ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "bbbbbbbbbbbb", None)
    for number, (session, revision) in enumerate(zip(made, names, strict=True)):
        ready = {"kind": "ready", "room_name": session["room_name"], "session_id": session["session_id"]}
        await api.http.post("/v1/agent/reports", json=ready, headers=agent(session["room_name"]))
        waits = (800 + 400 * number, None)
        events = [
            {
                "kind": "models",
                "models": [{"stage": "chat", "provider": "openai", "model": "m"}],
                "revision": revision,
            },
            *(
                {
                    "kind": "turn",
                    "turn_id": f"t{at}",
                    "pipeline": "cascade",
                    "language": "es",
                    "times": {"first_audio_ms": wait},
                }
                for at, wait in enumerate(waits)
            ),
            {"kind": "tool", "name": "search_flights", "outcome": "ok" if number else "failed", "ms": 5},
            {"kind": "interruption", "by": "voice"},
        ]
        body = {"events": [{"id": f"e{number}{at}", "at": AT, **event} for at, event in enumerate(events)]}
        path = f"/v1/sessions/{session['session_id']}/events"
        assert (await api.http.post(path, json=body, headers=agent(session["room_name"]))).status_code == 200

    async def asked(path: str, **query: Any) -> Any:
        return (await api.http.get(path, params=query, headers=operator())).json()

    revisions = {one["revision"]: one for one in (await asked("/v1/calls/revisions"))["revisions"]}
    assert set(revisions) == {"aaaaaaaaaaaa", "bbbbbbbbbbbb", None}
    first, second = revisions["aaaaaaaaaaaa"], revisions["bbbbbbbbbbbb"]
    assert (first["calls"], first["turns"], first["by_reason"]) == (2, 4, {"live": 2})
    assert (first["first_audio_ms_p50"], first["first_audio_ms_p95"]) == (800, 1200)
    assert (first["tools"], first["tools_failed"], first["interruptions"]) == (2, 1, 2)
    assert (second["first_audio_ms_p50"], second["tools_failed"], second["usd_per_call"]) == (1600, 0, "0.000000")
    only = await asked("/v1/calls", revision="bbbbbbbbbbbb")
    assert [(call["id"], call["revision"]) for call in only["calls"]] == [(made[2]["session_id"], "bbbbbbbbbbbb")]
    german = (await asked("/v1/calls/revisions", language="de"))["revisions"]
    assert german == []
    refused = await api.http.get("/v1/calls", params={"revision": "no/such name"}, headers=operator())
    assert refused.status_code == 422


async def test_pages_follow_one_another_without_gap_or_repeat(api: Any) -> None:
    made = [(await started(api))["session_id"] for _ in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await api.http.get("/v1/calls", params=query, headers=operator())).json()
        seen += [call["id"] for call in page["calls"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]
    for wrong in ("x", "AAAA", "MjAyNi0xMS0yOHx4"):
        response = await api.http.get("/v1/calls", params={"cursor": wrong}, headers=operator())
        assert response.json()["errors"][0]["field"] == "cursor"


async def test_the_export_is_a_file_that_no_spreadsheet_runs(api: Any) -> None:
    await started(api)
    response = await api.http.get("/v1/calls/export", params={"format": "csv"}, headers=operator())
    (row,) = csv.DictReader(io.StringIO(response.text))
    assert row["tenant"] == "default"
    assert row["caller"] == "address", "an address is nobody's business"
    assert "attachment" in response.headers["content-disposition"]
    assert len((await api.http.get("/v1/calls/export", headers=operator())).json()) == 1


def test_money_is_counted_where_a_price_is_known_and_said_to_be_unknown_elsewhere() -> None:
    def cost(model: str, **counts: int) -> int | None:
        return micros(UsageEvent.model_validate(usage(1, model, **counts)))

    assert cost("gpt-4.1-mini", input_tokens=1000, output_tokens=500) == 1200
    assert cost("openai/gpt-4.1-mini", input_tokens=1000, output_tokens=500) == 1200
    by_host = usage(1, "gpt-4.1-mini", input_tokens=1000, output_tokens=500) | {"provider": "api.openai.com"}
    assert micros(UsageEvent.model_validate(by_host)) == 1200
    elsewhere = by_host | {"provider": "127.0.0.1:8090"}
    assert micros(UsageEvent.model_validate(elsewhere)) is None
    cached = cost("gpt-4.1-mini", input_tokens=1000, cached_input_tokens=1000)
    assert cached is not None
    assert cached < 400
    audio = cost("gpt-realtime", input_tokens=1000, input_audio_tokens=1000)
    text = cost("gpt-realtime", input_tokens=1000)
    assert audio is not None
    assert text is not None
    assert audio > 5 * text
    assert cost("no-such-model", input_tokens=5) is None
    assert cost("gpt-4.1-mini", characters=100) is None


async def test_calls_are_listed_by_the_pipeline_that_they_began_in(api: Any) -> None:
    begun = {}
    for pipeline in ("cascade", "text"):
        answer = await api.http.post("/v1/sessions", json={"pipeline": pipeline})
        begun[pipeline] = answer.json()["session_id"]
    for pipeline, session in begun.items():
        found = await api.http.get("/v1/calls", params={"pipeline": pipeline}, headers=operator())
        assert [call["id"] for call in found.json()["calls"]] == [session]
    assert (await api.http.get("/v1/calls?pipeline=realtime", headers=operator())).json()["calls"] == []
    assert (await api.http.get("/v1/calls?pipeline=fast", headers=operator())).status_code == 422
