"""The main paths in Debian's Firefox: flights by an address, the desk by a key, a call that is held and one that is lost.

`make test-firefox`; not part of `make test`, because a machine may have no Firefox.
"""

from pathlib import Path
from typing import Any

import pytest
from credentials import OPERATOR_KEY
from firefox import Firefox, firefox
from page_api import page_api
from stacks import new_stack

AXE = Path(__file__).resolve().parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"


async def violations(browser: Firefox) -> Any:
    await browser.load(AXE.read_text("utf-8"))
    return await browser.run(
        "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })"
        ".then((found) => found.violations.map((rule) => `${rule.id}: ${rule.nodes[0].target}`))"
    )


async def test_flights_are_found_by_hand(tmp_path: Path) -> None:
    async with page_api(tmp_path / "api", fare_sources=("sample",)) as url, firefox(tmp_path / "ff") as browser:
        await browser.goto(f"{url}/?origin=MAD&destination=BER&departure_date=2027-03-10")
        await browser.until("document.querySelectorAll('article').length > 3")
        assert await violations(browser) == []
        await browser.resize(320, 640)
        assert await browser.run("document.documentElement.scrollWidth") <= 320
        await browser.resize(1280, 900)
        await browser.run("document.querySelector('article button').click()")
        await browser.until(
            "document.querySelectorAll('article [aria-expanded=true], article[aria-current=true]').length"
        )
        assert browser.errors == []


async def test_a_call_that_cannot_be_had_says_so(tmp_path: Path) -> None:
    async with page_api(tmp_path / "api", fare_sources=("sample",)) as url, firefox(tmp_path / "ff") as browser:
        await browser.goto(url)
        assert await violations(browser) == []
        await browser.press("button", "Type instead")
        await browser.until("document.body.innerText.includes('Connection lost')")
        assert await violations(browser) == []


@pytest.mark.timeout(150)
async def test_a_call_with_a_microphone_is_held_and_ended(tmp_path: Path) -> None:
    async with new_stack(tmp_path / "stack") as stack, firefox(tmp_path / "ff") as browser:
        await browser.goto(stack.api_url)
        await browser.press("button", "Start talking")
        await browser.until("document.querySelector('.status')?.dataset.status === 'listening'")
        assert await browser.run("document.querySelector('.notices').innerText") == ""
        await browser.run("document.querySelector('.composer input').focus()")
        await browser.type("Find flights from Madrid to Berlin tomorrow\ue007")
        await browser.until("document.querySelectorAll('article').length > 3")
        await browser.until("[...document.querySelectorAll('.said.assistant')].length > 0")
        assert await violations(browser) == []
        await browser.press("button", "End")
        await browser.until("document.querySelector('.ended')?.innerText.includes('The call has ended.')")
        assert browser.errors == []


async def test_the_desk_is_opened_by_a_key(tmp_path: Path) -> None:
    async with (
        page_api(tmp_path / "api", fare_sources=("sample",), operator_keys=(OPERATOR_KEY,)) as url,
        firefox(tmp_path / "ff") as browser,
    ):
        await browser.goto(f"{url}/desk/")
        await browser.until("!!document.querySelector('input:not([disabled])')")
        await browser.run("document.querySelector('input').focus()")
        await browser.type(OPERATOR_KEY)
        await browser.press("button", "Open the desk")
        await browser.press("link", "Budgets")
        await browser.until("document.querySelector('meter') !== null")
        assert await violations(browser) == []
        assert browser.errors == []
