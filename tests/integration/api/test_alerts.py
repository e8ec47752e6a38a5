"""Price alerts from their making to their erasing: through the API, its jobs and a real SMTP server on loopback."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from credentials import OPERATOR_KEY, bearer, key
from fare_search import DAY, GOOD
from in_room import KEY, SECRET
from media import FakeMedia
from smtp_server import Mailbox, mailbox
from sqlalchemy import update

from api.alerts.settings import AlertSettings
from api.app import create_app
from api.database.tables import DeliveryRow, JobRow, PriceAlertRow
from api.services import Services
from api.settings import Settings
from contracts.alerts import AlertStatus
from contracts.flights import SearchResult

PAGE = "https://travel.example.com"
BODY = {"search": GOOD}


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as made:
        yield made


@dataclass
class Api:
    """The running API."""

    http: httpx2.AsyncClient
    services: Services


@pytest.fixture
async def mailing(box: Mailbox, tmp_path: Path) -> AsyncIterator[Api]:
    """An API that can send e-mail."""
    settings = Settings(
        livekit_url="wss://media.example.com",
        livekit_api_key=KEY,
        livekit_api_secret=SECRET,
        state_dir=tmp_path,
        fare_sources="sample",
        page_url=PAGE,
        operator_keys=(OPERATOR_KEY,),
        rate_receipts="1000/minute",
        alerts=AlertSettings(smtp_url=box.url, mail_from="Polyglot <flights@travel.example.com>", hours=1),
    )
    app = create_app(settings, media=FakeMedia())
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api", timeout=20) as http,
    ):
        yield Api(http, app.state.services)


async def made(api: Any, headers: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    answer = await api.http.post("/v1/alerts", json=BODY | changes, headers=headers or {})
    assert answer.status_code == 201, answer.text
    alert: dict[str, Any] = answer.json()
    return alert


async def set_row(api: Any, alert_id: str, **values: Any) -> None:
    async with api.services.database.writing() as db:
        await db.execute(update(PriceAlertRow).where(PriceAlertRow.id == alert_id).values(**values))


async def due(api: Any, alert_id: str, **values: Any) -> None:
    """Make its check due, and do everything that is."""
    await set_row(api, alert_id, next_check_at=datetime.now(UTC) - timedelta(seconds=1), **values)
    await api.services.alerts.order_checks({})
    await api.services.jobs.drain()


async def arrived(api: Any, box: Mailbox, count: int) -> EmailMessage:
    """The last of so many messages; the jobs run by themselves, and again at once where one failed."""
    async with asyncio.timeout(20):
        while len(box.messages) < count:
            async with api.services.database.writing() as db:
                waiting = update(JobRow).where(JobRow.kind == "alert_mail", JobRow.leased_until.is_(None))
                await db.execute(waiting.values(run_at=datetime.now(UTC)))
            await api.services.jobs.drain()
            await asyncio.sleep(0.02)
    return box.messages[count - 1]


async def checked(api: Any, alert: dict[str, Any]) -> dict[str, Any]:
    """The alert once its check is done."""
    async with asyncio.timeout(20):
        while True:
            listed = await api.http.get("/v1/alerts", headers={"X-Alert-Token": alert["token"]})
            found: dict[str, Any] = listed.json()["alerts"][0]
            if found["checked_at"] is not None:
                return found
            await api.services.jobs.drain()
            await asyncio.sleep(0.02)


def linked(text: str, path: str) -> str:
    (url,) = set(re.findall(rf"{re.escape(PAGE)}{path}\?token=\S+", text))
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


async def test_an_address_confirms_is_told_of_a_fall_and_leaves_with_one_click(mailing: Any, box: Mailbox) -> None:
    alert = await made(mailing, email="traveller@example.com", max_price="100000", language="de")
    assert (alert["status"], alert["email"]) == ("unconfirmed", "t…@example.com")
    asked = await arrived(mailing, box, 1)
    assert (asked["To"], asked["From"]) == ("traveller@example.com", "Polyglot <flights@travel.example.com>")
    assert "Preisalarm" in asked["Subject"]
    await due(mailing, alert["id"])
    assert len(box.messages) == 1, "nothing is checked before the address agrees"

    confirm = linked(asked.get_content(), "/v1/alerts/links/confirm")
    shown = await mailing.http.get(confirm)
    assert "<button>Alarm bestätigen</button>" in shown.text
    listed = await mailing.http.get("/v1/alerts", headers={"X-Alert-Token": alert["token"]})
    assert listed.json()["alerts"][0]["status"] == "unconfirmed", "a scanner that follows links confirms nothing"
    assert "bestätigt" in (await mailing.http.post(confirm)).text

    await due(mailing, alert["id"])
    told = await arrived(mailing, box, 2)
    result = SearchResult.model_validate_json((await mailing.http.get("/v1/flights/search", params=GOOD)).content)
    whole = str(int(result.offers[0].total.decimal))
    assert whole in told["Subject"].replace(".", "")
    assert "Beispieldaten" in told.get_content()
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    await due(mailing, alert["id"])
    assert len(box.messages) == 2, "the same price is told once"

    one_click = told["List-Unsubscribe"].strip("<>").removeprefix(PAGE)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    gone = await mailing.http.post(one_click, content="List-Unsubscribe=One-Click", headers=form)
    assert gone.status_code == 200
    left = await mailing.http.get("/v1/alerts", headers={"X-Alert-Token": alert["token"]})
    assert left.json()["alerts"] == []
    assert (
        "gibt es nicht" in (await mailing.http.get(confirm)).text or "no such" in (await mailing.http.get(confirm)).text
    )


async def test_a_message_that_is_refused_is_sent_again(mailing: Any, box: Mailbox) -> None:
    box.refuse = 1
    await made(mailing, email="traveller@example.com")
    await arrived(mailing, box, 1)
    assert box.refuse == 0


async def test_an_alert_of_a_call_is_its_callers_and_erased_with_it(mailing: Any) -> None:
    session, other = [(await mailing.http.post("/v1/sessions")).json() for _ in range(2)]
    mine, theirs = ({"Authorization": f"Bearer {one['participant_token']}"} for one in (session, other))
    alert = await made(mailing, mine)
    assert [one["id"] for one in (await mailing.http.get("/v1/alerts", headers=mine)).json()["alerts"]] == [alert["id"]]
    assert (await mailing.http.get("/v1/alerts", headers=theirs)).json()["alerts"] == []
    for method in ("PATCH", "DELETE"):
        body = {"paused": True} if method == "PATCH" else None
        answer = await mailing.http.request(method, f"/v1/alerts/{alert['id']}", json=body, headers=theirs)
        assert answer.status_code == 404
    erased = await mailing.http.post("/v1/privacy/erase", json={"receipt": session["receipt"]})
    assert erased.json()["rows"]["price_alerts"] == 1


async def test_pausing_stops_the_checks_until_it_goes_on(mailing: Any) -> None:
    alert = await made(mailing)
    own = {"X-Alert-Token": alert["token"]}
    path = f"/v1/alerts/{alert['id']}"
    assert (await mailing.http.patch(path, json={"paused": True}, headers=own)).json()["status"] == "paused"
    await due(mailing, alert["id"])
    assert (await mailing.http.get("/v1/alerts", headers=own)).json()["alerts"][0]["checked_at"] is None
    assert (await mailing.http.patch(path, json={"paused": False}, headers=own)).json()["status"] == "active"
    await due(mailing, alert["id"])
    told = await checked(mailing, alert)
    assert Decimal(told["last_price"]["amount"]) > 0
    assert (await mailing.http.delete(path, headers=own)).status_code == 204
    assert (await mailing.http.delete(path, headers=own)).status_code == 404


async def test_webhooks_of_the_tenant_hear_of_it_without_the_address(mailing: Any) -> None:
    made_key = await key(mailing.http, "manage", "search")
    headers = bearer(made_key["secret"])
    hook = {"url": "http://127.0.0.1:9/hook", "events": ["alert.price"]}
    hook_id = (await mailing.http.post("/v1/webhooks", json=hook, headers=headers)).json()["id"]
    alert = await made(mailing, headers, email="traveller@example.com", max_price="100000")
    await due(mailing, alert["id"], status=AlertStatus.ACTIVE.value)
    await checked(mailing, alert)
    deliveries = (await mailing.http.get(f"/v1/webhooks/{hook_id}/deliveries", headers=headers)).json()["deliveries"]
    assert [one["kind"] for one in deliveries] == ["alert.price"]
    async with mailing.services.database.reading() as db:
        row = await db.get(DeliveryRow, deliveries[0]["id"])
    assert row is not None
    assert "example.com" not in row.body
    assert alert["id"] in row.body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "no-address"}, "email"),
        ({"email": "a@example.com\nBcc: b@example.com"}, "email"),
        ({"email": "a@example.com,b@example.com"}, "email"),
        ({"max_price": "-5"}, "max_price"),
        ({"search": GOOD | {"origin": "Nowhere at all"}}, "origin"),
        ({"search": GOOD | {"departure_date": "soon"}}, "search.departure_date"),
        ({"search": GOOD | {"unknown": 1}}, "search.unknown"),
        ({"search": None}, "body"),
    ],
)
async def test_what_cannot_be_watched_is_refused_by_its_field(mailing: Any, body: dict[str, Any], field: str) -> None:
    answer = await mailing.http.post("/v1/alerts", json=BODY | body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_nobody_is_flooded_through_us(mailing: Any) -> None:
    for day in range(3):
        search = GOOD | {"departure_date": (DAY + timedelta(days=day)).isoformat()}
        await made(mailing, search=search, email="victim@example.com")
    refused = await mailing.http.post("/v1/alerts", json=BODY | {"email": "victim@example.com"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "email"


async def test_over_journeys_are_forgotten(mailing: Any) -> None:
    alert = await made(mailing)
    await set_row(mailing, alert["id"], ends_at=datetime.now(UTC) - timedelta(minutes=1))
    await mailing.services.privacy.clean_up({})
    assert (await mailing.http.get("/v1/alerts", headers={"X-Alert-Token": alert["token"]})).json()["alerts"] == []
