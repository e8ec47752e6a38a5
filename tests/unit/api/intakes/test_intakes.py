"""A patient's words are kept by consent, readable by the patient and the clinic, erased by the receipt, and in no log."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from credentials import OPERATOR_KEY, agent, bearer, key, operator, participant
from sqlalchemy import text

from api import logs
from api.privacy.settings import Retention
from contracts.personas import PERSONAS, PersonaEntry

PLANTED = "Quillfeather"
INTAKE = {
    "consented_at": "2026-11-28T10:00:00Z",
    "language": "es",
    "given_name": "Ana",
    "family_name": PLANTED,
    "date_of_birth": "1984-05-03",
    "phone": "+34600111222",
    "symptoms": [{"what": "dolor de rodilla", "since": "dos semanas", "severity": 4}],
    "asked": ["symptoms"],
}


@pytest.fixture
async def api(start: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(PERSONAS, "intake", PERSONAS.get("intake") or PersonaEntry(title="x"))  # type: ignore[arg-type]
    async with start(operator_keys=(OPERATOR_KEY,), personas=("flights", "intake")) as running:
        yield running


async def a_call(api: Any, **body: Any) -> dict[str, Any]:
    session: dict[str, Any] = (await api.http.post("/v1/sessions", json={"persona": "intake", **body})).json()
    return session


async def kept(api: Any, session: dict[str, Any], **changes: Any) -> Any:
    path = f"/v1/sessions/{session['session_id']}/intake"
    return await api.http.put(path, json={**INTAKE, **changes}, headers=agent(session["room_name"]))


async def rows(api: Any) -> str:
    async with api.services.database.engine.connect() as connection:
        found = []
        for table in ("intakes", "idempotency", "jobs", "webhook_deliveries", "call_events", "turns"):
            found += (await connection.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608
    return str(found)


async def test_the_agent_keeps_it_and_the_patient_and_the_clinic_read_it(api: Any) -> None:
    session = await a_call(api)
    path = f"/v1/sessions/{session['session_id']}/intake"
    assert (await api.http.get(path, headers=participant(session))).status_code == 404
    assert (await kept(api, session)).status_code == 200
    assert (await kept(api, session, status="complete")).status_code == 200
    reader = await key(api.http, "records")
    for who in (participant(session), bearer(reader["secret"])):
        answer = await api.http.get(path, headers=who)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["intake"]["family_name"] == PLANTED
        assert answer.json()["intake"]["status"] == "complete"


async def test_nobody_else_reads_or_writes_it(api: Any) -> None:
    session, other = await a_call(api), await a_call(api)
    path = f"/v1/sessions/{session['session_id']}/intake"
    await kept(api, session)
    caller = await key(api.http, "calls", "search")
    foreign = await key(api.http, "records", tenant="other") if "other" in api.services.settings.tenants else caller
    for who, status in (
        ({}, 401),
        (participant(other), 403),
        (agent(other["room_name"]), 403),
        (bearer(caller["secret"]), 404),
        (bearer(foreign["secret"]), 404),
    ):
        assert (await api.http.get(path, headers=who)).status_code == status
    for who, status in (({}, 401), (participant(session), 403), (operator(), 403), (agent(other["room_name"]), 403)):
        assert (await api.http.put(path, json=INTAKE, headers=who)).status_code == status


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"consented_at": None}, "consented_at"),
        ({"language": "tlh"}, "language"),
        ({"phone": "call me"}, "phone"),
        ({"diagnosis": "flu"}, "diagnosis"),
        ({"symptoms": [{"what": "x", "severity": 11}]}, "symptoms.0.severity"),
        ({"symptoms": [{"what": "x"}] * 31}, "symptoms"),
    ],
)
async def test_what_is_no_intake_is_refused_by_name_without_its_words(
    api: Any, change: dict[str, Any], field: str
) -> None:
    answer = await kept(api, await a_call(api), **change)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert PLANTED not in answer.text


async def test_a_call_that_is_no_intake_keeps_none(start: Any) -> None:
    async with start() as api:
        session = (await api.http.post("/v1/sessions", json={})).json()
        assert (await kept(api, session)).status_code == 403


async def test_the_receipt_code_exports_and_erases_it(api: Any) -> None:
    session = await a_call(api)
    await kept(api, session)
    body = {"receipt": session["receipt"]}
    exported = (await api.http.post("/v1/privacy/export", json=body)).json()
    assert exported["intake"]["intake"]["symptoms"][0]["what"] == "dolor de rodilla"
    erased = (await api.http.post("/v1/privacy/erase", json=body)).json()
    assert erased["rows"]["intakes"] == 1
    assert PLANTED not in await rows(api)
    # What was on its way comes after it, and is kept nowhere.
    assert (await kept(api, session)).status_code in {403, 404}
    assert PLANTED not in await rows(api)


async def test_it_goes_by_itself_after_its_own_time_and_its_receipt_works_until_then(start: Any, api: Any) -> None:
    del api
    retention = Retention(intakes_days=40, records_days=1, turns_days=1)
    async with start(operator_keys=(OPERATOR_KEY,), personas=("intake",), retention=retention) as running:
        session = await a_call(running)
        await kept(running, session)
        await running.http.post(f"/v1/sessions/{session['session_id']}/end", headers=participant(session))
        service, body = running.services.privacy, {"receipt": session["receipt"]}
        with time_machine.travel(datetime.now(UTC) + timedelta(days=39), tick=False):
            await service.clean_up({})
            assert (await running.http.post("/v1/privacy/export", json=body)).json()["intake"]
        with time_machine.travel(datetime.now(UTC) + timedelta(days=41), tick=False):
            await service.clean_up({})
            assert (await running.http.post("/v1/privacy/export", json=body)).status_code == 404
        assert PLANTED not in await rows(running)


async def test_no_line_of_the_log_has_a_word_of_it(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    logs.configure("DEBUG")
    with caplog.at_level(logging.DEBUG):
        session = await a_call(api)
        await kept(api, session)
        await kept(api, session, symptoms=[{"what": PLANTED, "severity": 99}])
        await api.http.get(f"/v1/sessions/{session['session_id']}/intake", headers=participant(session))
        await api.http.post("/v1/privacy/erase", json={"receipt": session["receipt"]})
    for word in (PLANTED, "rodilla", "1984", "600111222"):
        assert word not in caplog.text
