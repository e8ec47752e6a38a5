"""A request that is sent again does its work once; nobody else gets its answer."""

import asyncio
from typing import Any

import pytest
from credentials import OPERATOR_KEY, bearer, key, operator

GOOD = {"Idempotency-Key": "a-fresh-key-1"}


@pytest.fixture
async def api(start: Any) -> Any:
    async with start(operator_keys=(OPERATOR_KEY,)) as running:
        yield running


@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/sessions/start", "/v1/token", "/api/livekit/token"])
async def test_the_same_request_gets_the_same_answer(api: Any, path: str) -> None:
    first = await api.http.post(path, headers=GOOD, json={})
    again = await api.http.post(path, headers=GOOD, json={})
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert (await api.http.post(path, json={})).json() != first.json()


async def test_one_key_belongs_to_one_request_of_one_caller(api: Any) -> None:
    first = await api.http.post("/v1/sessions", headers=GOOD, json={"language": "de"})
    other = await api.http.post("/v1/sessions", headers=GOOD, json={"language": "fr"})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    mine = bearer((await key(api.http, "calls"))["secret"])
    someone = await api.http.post("/v1/sessions", headers=GOOD | mine, json={"language": "de"})
    assert someone.json()["session_id"] != first.json()["session_id"]


async def test_at_the_same_time_only_one_does_the_work(api: Any) -> None:
    answers = await asyncio.gather(*(api.http.post("/v1/sessions", headers=GOOD, json={}) for _ in range(5)))
    done = {answer.json()["session_id"] for answer in answers if answer.status_code == 201}
    assert len(done) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}


async def test_a_refused_request_may_be_sent_again(api: Any) -> None:
    bad = await api.http.post("/v1/sessions", headers=GOOD, json={"language": "xx"})
    assert bad.status_code == 422
    assert (await api.http.post("/v1/sessions", headers=GOOD, json={})).status_code == 201


async def test_answers_hold_secrets_and_are_sealed(api: Any) -> None:
    body = {"name": "x", "scopes": ["search"]}
    made = (await api.http.post("/v1/keys", json=body, headers=GOOD | operator())).json()
    again = (await api.http.post("/v1/keys", json=body, headers=GOOD | operator())).json()
    assert again == made
    async with api.services.database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM idempotency")).all()
    assert rows
    assert made["secret"].encode() not in b"".join(row.answer for row in rows)


async def test_a_revoked_key_gets_no_old_answers(api: Any) -> None:
    made = await key(api.http, "calls")
    headers = GOOD | bearer(made["secret"])
    assert (await api.http.post("/v1/sessions", headers=headers, json={})).status_code == 201
    await api.http.post(f"/v1/keys/{made['id']}/revoke", headers=operator())
    assert (await api.http.post("/v1/sessions", headers=headers, json={})).status_code == 401


@pytest.mark.parametrize("wrong", ["short", "x" * 129, "with space in it", "ünïcode-key"])
async def test_what_is_no_key_is_refused(api: Any, wrong: str) -> None:
    headers = [(b"Idempotency-Key", wrong.encode("latin-1"))]
    response = await api.http.post("/v1/sessions", headers=headers)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
