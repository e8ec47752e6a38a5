"""Pages in a real Chromium, beside servers of this process: no media server, no agent, no call."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from chromium import FLAGS, found_or_skip
from playwright.async_api import Page, async_playwright

OpenPage = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
def bare_page() -> OpenPage:
    """Opens a page of nothing yet, without a microphone, for servers that a test starts itself."""

    @asynccontextmanager
    async def start(*, width: int = 1440, height: int = 900, scheme: str = "light") -> AsyncIterator[Page]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found_or_skip(), args=FLAGS)
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                locale="en-GB",
                timezone_id="UTC",
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            page = await context.new_page()
            page.set_default_timeout(30_000)
            try:
                yield page
            finally:
                await browser.close()

    return start
