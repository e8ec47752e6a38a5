"""Budgets: who may spend what, counted when it happens, told in words and headers."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from credentials import OPERATOR_KEY, agent, bearer, key, participant
from fare_search import DAY
from livekit import api as livekit
from shared import Clock, FakeShared, Server

from api.access.settings import AccessSettings
from api.budgets.ledger import OwnLedger, SharedLedger
from api.budgets.service import Account, BudgetService
from api.budgets.settings import Budgets
from contracts.problems import BudgetSpent
from contracts.records import EndReason

KEY, SECRET = "test-key", "a-secret-of-more-than-thirty-two-bytes"
ADA, BOB = Account("address:192.0.2.1", "default"), Account("address:192.0.2.2", "default")
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def service(ledger: Any = None, now: Any = lambda: NOON, access: AccessSettings | None = None, **limits: Any) -> Any:
    return BudgetService(Budgets(**limits), access or AccessSettings(), ledger or OwnLedger(), now)


async def test_places_are_taken_by_calls_and_given_back() -> None:
    budgets = service(address_calls=2)
    assert [await budgets.call_started(f"call-{number}", ADA) for number in range(3)] == [True, True, False]
    with pytest.raises(BudgetSpent) as refused:
        await budgets.check_call(ADA)
    assert refused.value.headers() == {
        "Retry-After": "15",
        "RateLimit-Limit": "2",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "15",
    }
    await budgets.check_call(BOB)
    for number in range(2):
        await budgets.call_ended(f"call-{number}", ADA)
    await budgets.check_call(ADA)


async def test_a_day_is_over_at_midnight_utc() -> None:
    now = NOON
    budgets = service(now=lambda: now, address_daily_calls=1, address_calls=0)
    await budgets.call_started("call-1", ADA)
    with pytest.raises(BudgetSpent) as refused:
        await budgets.check_call(ADA)
    assert refused.value.retry_after == 12 * 3600
    now = datetime(2026, 11, 29, 0, 0, 1, tzinfo=UTC)
    await budgets.check_call(ADA)


async def test_the_deployment_and_the_tenant_have_limits_of_their_own() -> None:
    access = AccessSettings(tenants={"acme": {"calls": 1, "daily_usd": 1}})
    acme = Account("key:1", "acme")
    budgets = service(access=access, total_calls=2)
    assert await budgets.call_started("call-1", acme)
    with pytest.raises(BudgetSpent, match="the tenant"):
        await budgets.check_call(acme)
    await budgets.call_started("call-2", ADA)
    with pytest.raises(BudgetSpent, match="the deployment"):
        await budgets.check_call(BOB)
    await budgets.call_ended("call-1", acme)
    await budgets.spent("call-1", "acme", 1_000_000)
    with pytest.raises(BudgetSpent, match="money"):
        await budgets.check_call(acme)


async def test_a_call_is_warned_before_its_money_is_used_up() -> None:
    budgets = service(call_usd=Decimal(1))
    assert (await budgets.spent("call-1", "default", 800_000)).seconds_left is None
    near = await budgets.spent("call-1", "default", 100_000)
    assert (near.seconds_left, near.reason) == (60, EndReason.BUDGET)
    assert (await budgets.spent("call-1", "default", 100_000)).seconds_left == 0
    assert (await budgets.spent("call-2", "default", 1)).seconds_left is None


async def test_two_tasks_count_together_and_each_alone_while_valkey_is_away() -> None:
    server, clock = Server(), Clock()
    first, second = (service(SharedLedger(FakeShared(server, clock)), address_daily_calls=2) for _ in range(2))
    await first.call_started("call-1", ADA)
    await second.call_started("call-2", ADA)
    for budgets in (first, second):
        with pytest.raises(BudgetSpent):
            await budgets.check_call(ADA)
    server.away = True
    await first.check_call(ADA)


async def test_a_place_of_a_task_that_died_is_free_again_one_day() -> None:
    now = 0.0
    ledger = OwnLedger(lambda: now)
    assert await ledger.enter("places", "call-1", 60) == 1
    now = 61.0
    assert await ledger.taken("places") == 0


# -- over HTTP --------------------------------------------------------------------------------------------------------


async def seen(api: Any, session: dict[str, Any]) -> dict[str, Any]:
    """The traveller joins, and their page asks."""
    api.media.join(session["room_name"], "user-1")
    path = f"/v1/sessions/{session['session_id']}"
    found: dict[str, Any] = (await api.http.get(path, headers=participant(session))).json()
    return found


async def test_tokens_are_refused_while_the_address_has_its_calls(start: Any) -> None:
    async with start(budgets=Budgets(address_calls=1)) as api:
        session = (await api.http.post("/v1/sessions")).json()
        spare = (await api.http.post("/v1/sessions")).json()
        await seen(api, session)
        refused = await api.http.post("/v1/sessions")
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/budget-spent")
        assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"] == "15"
        assert (await api.http.post("/v1/token")).status_code == 429
        assert (await api.http.post("/api/livekit/token")).status_code == 429
        await seen(api, spare)
        assert spare["room_name"] not in api.media.rooms, "hoarded tokens do not help"
        async with asyncio.timeout(30):
            while (record := await api.services.sessions.record(spare["session_id"])).ended_at is None:  # noqa: ASYNC110 - as a page asks
                await asyncio.sleep(0.01)
        assert record.end_reason is EndReason.BUDGET
        await api.http.post(f"/v1/sessions/{session['session_id']}/end", headers=participant(session))
        assert (await api.http.post("/v1/sessions")).status_code == 201


async def test_an_ipv6_household_is_one_address(start: Any) -> None:
    import httpx2  # noqa: PLC0415
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware  # noqa: PLC0415

    async with start(rate_sessions="2/minute") as api:
        app = ProxyHeadersMiddleware(api.http._transport.app, trusted_hosts=["127.0.0.1"])
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://api") as http:

            async def status(address: str) -> int:
                return int((await http.post("/v1/sessions", headers={"X-Forwarded-For": address})).status_code)

            household = [await status(f"2001:db8:1:2::{number:x}") for number in range(1, 5)]
            assert household == [201, 201, 429, 429]
            assert await status("2001:db8:1:3::1") == 201
            assert await status("203.0.113.9, 2001:db8:1:2::9") == 429, "what a client says of itself does not count"


async def test_the_agents_searches_count_for_its_call(start: Any) -> None:
    flight = {"origin": "Madrid", "destination": "Berlin", "departure_date": DAY.isoformat()}
    async with start(budgets=Budgets(call_searches=2)) as api:
        session = (await api.http.post("/v1/sessions")).json()
        headers = agent(session["room_name"])
        answers = [
            (await api.http.get("/v1/flights/search", params=flight, headers=headers)).status_code for _ in range(3)
        ]
        assert answers == [200, 200, 429]
        other = agent("polyglot-another-room")
        assert (await api.http.get("/v1/flights/search", params=flight, headers=other)).status_code == 200


async def test_a_stranger_has_so_many_searches_a_day_and_a_key_its_own(start: Any) -> None:
    flight = {"origin": "Madrid", "destination": "Berlin", "departure_date": DAY.isoformat()}
    async with start(budgets=Budgets(address_daily_searches=1), operator_keys=(OPERATOR_KEY,)) as api:
        headers = bearer((await key(api.http, "search"))["secret"])
        for given, expected in (({}, 200), ({}, 429), (headers, 200), (headers, 200)):
            response = await api.http.get("/v1/flights/search", params=flight, headers=given)
            assert response.status_code == expected


async def test_the_agent_is_told_what_its_call_may_use(start: Any) -> None:
    async with start(budgets=Budgets(call_minutes=2, call_searches=7)) as api:
        session = (await api.http.post("/v1/sessions")).json()
        claims = livekit.TokenVerifier(KEY, SECRET).verify(session["participant_token"])
        assert '"limits":{"seconds":120,"searches":7}' in claims.room_config.agents[0].metadata
