"""Erasing is proven by a search for a planted name; what is too old goes by itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from credentials import OPERATOR_KEY, agent, bearer, key, operator, participant

from api.privacy.settings import Retention

PLANTED = "Xanthippe Quillfeather"
AT = "2026-11-28T10:00:00Z"
EVERY_TABLE = "SELECT name FROM sqlite_master WHERE type = 'table'"


async def everywhere(api: Any) -> str:
    """All that the database holds, as text."""
    found = []
    async with api.services.database.engine.connect() as connection:
        for (table,) in (await connection.exec_driver_sql(EVERY_TABLE)).all():
            found.append(str((await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()))  # noqa: S608
    return "\n".join(found)


async def call(api: Any, *, keep: bool = True, end: bool = True) -> dict[str, Any]:
    body = {"consent": {"store_turns": keep}}
    session: dict[str, Any] = (await api.http.post("/v1/sessions", json=body)).json()
    path, headers = f"/v1/sessions/{session['session_id']}", agent(session["room_name"])
    turn = {"id": "t", "role": "user", "text": PLANTED, "language": "en", "modality": "text", "started_at": AT}
    await api.http.post(f"{path}/turns", json=turn, headers=headers)
    tool = {
        "id": "s",
        "at": AT,
        "kind": "tool",
        "name": "search",
        "arguments": {"who": PLANTED},
        "outcome": "ok",
        "ms": 1,
    }
    await api.http.post(f"{path}/events", json={"events": [tool]}, headers=headers)
    if end:
        api.media.join(session["room_name"], "user-1")
        await api.http.get(path, headers=participant(session))
        await api.http.post(f"{path}/end", headers=participant(session))
        async with asyncio.timeout(5):
            while (await api.http.get(f"{path}/summary", headers=headers)).json()["status"] == "pending":  # noqa: ASYNC110 - as a page asks
                await asyncio.sleep(0.01)
    return session


@pytest.fixture
async def api(start: Any) -> Any:
    async with start(operator_keys=(OPERATOR_KEY,)) as running:
        yield running


async def test_a_receipt_code_exports_and_erases_everything(api: Any) -> None:
    session = await call(api)
    assert PLANTED in await everywhere(api)
    spaced = " ".join(session["receipt"][start : start + 5].lower() for start in range(0, 20, 5))
    exported = await api.http.post("/v1/privacy/export", json={"receipt": spaced})
    body = exported.json()
    assert (body["turns"][0]["text"], body["summary"]["status"]) == (PLANTED, "ready")
    assert exported.headers["cache-control"] == "no-store"
    erased = await api.http.post("/v1/privacy/erase", json={"receipt": spaced})
    assert erased.json()["rows"]["turns"] == 1
    left = await everywhere(api)
    assert PLANTED not in left
    assert session["session_id"] not in left
    for path in ("export", "erase"):
        assert (await api.http.post(f"/v1/privacy/{path}", json={"receipt": spaced})).status_code == 404


async def test_a_running_call_is_ended_and_erased(api: Any) -> None:
    session = await call(api, end=False)
    api.media.join(session["room_name"], "user-1")
    assert (await api.http.post("/v1/privacy/erase", json={"receipt": session["receipt"]})).status_code == 200
    assert session["room_name"] not in api.media.rooms
    await asyncio.sleep(0.05)
    assert session["session_id"] not in await everywhere(api)


async def test_without_consent_nothing_that_was_said_is_in_the_database_at_any_time(api: Any) -> None:
    await call(api, keep=False, end=False)
    assert PLANTED not in await everywhere(api)


@pytest.mark.parametrize("code", ["", "A" * 20, "0" * 20, "A" * 19 + "1", "x" * 50])
async def test_codes_that_are_nobodys_open_nothing(api: Any, code: str) -> None:
    assert (await api.http.post("/v1/privacy/export", json={"receipt": code})).status_code in (404, 422)


async def test_codes_cannot_be_tried_for_long(start: Any) -> None:
    async with start(rate_receipts="3/minute") as api:
        answers = [
            (await api.http.post("/v1/privacy/export", json={"receipt": "ABCDEFGHJKLMNPQRSTUV"})).status_code
            for _ in range(5)
        ]
        assert answers == [404, 404, 404, 429, 429]


async def test_the_operator_erases_by_id_with_the_right_scope(api: Any) -> None:
    session = await call(api)
    path = f"/v1/calls/{session['session_id']}/erase"
    reader = bearer((await key(api.http, "records"))["secret"])
    assert (await api.http.post(path, headers=reader)).status_code == 403
    assert (await api.http.post(path, headers=operator())).status_code == 200
    assert PLANTED not in await everywhere(api)


async def test_what_is_too_old_goes_by_kind(start: Any) -> None:
    async with start(retention=Retention(turns_days=10, records_days=20), operator_keys=(OPERATOR_KEY,)) as api:
        session = await call(api)
        chore = api.services.jobs._work["clean_up"]
        for days, said, known in ((9, True, True), (11, False, True), (21, False, False)):
            with time_machine.travel(datetime.now(UTC) + timedelta(days=days), tick=True):
                await chore.do({})
            left = await everywhere(api)
            assert ((PLANTED in left), (session["session_id"] in left)) == (said, known), days
