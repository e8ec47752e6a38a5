"""What the desk shows beside calls: of the caller's own tenant, of all of them for the operator alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from credentials import AUDIENCE, ISSUER, OPERATOR_KEY, agent, bearer, key, operator, participant
from fare_search import DAY
from pydantic import SecretStr, ValidationError
from sqlalchemy import update

from api.access.settings import AccessSettings
from api.alerts.settings import AlertSettings
from api.budgets.settings import Budgets
from api.database.tables import JobRow, SessionRow
from contracts.models import REGISTRY

AT = "2026-11-28T10:00:00Z"

PAGES = ("models", "budgets", "alerts", "privacy")
KEPT = {"consent": {"store_turns": True, "version": "2026-11", "language": "de"}}
TURN = {"id": "t", "role": "user", "text": "Rom", "language": "de", "modality": "text", "started_at": AT}


@pytest.fixture
async def api(start: Any) -> Any:
    tenants = {"acme": {"calls": 1, "retention_days": 2}}
    mail = AlertSettings(smtp_url=SecretStr("smtp://127.0.0.1:9"), mail_from="flights@example.com")
    access = {"operator_keys": (OPERATOR_KEY,), "tenants": tenants}
    budgets = Budgets(tenant_daily_usd=Decimal(10))
    async with start(
        **access, fare_sources=("sample",), budgets=budgets, alerts=mail, page_url="http://127.0.0.1:1"
    ) as running:
        yield running


async def seen(api: Any, page: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = await api.http.get(f"/v1/desk/{page}", headers=headers or operator())
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def call_of(api: Any, tenant: str, *scopes: str) -> tuple[dict[str, Any], dict[str, str]]:
    headers = bearer((await key(api.http, *(scopes or ("calls", "records")), tenant=tenant))["secret"])
    session = (await api.http.post("/v1/sessions", json=KEPT, headers=headers)).json()
    return session, headers


async def begin(api: Any, session: dict[str, Any]) -> None:
    ready = {"kind": "ready", "room_name": session["room_name"], "session_id": session["session_id"]}
    answer = await api.http.post("/v1/agent/reports", json=ready, headers=agent(session["room_name"]))
    assert answer.status_code == 204


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_asks_for_the_right_to_read_records(api: Any, page: str) -> None:
    assert (await api.http.get(f"/v1/desk/{page}")).status_code == 401
    only_calls = bearer((await key(api.http, "calls", "join", "manage"))["secret"])
    assert (await api.http.get(f"/v1/desk/{page}", headers=only_calls)).status_code == 403


async def test_the_desk_is_told_how_to_sign_in_and_whose_credentials_it_has(api: Any, start: Any) -> None:
    assert (await api.http.get("/v1/desk/sign-in")).json() == {"oidc": None}
    assert (await api.http.get("/v1/desk/caller")).status_code == 401
    joins = bearer((await key(api.http, "join", tenant="acme"))["secret"])
    assert await seen(api, "caller", joins) == {"kind": "key", "tenant": "acme", "scopes": ["join"]}
    async with start(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, desk_client="desk", desk_scopes="openid email") as one:
        assert (await one.http.get("/v1/desk/sign-in")).json()["oidc"] == {
            "issuer": ISSUER,
            "client_id": "desk",
            "scopes": "openid email",
            "audience": AUDIENCE,
        }


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"desk_client": "desk"}, "POLYGLOT_OIDC_ISSUER"),
        ({"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "desk_origins": ("https://a.example/path",)}, "no origin"),
        ({"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "desk_scopes": "profile"}, "openid"),
        (
            {"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "desk_origins": ("https://a.example; script-src *",)},
            "no",
        ),
    ],
)
def test_a_sign_in_that_cannot_work_is_refused_at_the_start(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        AccessSettings(**changes)


async def test_only_the_desks_page_reaches_the_identity_provider(start: Any, tmp_path: Path) -> None:
    (tmp_path / "ui" / "desk").mkdir(parents=True)
    for folder in ("ui", "ui/desk"):
        (tmp_path / folder / "index.html").write_text("<!doctype html><title>page</title>")
    token = "https://acme.auth.example.com"
    access = {"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "desk_client": "desk", "desk_origins": (token,)}
    async with start(ui_dir=tmp_path / "ui", **access) as one:
        policies = {}
        for path in ("/", "/desk/", "/desk/index.html"):
            page = await one.http.get(path, headers={"Accept": "text/html"})
            policies[path] = page.headers["content-security-policy"].split("connect-src ")[1].split(";")[0]
    assert "login.example.com" not in policies["/"]
    for path in ("/desk/", "/desk/index.html"):
        assert policies[path].split()[-2:] == ["https://login.example.com", token]


async def test_models_are_those_that_calls_begin_with_and_end_when_their_provider_says(api: Any) -> None:
    before = await seen(api, "models")
    assert before["reported_at"] is None, "what calls would begin with, until one has said it"
    assert {one["stage"] for one in before["models"]} == set(REGISTRY.defaults)
    assert {one["by"][0] for one in before["models"]} == {"default"}
    session, headers = await call_of(api, "acme")
    await begin(api, session)
    models = [
        {"stage": "chat", "provider": "openai", "model": "gpt-4.1-mini"},
        {"stage": "chat", "provider": "openai", "model": "gpt-6-luna"},
        {"stage": "transcription", "provider": "azure", "model": "our-deployment"},
        {"stage": "chat", "provider": "one-of-another-version", "model": "x"},
    ]
    event = {"id": "m1", "at": AT, "kind": "models", "models": models}
    path = f"/v1/sessions/{session['session_id']}/events"
    answer = await api.http.post(path, json={"events": [event]}, headers=agent(session["room_name"]))
    assert answer.status_code == 200, answer.text
    found = await seen(api, "models", headers)
    assert found["reported_at"] == AT
    ending, *others = found["models"]
    assert (ending["model"], ending["shutdown"], ending["by"]) == ("gpt-4.1-mini", "2027-01-14", ["agent"])
    left = (datetime(2027, 1, 14, tzinfo=UTC).date() - datetime.now(UTC).date()).days
    assert (ending["days_left"], ending["soon"]) == (left, left <= 30)
    assert ending["replacement"] == "openai/gpt-6-luna"
    assert {one["model"]: one["shutdown"] for one in others} == {"gpt-6-luna": None, "our-deployment": None, "x": None}


async def test_budgets_tell_what_is_used_and_who_was_refused(api: Any) -> None:
    session, headers = await call_of(api, "acme")
    await begin(api, session)
    usage = {"id": "u", "at": AT, "kind": "usage", "stage": "llm", "provider": "openai", "model": "gpt-4.1-mini"}
    usage |= {"input_tokens": 1000, "output_tokens": 500}
    path = f"/v1/sessions/{session['session_id']}/events"
    await api.http.post(path, json={"events": [usage]}, headers=agent(session["room_name"]))
    assert (await api.http.post("/v1/sessions", json=KEPT, headers=headers)).status_code == 429
    own = await seen(api, "budgets", headers)
    assert [one["tenant"] for one in own["tenants"]] == ["acme"]
    acme = own["tenants"][0]
    uses = {use["limit"]: (use["used"], use["most"]) for use in acme["uses"]}
    assert uses == {"tenant_calls": (1, 1), "tenant_daily_calls": (1, 20_000), "tenant_daily_usd": (0.0012, 10)}
    assert acme["refused"] == {"tenant_calls": 1}
    everybody = await seen(api, "budgets")
    assert [one["tenant"] for one in everybody["tenants"]] == [None, "default", "acme"]
    whole, default, _ = everybody["tenants"]
    assert whole["refused"] == {"tenant_calls": 1}
    assert default["refused"] == {}
    assert {use["limit"] for use in whole["uses"]} == {"total_calls", "total_daily_calls", "total_daily_usd"}


async def test_who_asks_too_often_is_counted_like_who_has_used_up_a_budget(start: Any) -> None:
    async with start(operator_keys=(OPERATOR_KEY,), rate_sessions="1/minute") as api:
        answers = [(await api.http.post("/v1/sessions", json=KEPT)).status_code for _ in range(3)]
        assert answers == [201, 429, 429]
        whole, default = (await seen(api, "budgets"))["tenants"]
        assert whole["refused"] == default["refused"] == {"rate_sessions": 2}


async def test_alerts_are_listed_with_their_addresses_masked(api: Any) -> None:
    search = {"origin": "MAD", "destination": "BER", "departure_date": DAY.isoformat()}
    body = {"search": search, "email": "ada.lovelace@example.com", "language": "de"}
    searches = bearer((await key(api.http, "search", "records", tenant="acme"))["secret"])
    made = await api.http.post("/v1/alerts", json=body, headers=searches)
    assert made.status_code == 201, made.text
    answer = await api.http.get("/v1/desk/alerts", headers=searches)
    assert "lovelace" not in answer.text
    assert made.json()["token"] not in answer.text
    found = answer.json()
    assert (sum(found["counts"].values()), found["overdue"]) == (1, 0)
    assert (found["alerts"][0]["tenant"], found["alerts"][0]["email"]) == ("acme", "a…@example.com")
    default = bearer((await key(api.http, "records"))["secret"])
    assert await seen(api, "alerts", default) == {"counts": {}, "alerts": [], "overdue": 0}
    assert len((await seen(api, "alerts"))["alerts"]) == 1


async def rested(api: Any) -> None:
    """Wait until the chores of the start are done: the next come in minutes and in an hour."""
    async with asyncio.timeout(30):
        while True:
            chores = (await seen(api, "privacy"))["chores"]
            if len(chores) == 2 and all(datetime.fromisoformat(one["next_at"]) > datetime.now(UTC) for one in chores):
                return
            await asyncio.sleep(0.05)


async def test_what_outlived_its_retention_is_counted_and_jobs_are_the_operators(api: Any) -> None:
    await rested(api)
    session, headers = await call_of(api, "acme")
    await begin(api, session)
    path = f"/v1/sessions/{session['session_id']}"
    said = await api.http.post(f"{path}/turns", json=TURN, headers=agent(session["room_name"]))
    assert said.status_code == 201
    await api.http.post(f"{path}/end", headers=participant(session))
    ended = datetime.now(UTC) - timedelta(days=3)
    async with api.services.database.writing() as db:
        await db.execute(update(SessionRow).values(ended_at=ended))
        db.add(
            JobRow(id="j", kind="deliver", key="k", payload="{}", run_at=ended, failed_at=ended, error="TimeoutError")
        )
    own = await seen(api, "privacy", headers)
    assert own["tenants"] == [{"tenant": "acme", "turns_days": 2, "over": 1}]
    assert (own["chores"], own["queues"]) == ([], [])
    everything = await seen(api, "privacy")
    assert [one["tenant"] for one in everything["tenants"]] == ["default", "acme"]
    assert {one["kind"] for one in everything["chores"]} == {"check_alerts", "clean_up"}
    assert {"kind": "deliver", "waiting": 0, "failed": 1} in everything["queues"]
    await api.services.privacy.clean_up({})
    assert (await seen(api, "privacy", headers))["tenants"][0]["over"] == 0
