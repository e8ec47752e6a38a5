"""The form in a browser, without a call: keys alone, several legs, namesakes, what was understood."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from axe import violations
from page_api import browsing, page_api
from playwright.async_api import expect

SOON = 30_000


async def test_a_journey_is_asked_for_by_keys_alone_and_corrected_by_taps(
    chromium: str, tmp_path: Path, artefacts: Path
) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    async with page_api(tmp_path) as api, browsing(chromium, service_workers="block") as page:
        asked: list[dict[str, object]] = []
        page.on(
            "request",
            lambda request: (
                asked.append(json.loads(request.post_data or "{}")) if "/v1/flights/search" in request.url else None
            ),
        )
        await page.goto(f"{api}/?form")
        await page.get_by_role("radio", name="One way").focus()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("ArrowRight")  # several cities
        await page.keyboard.press("Tab")
        await page.keyboard.type("Madr")
        await expect(page.get_by_role("listbox")).to_be_visible(timeout=SOON)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Berlin")
        await page.keyboard.press("Escape")
        first = page.get_by_role("group", name="Flight 1")
        await first.get_by_label("Date").fill(str(day))
        second = page.get_by_role("group", name="Flight 2")
        await expect(second.get_by_label("To", exact=True)).to_have_value("", timeout=SOON)
        await second.get_by_label("From").fill("BER")
        await second.get_by_label("To", exact=True).fill("Paris")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article").first).to_be_visible(timeout=SOON)
        assert asked[-1]["origin"] == "Madrid, Spain (MAD)"
        assert asked[-1]["further"] == [{"origin": "BER", "destination": "Paris", "date": str(day + timedelta(days=3))}]
        legs = f"&adults=1&leg=BER.PAR.{day + timedelta(days=3)}&currency=GBP"
        await expect(page).to_have_url(f"{api}/?origin=MAD&destination=BER&departure_date={day}{legs}")

        # The map is drawn of what the page has itself, and says the same in words.
        await page.get_by_text("Route on the map").click()
        await expect(page.locator(".route-map polyline")).to_have_count(2, timeout=SOON)
        await expect(page.locator(".route-map li")).to_have_text(
            [re.compile("Madrid .* km"), re.compile("Berlin .* km")]
        )
        await page.locator(".route-map").scroll_into_view_if_needed()
        await page.screenshot(path=artefacts / "map.png")
        assert await violations(page) == []

        # "Paris" is several places; the other one is a tap away.
        await page.get_by_role("button", name="Paris, Texas").click()
        await expect(page).to_have_url(re.compile("PRX"), timeout=SOON)
        # A wrong place is corrected in the form, which opens there.
        await page.get_by_role("heading", level=2).get_by_role("button", name="Berlin").click()
        field = page.locator("[name=destination]")
        await expect(field).to_be_focused(timeout=SOON)
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await page.screenshot(path=artefacts / "form-320.png")
        assert await violations(page) == []
        await field.fill("Xyzzyville")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("We do not know this place.")).to_be_visible(timeout=SOON)
        assert await violations(page) == []
