"""The page before it has fetched anything, without a network, and after another build of it was put there."""

import shutil
from pathlib import Path

from axe import violations
from page_api import UI_DIR, browsing, page_api
from playwright.async_api import Page, Route, expect

SOON = 30_000
KEPT = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    found[name] = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
  }
  return found;
}"""
READY = f"async () => Object.values(await ({KEPT})()).flat().includes('/language')"


async def kept(page: Page) -> dict[str, list[str]]:
    """Paths that the page keeps, by the cache that they are in."""
    found: dict[str, list[str]] = await page.evaluate(KEPT)
    return found


async def test_something_is_painted_before_any_file_of_the_page_is_there(chromium: str, tmp_path: Path) -> None:
    async with page_api(tmp_path) as api, browsing(chromium, service_workers="block") as page:
        waiting: list[Route] = []

        async def hold(route: Route) -> None:
            waiting.append(route)

        await page.route("**/assets/**", hold)
        await page.goto(api, wait_until="commit")
        await expect(page.locator(".first-head")).to_have_text("Polyglot", timeout=SOON)
        await page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        assert {Path(route.request.url).suffix for route in waiting} >= {".js", ".css"}, "nothing of them has come yet"
        for route in waiting:
            await route.continue_()
        await page.unroute("**/assets/**")
        await expect(page.get_by_role("button", name="Start talking")).to_be_visible(timeout=SOON)
        await expect(page.locator(".first-head")).to_have_count(0)


async def test_without_a_network_the_page_opens_in_the_readers_language_and_a_new_build_takes_over(
    chromium: str, tmp_path: Path, artefacts: Path
) -> None:
    ui_dir = tmp_path / "ui"
    shutil.copytree(UI_DIR, ui_dir)
    async with browsing(chromium, lang="es-ES") as page:
        async with page_api(tmp_path, ui_dir=ui_dir) as api:
            await page.goto(f"{api}/?form")
            await page.get_by_label("Origen").fill(
                "Madrid"
            )  # opened by its address, as a shortcut of the installed page
            await page.wait_for_function(READY)
            manifest = await page.evaluate(
                "fetch(document.querySelector('link[rel=manifest]').href).then(r => r.json())"
            )
            assert (manifest["lang"], manifest["display"]) == ("es", "standalone")
            for icon in manifest["icons"]:
                assert (await page.request.get(api + icon["src"])).headers["content-type"] == "image/png"
            (first,) = await kept(page)

            # Another build: at once for who loads the page, and its worker with the load after that.
            worker = (ui_dir / "sw.js").read_text("utf-8")
            (ui_dir / "sw.js").write_text(worker.replace(first.removeprefix("polyglot-"), "another"), "utf-8")
            index = (ui_dir / "index.html").read_text("utf-8")
            (ui_dir / "index.html").write_text(index.replace("<body>", "<body data-build=another>"), "utf-8")
            await page.goto(api)
            await expect(page.locator("body[data-build=another]")).to_be_attached(timeout=SOON)
            await page.wait_for_function("navigator.serviceWorker.getRegistration().then(r => Boolean(r?.waiting))")
            await page.reload()
            await page.wait_for_function("caches.keys().then(names => names.join() === 'polyglot-another')")
            await page.wait_for_function(READY)

            # Flights are found and nothing of them is kept.
            await page.goto(f"{api}/?origin=MAD&destination=BER&departure_date=2099-01-01")
            await page.goto(f"{api}/?form")
            await page.get_by_label("Origen").fill("Mad")
            await page.reload()
            paths = {path for names in (await kept(page)).values() for path in names}
            assert {path for path in paths if not path.startswith("/assets/")} == {"/", "/language"}
        await page.context.set_offline(True)
        await page.reload()
        await expect(page.get_by_role("heading", name="Di adónde quieres volar.")).to_be_visible(timeout=SOON)
        await expect(page.get_by_text("No tienes conexión")).to_be_visible(timeout=SOON)
        await page.screenshot(path=artefacts / "page-offline.png")
        assert await violations(page) == []
        # What is no address of the page has only the words.
        await page.goto(f"{api}/desk/")
        await expect(page.get_by_role("heading", name="Estás sin conexión")).to_be_visible(timeout=SOON)
        await page.screenshot(path=artefacts / "offline.png")
        assert await violations(page) == []
