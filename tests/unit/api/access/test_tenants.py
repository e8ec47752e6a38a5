"""Tenants are real: what belongs to one does not exist for another, on any route."""

from typing import Any

import pytest
from credentials import OPERATOR_KEY, bearer, key, operator, participant

SCOPES = ("calls", "search", "records", "erase", "manage")


@pytest.fixture
async def api(start: Any) -> Any:
    async with start(tenants={"acme": {}, "other": {}}, operator_keys=(OPERATOR_KEY,)) as running:
        yield running


async def test_no_route_shows_or_changes_what_belongs_to_another_tenant(api: Any) -> None:
    acme = bearer((await key(api.http, *SCOPES, tenant="acme"))["secret"])
    other = bearer((await key(api.http, *SCOPES, tenant="other"))["secret"])
    session = (await api.http.post("/v1/sessions", headers=acme)).json()
    hook = (
        await api.http.post(
            "/v1/webhooks", json={"url": "http://127.0.0.1:9/x", "events": ["call.ended"]}, headers=acme
        )
    ).json()
    made = (await api.http.post("/v1/keys", json={"name": "x", "scopes": ["search"]}, headers=acme)).json()
    one, call = f"/v1/sessions/{session['session_id']}", f"/v1/calls/{session['session_id']}"
    routes = [
        ("GET", one),
        ("POST", f"{one}/end"),
        ("POST", f"{one}/dispatch"),
        ("GET", f"{one}/turns"),
        ("GET", f"{one}/summary"),
        ("GET", call),
        ("GET", f"{call}/timeline"),
        ("POST", f"{call}/erase"),
        ("POST", f"/v1/keys/{made['id']}/rotate"),
        ("POST", f"/v1/keys/{made['id']}/revoke"),
        ("POST", f"/v1/webhooks/{hook['id']}/remove"),
        ("GET", f"/v1/webhooks/{hook['id']}/deliveries"),
        ("POST", f"/v1/webhooks/{hook['id']}/deliveries/msg_1/replay"),
    ]
    for method, path in routes:
        assert (await api.http.request(method, path, headers=other)).status_code == 404, path
    for path, name in (("/v1/calls", "calls"), ("/v1/keys", "keys"), ("/v1/webhooks", "webhooks")):
        found = (await api.http.get(path, headers=other)).json()[name]
        assert {entry["tenant"] for entry in found} <= {"other"}, path
    exported = await api.http.get("/v1/calls/export", headers=other)
    assert session["session_id"] not in exported.text
    for path in ("/v1/calls", "/v1/calls/export", "/v1/calls/outcomes"):
        assert (await api.http.get(path, params={"tenant": "acme"}, headers=other)).status_code == 403
        assert (await api.http.get(path, params={"tenant": "acme"}, headers=operator())).status_code == 200
    assert (await api.http.get(call, headers=acme)).json()["tenant"] == "acme"
    assert (await api.http.get(one, headers=acme)).status_code == 200, "whoever started it sees it"


async def test_a_caller_without_records_sees_only_its_own_calls(api: Any) -> None:
    first = bearer((await key(api.http, "calls", tenant="acme"))["secret"])
    second = bearer((await key(api.http, "calls", tenant="acme"))["secret"])
    session = (await api.http.post("/v1/sessions", headers=first)).json()
    path = f"/v1/sessions/{session['session_id']}"
    assert (await api.http.get(path, headers=first)).status_code == 200
    assert (await api.http.get(path, headers=second)).status_code == 404
    assert (await api.http.get(path, headers=participant(session))).status_code == 200


async def test_a_tenant_that_keeps_nothing_keeps_nothing(start: Any) -> None:
    async with start(tenants={"mute": {"retention_days": 0}}, operator_keys=(OPERATOR_KEY,)) as api:
        headers = bearer((await key(api.http, "calls", tenant="mute"))["secret"])
        body = {"consent": {"store_turns": True}}
        session = (await api.http.post("/v1/sessions", json=body, headers=headers)).json()
        record = await api.services.sessions.record(session["session_id"])
        assert not record.keeps_turns
