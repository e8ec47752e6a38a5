"""Every state of the page and the desk: its picture is the one that is kept, and axe finds nothing, in light, dark, from
right to left, on a narrow screen and at 400 % zoom.

`make gallery` keeps new pictures; look at them before they are committed.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from axe import violations
from pictures import differs, keep, reduced
from PIL import Image
from playwright.async_api import Page
from reach import boxes_that_hold, out_of_reach, unspoken
from serving import serving
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tools.setup import node_path

ROOT: Final = Path(__file__).resolve().parents[2]
KEPT: Final = ROOT / "tests" / "data" / "gallery"
SEEN: Final = ROOT / "test-artefacts" / "gallery"
KEEP: Final = os.environ.get("POLYGLOT_KEEP_PICTURES") == "1"
NOW: Final = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
TALLEST: Final = 1800
BUILD_SECONDS: Final = 60.0
DRAW_SECONDS: Final = 30.0
STILL_SECONDS: Final = 0.5 if KEEP else 3.0
"""A picture that is not the kept one and has not changed for so long is another one."""
PLACES: Final = ("target-size", "scrollable-region-focusable")
"""Axe's rules on where things are; nearly all others read markup, which is the same in every theme and direction."""
COLOURS: Final = ("color-contrast", "link-in-text-block")


@dataclass(frozen=True, slots=True)
class Way:
    """How a state is looked at; English words from right to left, so that the font is the page's own everywhere."""

    width: int
    height: int
    theme: str
    direction: str
    rules: tuple[str, ...]
    """Of axe; none: all of WCAG 2.2 A and AA."""


WAYS: Final = {
    "light": Way(1440, 900, "light", "ltr", ()),
    "dark-rtl": Way(1440, 900, "dark", "rtl", COLOURS + PLACES),
    "narrow": Way(320, 640, "light", "ltr", ()),
    "narrow-dark-rtl": Way(320, 640, "dark", "rtl", PLACES),
}
ZOOMED: Final = Way(320, 256, "light", "ltr", PLACES)
"""1280 by 1024 at 400 %."""
BY_KEYS: Final = {"light": "Enter", "narrow": "Space"}
"""Ways that are gone through by the Tab key, and the key that everything is pressed with."""
OPENED: Final = "captions"
"""Shown with a box open over it."""
AT_ONCE: Final = 2
"""Pages: one draws while the other is read."""
SETTLED: Final = """async () => {
  await document.fonts.ready;
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
}"""


IN_SIGHT: Final = """(what) => {
  const dock = document.querySelector('.dock');
  const end = dock && getComputedStyle(dock).position === 'sticky' ? dock.getBoundingClientRect().top : innerHeight;
  const boxes = [...document.querySelectorAll(what)].map((one) => one.getBoundingClientRect());
  return boxes.filter((box) => box.height > 0 && box.top >= 0 && box.bottom <= end + 1).length;
}"""
OVER_ONE_ANOTHER: Final = """() => [...document.querySelectorAll('.way')].flatMap((way) => {
  const parts = [...way.children].filter((part) => part.getClientRects().length);
  const boxes = parts.map((part) => part.getBoundingClientRect());
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
  return parts.filter((_, n) => boxes.some((box, m) => m < n && over(box, boxes[n]))).map((part) => part.textContent);
})"""
LAPTOPS: Final = ((1440, 900), (1366, 768), (1280, 800), (1024, 768))
FIT: Final = (
    ("many", 1440, 900, ".offer", 10),
    ("many", 390, 844, ".offer", 4),
    ("welcome", 320, 640, ".brief, .welcome-start .primary", 2),
)
"""Of a state, on a screen of that size and not scrolled by anybody, how many of what are whole in sight."""


@asynccontextmanager
async def gallery(folder: Path) -> AsyncIterator[str]:
    command = ["npm", "run", "--silent", "build:gallery", "--", "--outDir", str(folder), "--logLevel", "warn"]
    environment = os.environ | {"PATH": node_path()}
    built = await asyncio.create_subprocess_exec(*command, cwd=ROOT / "ui", env=environment)
    assert await asyncio.wait_for(built.wait(), BUILD_SECONDS) == 0
    async with serving(Starlette(routes=[Mount("/", StaticFiles(directory=folder))])) as url:
        yield f"{url}/gallery.html"


async def show(page: Page, way: Way) -> None:
    await page.set_viewport_size({"width": way.width, "height": way.height})
    await page.evaluate(
        "([theme, dir]) => { const { documentElement: root } = document; root.dataset.theme = theme; root.dir = dir; }",
        [way.theme, way.direction],
    )
    await page.evaluate(SETTLED)


async def too_wide(page: Page, way: Way) -> list[str]:
    wide = await page.evaluate("document.documentElement.scrollWidth")
    return [f"is {wide} px wide"] if wide > way.width else []


async def taken(page: Page, way: Way, path: Path) -> Image.Image:
    """The picture once it is the kept one, or does not change any more."""
    before: bytes | None = None
    same_since = time.monotonic()
    begun = same_since
    while True:
        tall = min(TALLEST, int(await page.evaluate("document.documentElement.scrollHeight")))
        clip: Any = {"x": 0, "y": 0, "width": way.width, "height": tall}
        picture = reduced(await page.screenshot(full_page=True, clip=clip, animations="disabled", scale="css"))
        now, seen = time.monotonic(), picture.tobytes()
        if seen != before:
            before, same_since = seen, now
        if not differs(picture, path) or now - same_since > STILL_SECONDS or now - begun > DRAW_SECONDS:
            return picture
        await asyncio.sleep(0.1)


async def wrong_with(page: Page, name: str) -> list[str]:
    wrong: list[str] = []
    cdp = await page.context.new_cdp_session(page)
    for called, way in WAYS.items():
        await show(page, way)
        path = KEPT / f"{name}.{called}.webp"
        picture = await taken(page, way, path)
        if said := differs(picture, path):
            if KEEP:
                keep(picture, path)
            else:
                keep(picture, SEEN / path.name)
                wrong.append(f"{called}: {said}")
        wrong += [f"{called}: {one}" for one in [*await violations(page, *way.rules), *await too_wide(page, way)]]
        if called == "light":
            wrong += [f"read out: {one}" for one in await unspoken(page, cdp)]
    await show(page, ZOOMED)
    wrong += [f"zoomed: {one}" for one in [*await violations(page, *ZOOMED.rules), *await too_wide(page, ZOOMED)]]
    # Last: whoever has gone through all of it has scrolled.
    for called, key in BY_KEYS.items():
        await show(page, WAYS[called])
        if name == OPENED:
            wrong += [f"{called}, by keys: {one}" for one in await boxes_that_hold(page)]
        wrong += [f"{called}, by {key}: {one}" for one in await out_of_reach(page, cdp, key)]
    await cdp.detach()
    return wrong


async def out_of_sight(page: Page, name: str) -> list[str]:
    """Too few flights on a laptop or a phone; a button to begin that comes before what is said of the beginning."""
    wrong: list[str] = []
    for state, width, height, what, least in FIT:
        if state == name:
            await page.set_viewport_size({"width": width, "height": height})
            # A reload would scroll to where the state was left.
            url = page.url
            await page.goto("about:blank")
            await page.goto(url)
            await page.locator(what).first.wait_for()
            await page.evaluate(SETTLED)
            seen = int(await page.evaluate(IN_SIGHT, what))
            wrong += [f"{seen} of {least} {what} in sight on {width} by {height}"] if seen < least else []
    return wrong


async def over_one_another(page: Page) -> list[str]:
    """Words of a flight's row that stand on others, on screens of the sizes that laptops have."""
    wrong: list[str] = []
    for width, height in LAPTOPS:
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate(SETTLED)
        wrong += [f"{text!r} stands on other words, {width} px" for text in await page.evaluate(OVER_ONE_ANOTHER)]
    return wrong


async def complains(page: Page, name: str) -> list[str]:
    """What the desk says went wrong, where nothing should have: its answers are no answers of the API any more."""
    if not name.startswith("desk-") or name == "desk-sign-in":
        return []
    said = await page.get_by_role("alert").all_inner_texts()
    return [text for text in said if text.strip()]


@pytest.mark.timeout(400)
async def test_every_state_looks_as_it_did_and_can_be_read_by_everybody(bare_page: Any, tmp_path: Path) -> None:
    wrong: dict[str, list[str]] = {}

    async def look(page: Page, url: str, names: Iterator[str]) -> None:
        for name in names:
            await page.goto(f"{url}?state={name}")
            await page.locator("main h1, main h2").first.wait_for(state="attached")
            found = [*await wrong_with(page, name), *await complains(page, name), *await out_of_sight(page, name)]
            found += await over_one_another(page)
            if found:
                wrong[name] = found

    async with gallery(tmp_path) as url, bare_page() as page:
        pages = [page, *[await page.context.new_page() for _ in range(AT_ONCE - 1)]]
        for one in pages:
            await one.clock.set_fixed_time(NOW)
        await page.goto(url)
        links = page.get_by_role("main").get_by_role("link")
        await links.first.wait_for()
        names = await links.all_inner_texts()
        left = iter(names)
        await asyncio.gather(*[look(one, url, left) for one in pages])
    told = [f"{name}: {one}" for name, found in wrong.items() for one in found]
    assert not told, "\n".join([f"what was seen is in {SEEN.relative_to(ROOT)}:", *told])
    # A picture of a state that there is no more is nothing that anybody looks at.
    assert {path.name.split(".")[0] for path in KEPT.glob("*.webp")} == set(names)
