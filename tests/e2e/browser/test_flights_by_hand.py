"""Flights without an assistant: an address, a price that is asked for again, a link, a comparison, other days, Back."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from axe import violations
from playwright.async_api import expect

from cli.stack.local import LocalStack


async def test_a_search_in_the_address_can_be_worked_with_sent_on_and_gone_back_to(
    stack: LocalStack, open_page: Any
) -> None:
    day = (datetime.now(UTC) + timedelta(days=20)).date()
    query = f"?origin=MAD&destination=BER&departure_date={day}&bags=1"
    async with open_page(None) as page:
        await page.goto(f"{stack.api_url}/{query}")
        rows = page.get_by_role("article")
        await expect(rows.nth(2)).to_be_visible(timeout=20_000)
        # The shell that is painted first does not leave its font behind.
        assert await page.evaluate("[...document.fonts].some((font) => font.status === 'loaded')")
        # What was understood is corrected by a tap: one wish less is more flights, then the form at the field.
        fewer = await rows.count()
        await page.get_by_role("button", name="Checked bag: 1").click()
        await expect(rows.nth(fewer)).to_be_visible()
        found = await rows.count()

        await rows.nth(0).get_by_role("button").first.click()
        await page.get_by_label("Compare this flight").check()
        await page.get_by_role("button", name="Check price and book").click()
        # Prices of the sample move, as real ones do.
        verdict = page.get_by_text(re.compile("The price is still|The price has changed|no longer sold"))
        await expect(verdict).to_be_visible()
        await page.get_by_role("button", name="Copy a link").click()
        link = page.locator(".hand-off a").last
        await expect(link).to_have_attribute("href", re.compile(r"\?trip=[\w-]{16,}$"))
        shared = await link.get_attribute("href")

        await rows.nth(2).get_by_role("button").first.click()
        await page.get_by_label("Compare this flight").check()
        await expect(page.get_by_role("table", name="Side by side").get_by_role("columnheader")).to_have_count(2)

        await page.get_by_text("Prices on other days").click()
        other = page.locator(".bars li:not([data-chosen=true]) button").first
        await other.click()
        await expect(page).not_to_have_url(re.compile(f"departure_date={day}"))
        await page.go_back()
        await expect(page).to_have_url(re.compile(f"departure_date={day}"))
        await page.reload()
        await expect(rows).to_have_count(found)

        await page.goto(str(shared))
        await expect(rows).to_have_count(1)
        await expect(page.get_by_role("button", name="Start talking")).to_be_visible()
        assert await violations(page) == []

        # Read from right to left, nothing is lost and nothing is cut.
        await page.get_by_label("Language of the page").select_option("ar")
        await expect(page.locator("html")).to_have_attribute("dir", "rtl")
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert await violations(page) == []
