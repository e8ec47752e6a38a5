"""API keys: hashed, scoped, ended at once, and never given rights that their maker has not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from credentials import OPERATOR_KEY, bearer, key, operator

ACME = {"tenants": {"acme": {}, "other": {}}, "operator_keys": (OPERATOR_KEY,)}


@pytest.fixture
async def api(start: Any) -> Any:
    async with start(**ACME) as running:
        yield running


async def test_a_key_opens_what_its_scopes_say_and_nothing_else(api: Any) -> None:
    made = await key(api.http, "records")
    headers = bearer(made["secret"])
    assert (await api.http.get("/v1/calls", headers=headers)).status_code == 200
    for method, path in (("GET", "/v1/keys"), ("GET", "/v1/webhooks"), ("POST", "/v1/sessions")):
        response = await api.http.request(method, path, headers=headers)
        assert response.status_code == 403, path
        assert "scope" in response.json()["detail"]


async def test_a_secret_is_shown_once_and_not_stored(api: Any) -> None:
    made = await key(api.http, "calls")
    listed = await api.http.get("/v1/keys", headers=operator())
    assert made["secret"] not in listed.text
    async with api.services.database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM api_keys")).all()
    # Its third part may hold an underscore of its own.
    assert made["secret"].split("_", 2)[2] not in str(rows)


async def test_a_revoked_key_ends_at_once(api: Any) -> None:
    made = await key(api.http, "records")
    headers = bearer(made["secret"])
    assert (await api.http.get("/v1/calls", headers=headers)).status_code == 200
    assert (await api.http.post(f"/v1/keys/{made['id']}/revoke", headers=operator())).status_code == 200
    assert (await api.http.get("/v1/calls", headers=headers)).status_code == 401


async def test_an_expired_key_opens_nothing(api: Any) -> None:
    made = await key(api.http, "records", expires_in_days=1)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1, minutes=1), tick=True):
        assert (await api.http.get("/v1/calls", headers=bearer(made["secret"]))).status_code == 401


async def test_a_rotated_key_goes_on_for_the_overlap(api: Any) -> None:
    old = await key(api.http, "records")
    body = {"overlap_hours": 2}
    new = (await api.http.post(f"/v1/keys/{old['id']}/rotate", json=body, headers=operator())).json()
    assert (new["scopes"], new["replaces"]) == (old["scopes"], old["id"])
    for secret in (old["secret"], new["secret"]):
        assert (await api.http.get("/v1/calls", headers=bearer(secret))).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=3), tick=True):
        assert (await api.http.get("/v1/calls", headers=bearer(old["secret"]))).status_code == 401
        assert (await api.http.get("/v1/calls", headers=bearer(new["secret"]))).status_code == 200


@pytest.mark.parametrize("secret", ["plg_", "plg_000000000000_x", "plg_" + "a" * 200, "plg_000000000000", "x", "a.b.c"])
async def test_what_is_no_key_opens_nothing(api: Any, secret: str) -> None:
    response = await api.http.get("/v1/calls", headers=bearer(secret))
    assert response.status_code == 401
    assert secret not in response.text or len(secret) < 4


async def test_nobody_gives_rights_that_are_not_theirs(api: Any) -> None:
    manager = bearer((await key(api.http, "manage", "search", tenant="acme"))["secret"])
    cases = [
        ({"name": "x", "scopes": ["search"]}, 201),
        ({"name": "x", "scopes": ["records"]}, 403),
        ({"name": "x", "scopes": ["operate"]}, 422),
        ({"name": "x", "scopes": ["search"], "tenant": "other"}, 403),
        ({"name": "x", "scopes": ["search"], "tenant": "nobody"}, 403),
        ({"name": "", "scopes": ["search"]}, 422),
        ({"name": "x", "scopes": []}, 422),
        ({"name": "x\u0000", "scopes": ["search"]}, 422),
    ]
    for body, expected in cases:
        response = await api.http.post("/v1/keys", json=body, headers=manager)
        assert response.status_code == expected, (body, response.text)


async def test_keys_of_another_tenant_do_not_exist(api: Any) -> None:
    theirs = await key(api.http, "search", tenant="other")
    manager = bearer((await key(api.http, "manage", tenant="acme"))["secret"])
    listed = (await api.http.get("/v1/keys", headers=manager)).json()["keys"]
    assert {one["tenant"] for one in listed} == {"acme"}
    for action in ("rotate", "revoke"):
        assert (await api.http.post(f"/v1/keys/{theirs['id']}/{action}", headers=manager)).status_code == 404


async def test_the_operators_key_may_be_replaced_with_overlap(start: Any) -> None:
    second = "another-operator-key-of-thirty-two-bytes"
    async with start(operator_keys=(OPERATOR_KEY, second)) as api:
        for secret in (OPERATOR_KEY, second):
            assert (await api.http.get("/v1/keys", headers=bearer(secret))).status_code == 200
