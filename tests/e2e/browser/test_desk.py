"""The desk: a call that was just made, seen by who runs the assistant."""

from typing import Any

from axe import violations
from playwright.async_api import expect

from cli.stack.local import LocalStack


async def test_a_call_is_read_at_the_desk_with_the_operators_key(stack: LocalStack, open_page: Any) -> None:
    async with open_page(None) as page:
        await page.goto(stack.api_url)
        await page.get_by_label("Keep my transcript").check()
        await page.get_by_role("button", name="Type instead").click()
        await expect(page.get_by_text("You can type").first).to_be_visible(timeout=30_000)
        await page.get_by_role("textbox").fill("Find flights from Madrid to Berlin tomorrow")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article").first).to_be_visible(timeout=20_000)
        await page.get_by_role("button", name="End", exact=True).click()
        await expect(page.get_by_text("The call has ended.")).to_be_visible()

        await page.goto(f"{stack.api_url}/desk")
        await page.get_by_label("Key or token").fill(stack.operator_key.split(",")[0])
        await page.get_by_role("button", name="Open the desk").click()
        await page.locator("tbody a").first.click()
        await expect(page.get_by_text("Find flights from Madrid to Berlin tomorrow").first).to_be_visible()
        # The agent tells what it did in batches; the desk looks again while there may be more.
        await expect(page.get_by_text("search_flights")).to_be_visible(timeout=30_000)
        assert await violations(page) == []
