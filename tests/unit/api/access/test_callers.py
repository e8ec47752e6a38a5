"""Strangers, pages, users of the issuer, rooms, and addresses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import jwt
import pytest
from credentials import AUDIENCE, ISSUER, OPERATOR_KEY, PAGE_KEY, Login, bearer, key, participant

from api.access.caller import Scope, network_of
from api.access.oidc import Issuer
from api.access.page_tokens import PageTokens
from api.access.settings import AccessSettings
from api.livekit.tokens import Minter
from contracts.problems import PolyglotError

NEEDS_CREDENTIALS = [
    ("GET", "/v1/sessions/abcdefgh12345678"),
    ("POST", "/v1/sessions/abcdefgh12345678/end"),
    ("POST", "/v1/sessions/abcdefgh12345678/dispatch"),
    ("GET", "/v1/sessions/abcdefgh12345678/turns"),
    ("POST", "/v1/sessions/abcdefgh12345678/turns"),
    ("POST", "/v1/sessions/abcdefgh12345678/events"),
    ("GET", "/v1/sessions/abcdefgh12345678/summary"),
    ("POST", "/v1/agent/reports"),
    ("POST", "/v1/agent/sessions"),
    ("GET", "/v1/calls"),
    ("GET", "/v1/calls/export"),
    ("GET", "/v1/calls/outcomes"),
    ("GET", "/v1/calls/abcdefgh12345678"),
    ("GET", "/v1/calls/abcdefgh12345678/timeline"),
    ("POST", "/v1/calls/abcdefgh12345678/erase"),
    ("GET", "/v1/keys"),
    ("POST", "/v1/keys"),
    ("GET", "/v1/webhooks"),
    ("POST", "/v1/webhooks"),
]


@pytest.mark.parametrize("body", [None, b"{", b'{"nonsense": 1}'])
@pytest.mark.parametrize(("method", "path"), NEEDS_CREDENTIALS)
async def test_a_stranger_is_told_to_prove_who_they_are_before_anything_else(
    api: Any, method: str, path: str, body: bytes | None
) -> None:
    headers = {"Content-Type": "application/json"} if body else {}
    response = await api.http.request(method, path, content=body, headers=headers)
    assert response.status_code == 401


async def test_a_deployment_may_take_no_strangers(start: Any) -> None:
    async with start(public=False, operator_keys=(OPERATOR_KEY,)) as api:
        flight = {"origin": "MAD", "destination": "BER", "departure_date": "2027-01-10"}
        for path in ("/v1/sessions", "/v1/token", "/api/livekit/token", "/v1/sessions/start"):
            assert (await api.http.post(path)).status_code == 401, path
        assert (await api.http.get("/v1/flights/search", params=flight)).status_code == 401
        assert (await api.http.get("/api/flights", params=flight)).status_code == 401
        headers = bearer((await key(api.http, "calls"))["secret"])
        assert (await api.http.post("/v1/sessions", headers=headers)).status_code == 201
        assert (await api.http.get("/v1/flights/search", params=flight, headers=headers)).status_code == 403


async def test_only_the_operators_own_pages_start_calls(start: Any) -> None:
    pages = PageTokens(PAGE_KEY)
    async with start(page_key=PAGE_KEY) as api:

        async def status(token: str | None, origin: str | None = None) -> int:
            headers = {"X-Page-Token": token} if token is not None else {}
            headers |= {"Origin": origin} if origin else {}
            return int((await api.http.post("/v1/sessions", headers=headers)).status_code)

        assert await status(None) == 401
        assert await status(pages.make("default")) == 201
        assert await status(pages.make("default", origin="https://acme.example"), "https://acme.example") == 201
        assert await status(pages.make("default", origin="https://acme.example"), "https://evil.example") == 401
        assert await status(pages.make("default", origin="https://acme.example")) == 401
        assert await status(pages.make("nobody")) == 401
        assert await status(pages.make("default", life=timedelta(seconds=-60))) == 401
        assert await status(pages.make("default", life=timedelta(days=400))) == 401
        assert await status(PageTokens("x" * 40).make("default")) == 401
        assert await status("nonsense") == 401


async def test_the_apis_own_page_gets_its_token_as_a_cookie(start: Any, tmp_path: Any) -> None:
    folder = tmp_path / "ui"
    folder.mkdir()
    (folder / "index.html").write_text("<title>Polyglot</title>")
    async with start(page_key=PAGE_KEY, ui_dir=folder) as api:
        for path in ("/", "/an/address/of/the/page"):
            page = await api.http.get(path, headers={"Accept": "text/html"})
            cookie = page.headers["set-cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            given = {"Cookie": cookie.partition(";")[0]}
            assert (await api.http.post("/v1/sessions", headers=given)).status_code == 201
        api.http.cookies.clear()
        assert (await api.http.post("/v1/sessions")).status_code == 401


@pytest.fixture
def login() -> Login:
    return Login()


def issuer(login: Login, clock: Any = None, **changes: Any) -> Issuer:
    settings = AccessSettings(**({"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE} | changes))
    transport = httpx2.MockTransport(login.answer)
    return Issuer(settings, transport=transport, **({"clock": clock} if clock else {}))


async def test_a_user_of_the_issuer_may_what_the_token_says(login: Login) -> None:
    known = issuer(login, tenants={"acme": {}}, oidc_tenant_claim="org")
    plain = await known.caller(login.token(org="acme"), "192.0.2.1")
    assert (plain.tenant, plain.scopes, plain.id) == ("acme", {Scope.CALLS, Scope.SEARCH}, "user:ada")
    reader = await known.caller(login.token(org="acme", scope="openid polyglot:records polyglot:operate"), "192.0.2.1")
    assert reader.scopes == {Scope.RECORDS}, "nobody becomes the operator by a claim"
    listed = issuer(login, oidc_scope_claim="roles")
    assert (await listed.caller(login.token(roles=["polyglot:erase", 7]), "192.0.2.1")).scopes == {Scope.ERASE}


async def test_tokens_that_are_not_for_us_open_nothing(login: Login) -> None:
    known = issuer(login, tenants={"acme": {}}, oidc_tenant_claim="org")
    stranger = Login()
    now = datetime.now(UTC)
    forged = [
        login.token(org="acme", aud="another-service"),
        login.token(org="acme", iss="https://evil.example"),
        login.token(org="acme", exp=now - timedelta(minutes=2)),
        login.token(org="acme", nbf=now + timedelta(minutes=5)),
        login.token(org="acme", sub=None),
        login.token(org="acme", exp=None),
        login.token(org="acme", kid="unknown"),
        stranger.token(org="acme"),
        jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now + timedelta(minutes=5)}, "x" * 32, "HS256"),
        jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": now + timedelta(minutes=5)}, None, "none"),
        login.token(org="nobody"),
        login.token(),
    ]
    for token in forged:
        with pytest.raises(PolyglotError) as refused:
            await known.caller(token, "192.0.2.1")
        assert refused.value.status in (401, 403)
    assert (await known.caller(login.token(org="acme", exp=now - timedelta(seconds=20)), "x")).tenant == "acme", "skew"


async def test_an_issuer_that_is_away_costs_nobody_who_was_known(login: Login) -> None:
    now = 0.0
    known = issuer(login, clock=lambda: now)
    login.away = True
    with pytest.raises(PolyglotError) as refused:
        await known.caller(login.token(), "x")
    assert refused.value.status == 503
    login.away = False
    await known.caller(login.token(), "x")
    login.away, now = True, 3600.0
    await known.caller(login.token(), "x")
    login.away, now = False, 7200.0
    login.keys["two"] = Login().keys["one"]
    await known.caller(login.token(signed_by="two"), "x")
    asked = login.asked
    for number in range(20):
        with pytest.raises(PolyglotError):
            await known.caller(login.token(kid=f"forged-{number}"), "x")
    assert login.asked <= asked + 2, "forged key ids do not make us hammer the issuer"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_one_household_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


async def test_tokens_of_a_media_key_that_is_being_replaced_are_still_taken(start: Any, settings: Any) -> None:
    old = {"livekit_api_key": "old-key", "livekit_api_secret": "old-secret-of-more-than-thirty-two-bytes"}
    async with start() as api:
        session = (await api.http.post("/v1/sessions")).json()
    assert Minter(settings(**old))
    previous = {
        "livekit_previous_api_key": "test-key",
        "livekit_previous_api_secret": "a-secret-of-more-than-thirty-two-bytes",
    }
    path = f"/v1/sessions/{session['session_id']}"
    async with start(**old, **previous) as api:
        assert (await api.http.get(path, headers=participant(session))).status_code == 200
    async with start(**old) as api:
        assert (await api.http.get(path, headers=participant(session))).status_code == 401
