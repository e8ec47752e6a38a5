"""The widget in a page of another origin: opened, searched with, closed, and refused in words."""

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from axe import violations
from page_api import browsing, free_socket, page_api, served
from playwright.async_api import expect
from reach import out_of_reach
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from api.access.page_tokens import PageTokens

EXAMPLE = Path(__file__).parents[3] / "ui" / "example" / "index.html"
SOON = 30_000
KEY = "a-page-key-of-more-than-thirty-two-bytes"
CSP = "default-src 'none'; script-src API; connect-src API; style-src 'unsafe-inline'; media-src blob:; base-uri 'none'"
"""What a careful company allows: the API alone, and its own style sheet."""


HOSTILE = """<!doctype html><html lang="en" dir="rtl" style="font-size: 40px"><head>
  <style>* { all: unset !important; font-size: 40px !important; } body { zoom: 1.25; transform: scale(0.9); }
  main { display: block; height: 3000px !important; }</style>
  <script src="API/widget.js" data-language="de" data-accent="navy" data-theme="dark"></script>
  <script src="API/widget.js" data-language="de"></script></head><body><main>A page of others</main></body></html>"""
"""Styles that undo all styles, from right to left, letters of another size, a body that moves all that is fixed in it, the
tag in the head and twice."""
ON_SCREEN = """e => {
  const { left, top, right, bottom } = e.getBoundingClientRect();
  const { clientWidth, clientHeight, currentCSSZoom: zoom } = document.documentElement;
  return left >= -1 && top >= -1 && right <= clientWidth * zoom + 1 && bottom <= clientHeight * zoom + 1;
}"""
NO_STORAGE = """for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });
}"""


@contextlib.asynccontextmanager
async def companies(state_dir: Path) -> AsyncIterator[tuple[str, str]]:
    """Origins of two companies' pages with the widget; the first one is let in."""
    ours, theirs = free_socket(), free_socket()
    allowed, stranger = ours[1], theirs[1]
    async with page_api(state_dir, cors_origins=(allowed,), page_key=KEY) as api:

        async def example(request: Request) -> HTMLResponse:
            token = PageTokens(KEY).make("default", origin=allowed)
            page = (
                EXAMPLE.read_text("utf-8")
                .replace("TOKEN", token if request.url.path == "/" else "")
                .replace("API", api)
            )
            return HTMLResponse(page, headers={"Content-Security-Policy": CSP.replace("API", api)})

        async def hostile(_: Request) -> HTMLResponse:
            return HTMLResponse(HOSTILE.replace("API", api))

        site = Starlette(routes=[Route("/", example), Route("/without", example), Route("/hostile", hostile)])
        async with served(site, ours[0]), served(site, theirs[0]):
            yield allowed, stranger


async def test_a_page_of_another_origin_has_the_whole_assistant_by_one_tag(
    chromium: str, tmp_path: Path, artefacts: Path
) -> None:
    async with companies(tmp_path) as (company, stranger), browsing(chromium, service_workers="block") as page:
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: problems.append(message.text) if "Security Policy" in message.text else None,
        )
        await page.goto(company)
        launcher = page.get_by_role("button", name="Buscar vuelos con la voz")
        assert await launcher.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(122, 31, 162)"
        await launcher.click()
        panel = page.get_by_role("dialog", name="Vuelos con la voz")
        await expect(panel.get_by_role("heading", name="Di adónde quieres volar.")).to_be_visible(timeout=SOON)
        # The two style sheets have not met.
        start = panel.get_by_role("button", name="Empezar a hablar")
        assert await start.evaluate("e => getComputedStyle(e).textTransform") == "none"
        assert await start.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(122, 31, 162)"
        assert await page.locator("body > main > p").evaluate("e => getComputedStyle(e).textTransform") == "uppercase"
        assert (
            await page.locator("body > main > h1").evaluate("e => getComputedStyle(e).fontFamily") == "Georgia, serif"
        )
        assert await panel.evaluate("e => e.scrollWidth <= e.clientWidth")
        await page.screenshot(path=artefacts / "widget.png")
        assert await violations(page) == []

        await panel.get_by_text("Buscar con el formulario").click()
        await panel.get_by_label("Origen").fill("MAD")
        await panel.get_by_label("Destino").fill("BER")
        await panel.get_by_label("Fecha").fill(str((datetime.now(UTC) + timedelta(days=20)).date()))
        await panel.get_by_role("button", name="Buscar vuelos").click()
        await expect(panel.get_by_role("article").nth(2)).to_be_visible(timeout=SOON)
        await page.screenshot(path=artefacts / "widget-flights.png")
        assert await violations(page) == []
        assert page.url == f"{company}/", "the address is the company's"
        # Space belongs to the page around, and to who types in it.
        await page.get_by_label("Search this site").fill("a b")

        await panel.get_by_role("button", name="Cerrar").click()
        await expect(panel).to_be_hidden(timeout=SOON)
        await expect(launcher).to_be_focused()
        await launcher.click()
        await expect(panel.get_by_role("article").nth(2)).to_be_visible(timeout=SOON)
        assert problems == []

        # A token that is missing, a site that is not let in: both in words.
        await page.context.clear_cookies()
        await page.evaluate("sessionStorage.clear()")
        await page.goto(f"{company}/without")
        await launcher.click()
        await panel.get_by_role("button", name="sin micrófono").click()
        await expect(panel.get_by_text("Esta página no puede iniciar llamadas")).to_be_visible(timeout=SOON)
        await page.goto(stranger)
        await launcher.click()
        await expect(panel.get_by_role("status")).to_have_text(re.compile("no tiene permiso"), timeout=SOON)
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_a_page_that_does_everything_to_its_styles_and_keeps_nothing_has_a_widget_that_works(
    chromium: str, tmp_path: Path, artefacts: Path
) -> None:
    async with companies(tmp_path) as (company, _), browsing(chromium, service_workers="block") as page:
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.add_init_script(NO_STORAGE)
        await page.goto(f"{company}/hostile")
        launcher = page.get_by_role("button", name="Flüge per Sprache finden")
        await expect(launcher).to_have_count(1)
        await launcher.click()
        panel = page.get_by_role("dialog", name="Flüge per Sprache")
        await expect(panel.get_by_role("button", name="Gespräch beginnen")).to_be_visible(timeout=SOON)
        assert await panel.evaluate("e => [getComputedStyle(e).direction, getComputedStyle(e).fontSize]") == [
            "ltr",
            "16px",
        ]
        assert await panel.evaluate("e => e.scrollWidth <= e.clientWidth")
        # Whatever the page does to its size and its place: all of it is on the screen.
        for style in ("", "zoom: 2", "zoom: 0.5"):
            await page.evaluate("style => document.documentElement.style.cssText = style", f"font-size: 40px; {style}")
            assert await panel.evaluate(ON_SCREEN), style
            assert await launcher.evaluate(ON_SCREEN), style
        await page.evaluate("document.documentElement.style.cssText = 'font-size: 40px'")
        await page.screenshot(path=artefacts / "widget-hostile.png")
        # A dark colour on the dark theme: what is written in it, and on it, can be read.
        wrong = [
            one for one in await violations(page, "color-contrast", "button-name", "label") if "widget" in str(one)
        ]
        assert wrong == []
        cdp = await page.context.new_cdp_session(page)
        assert await out_of_reach(page, cdp) == []
        # A site of a single page replaces all of it, and puts the tag there again.
        await page.evaluate("document.documentElement.replaceChildren(document.head, document.createElement('body'))")
        await page.add_script_tag(url=str(await page.evaluate("document.querySelector('script').src")))
        await expect(launcher).to_have_count(1)
        await launcher.click()
        await expect(panel.get_by_role("button", name="Gespräch beginnen")).to_be_visible(timeout=SOON)
        assert problems == []
