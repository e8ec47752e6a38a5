"""Erasing is proven by a search for a planted name; what is too old goes by itself."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
import time_machine
from credentials import OPERATOR_KEY, agent, bearer, key, operator, participant
from sqlalchemy import inspect
from valkey.asyncio import Valkey

from api import logs
from api.privacy.settings import Retention
from api.watch.watcher import MediaEvent

PLANTED = "Xanthippe Quillfeather"
AT = "2026-11-28T10:00:00Z"


async def everywhere(api: Any, *, memory: bool = True) -> str:
    """All that the database and Valkey hold, as text; the tables of jobs and of idempotent answers are among them."""
    found = []
    async with api.services.database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert {"jobs", "idempotency", "turns", "call_events"} <= set(tables)
        for table in tables:
            rows = (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()  # noqa: S608
            found += map(str, rows)
    if (url := api.services.settings.valkey_url) and memory:
        async with Valkey.from_url(url.get_secret_value(), decode_responses=True) as valkey:
            async for name in valkey.scan_iter():
                found += [name, str(await _value(valkey, name))]
    return "\n".join(found)


async def _value(valkey: Valkey, name: str) -> Any:
    match await valkey.type(name):
        case "hash":
            return await valkey.hgetall(name)
        case "list":
            return await valkey.lrange(name, 0, -1)
        case "set":
            return await valkey.smembers(name)
        case "zset":
            return await valkey.zrange(name, 0, -1)
        case _:
            return await valkey.get(name)


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
        async with asyncio.timeout(30):
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


async def test_what_the_media_server_says_of_an_erased_call_is_kept_nowhere(api: Any) -> None:
    """The room closes while the call is erased, and after it: its name must not come back with the last webhooks."""
    session = await call(api, end=False)
    room = session["room_name"]
    api.media.join(room, "user-1")

    async def closing() -> None:
        for number, kind in enumerate(("participant_left", "track_unpublished", "participant_left", "room_finished")):
            event = MediaEvent(f"EV_{number}", room, kind, "user-1", is_agent=False)
            await api.services.lifecycle.happened(event)
            await asyncio.sleep(0)

    erased, _ = await asyncio.gather(
        api.http.post("/v1/privacy/erase", json={"receipt": session["receipt"]}), closing()
    )
    assert erased.status_code == 200
    await api.services.lifecycle.happened(MediaEvent("EV_late", room, "room_finished", "", is_agent=False))
    assert room not in await everywhere(api)


async def test_without_consent_nothing_that_was_said_is_in_the_database_at_any_time(api: Any) -> None:
    session = await call(api, keep=False, end=False)
    assert PLANTED not in await everywhere(api, memory=False)
    api.media.join(session["room_name"], "user-1")
    await api.http.post(f"/v1/sessions/{session['session_id']}/end", headers=participant(session))
    assert PLANTED not in await everywhere(api), "what a replaced agent would have needed is gone with the call"


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


async def test_no_log_line_holds_what_was_said_or_opens_a_call(start: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """From the first request to the erasure, everything down to DEBUG, libraries' lines included."""
    structlog.reset_defaults()
    logs.configure("DEBUG")
    engine = logging.getLogger("sqlalchemy.engine")
    before = engine.level
    engine.setLevel(logging.INFO)
    try:
        async with start(operator_keys=(OPERATOR_KEY,)) as api:
            session = await call(api)
            await api.http.get("/v1/calls", params={"text": PLANTED}, headers=operator())
            await api.http.post("/v1/privacy/erase", json={"receipt": session["receipt"]})
            await api.http.post("/v1/privacy/erase", json={"receipt": f"{PLANTED}{session['receipt']}"})
    finally:
        logging.getLogger().handlers.clear()
        logging.getLogger().setLevel(logging.WARNING)
        engine.setLevel(before)
    written = "".join(capfd.readouterr())
    assert "/v1/privacy/erase" in written
    for secret in (PLANTED, session["session_id"], session["receipt"], session["participant_token"], OPERATOR_KEY):
        assert secret not in written
