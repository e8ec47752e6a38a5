"""The desk in a real browser, beside an API without calls: signed in by an identity provider, and every page of it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from axe import violations
from credentials import KEY, OPERATOR_KEY, SECRET, bearer
from fare_search import DAY
from httpx2 import AsyncClient
from issuer_server import AUDIENCE, CLIENT, IssuerServer, issuer_server
from media import FakeMedia
from playwright.async_api import Page, expect
from serving import serving

from api.app import create_app
from api.settings import Settings
from cli.stack.processes import free_port

UI = Path(__file__).resolve().parents[2] / "ui" / "dist"


@dataclass
class Desk:
    url: str
    issuer: IssuerServer


@asynccontextmanager
async def desk_of(state: Path, **given: Any) -> AsyncIterator[Desk]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    async with issuer_server(origin, **given) as issuer:
        values: dict[str, Any] = {
            "livekit_url": "ws://127.0.0.1:9",
            "livekit_api_key": KEY,
            "livekit_api_secret": SECRET,
            "state_dir": state,
            "ui_dir": UI,
            "fare_sources": ("sample",),
            "operator_keys": (OPERATOR_KEY,),
            "oidc_issuer": issuer.url,
            "oidc_audience": AUDIENCE,
            "desk_client": CLIENT,
            "tenants": {"acme": {"daily_calls": 3}},
        }
        async with serving(create_app(Settings(**values), media=FakeMedia()), port) as url:
            yield Desk(url, issuer)


async def sign_in(page: Page) -> None:
    await page.get_by_role("button", name="Sign in at 127.0.0.1").click()
    await page.get_by_role("link", name="Sign in as Ada").click()


async def kept(page: Page) -> str:
    return str(await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])"))


async def test_an_operator_signs_in_by_the_identity_provider_and_out_again(bare_page: Any, tmp_path: Path) -> None:
    # The tokens end so soon that the desk renews before every question.
    async with desk_of(tmp_path, life=timedelta(seconds=20)) as desk, bare_page() as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        await page.goto(f"{desk.url}/desk/?view=live")
        await sign_in(page)
        await expect(page.get_by_role("heading", name="Live")).to_be_visible()
        await expect(page.get_by_text("No calls.")).to_be_visible()
        assert page.url == f"{desk.url}/desk/?view=live"
        # What its rights do not open is not offered; three questions at once waited for one renewal.
        await expect(page.get_by_role("link", name="Keys")).to_have_count(0)
        assert desk.issuer.renewals >= 1
        assert desk.issuer.refused == []
        # A reload is no new sign-in; the token is in the tab alone.
        await page.reload()
        await expect(page.get_by_text("No calls.")).to_be_visible()
        assert '"local' not in await kept(page)
        assert "eyJ" not in str(await page.evaluate("JSON.stringify({...localStorage})"))
        assert await violations(page) == []
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("button", name="Sign in at 127.0.0.1")).to_be_enabled()
        assert "eyJ" not in await kept(page)
        assert (complaints, desk.issuer.refused) == ([], [])


async def test_a_sign_in_that_fails_says_why(bare_page: Any, tmp_path: Path) -> None:
    async with desk_of(tmp_path, audience="somebody-else") as desk, bare_page() as page:
        await page.goto(f"{desk.url}/desk/")
        await page.get_by_role("button", name="Sign in at 127.0.0.1").click()
        await page.get_by_role("link", name="Do not let me in").click()
        await expect(page.get_by_role("alert")).to_have_text("The identity provider did not let you in.")
        assert page.url == f"{desk.url}/desk/"
        await sign_in(page)
        await expect(page.get_by_role("alert")).to_contain_text(f"“aud” must be {AUDIENCE}")
        assert await violations(page) == []
        # A code that somebody else began with is not taken, and says nothing to the provider.
        await page.goto(f"{desk.url}/desk/?code=planted&state=planted")
        await expect(page.get_by_role("alert")).to_contain_text("not begun in this tab")
        desk.issuer.audience, desk.issuer.scopes = AUDIENCE, ""
        await sign_in(page)
        await expect(page.get_by_text("none of the rights")).to_be_visible()
        assert desk.issuer.refused == []


async def test_every_page_of_the_desk_shows_what_the_api_answers(bare_page: Any, tmp_path: Path) -> None:
    async with desk_of(tmp_path) as desk, bare_page() as page:
        async with AsyncClient(base_url=desk.url, headers=bearer(OPERATOR_KEY)) as http:
            search = {"origin": "MAD", "destination": "BER", "departure_date": DAY.isoformat()}
            assert (await http.post("/v1/alerts", json={"search": search, "language": "de"})).is_success
            hook = {"url": "http://127.0.0.1:9/hook", "events": ["call.ended"]}
            assert (await http.post("/v1/webhooks", json=hook)).is_success
        await page.goto(f"{desk.url}/desk/")
        await page.get_by_label("Key or token").fill(OPERATOR_KEY)
        await page.get_by_role("button", name="Open the desk").click()
        told = {
            "Calls": "No calls.",
            "Live": "No calls.",
            "Waiting": "Wait for calls",
            "Outcomes": "No calls.",
            "Models": "None of these ends within 30 days.",
            "Budgets": "Tenant acme",
            "Keys": "Make a key",
            "Webhooks": "http://127.0.0.1:9/hook",
            "Alerts": "MAD–BER",
            "Privacy": "clean up",
        }
        navigation = page.get_by_role("navigation", name="Desk")
        for name, text in told.items():
            await navigation.get_by_role("link", name=name).click()
            await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
            await expect(page.get_by_role("main").get_by_text(text).first).to_be_visible()
        assert re.search(r"[?&]view=privacy", page.url)
        # The traveller's page with the drawer of those who mend it.
        await page.goto(f"{desk.url}/?debug=1")
        await expect(page.get_by_label("State and events")).to_contain_text('"phase": "idle"')
        assert await violations(page) == []
