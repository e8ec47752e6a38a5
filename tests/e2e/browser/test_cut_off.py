"""What the page says while nobody can read what is typed, and what becomes of the words: no network, a dead agent."""

import re
import signal
import time
from typing import Any

import psutil
import pytest
from playwright.async_api import Page, expect
from stacks import StackFactory

from cli.stack.local import LocalStack

TOLD_SECONDS = 8.0
"""So long after an agent has died the page may still invite; the media server notices after fifteen seconds and more."""
INVITING = re.compile("listening|typing|hold")


async def begin(page: Page) -> None:
    """A call whose assistant waits for the next words."""
    await page.get_by_role("button", name="Type instead, without microphone").click()
    await ready(page)


async def ready(page: Page) -> None:
    await expect(page.locator(".status")).to_have_attribute("data-status", INVITING, timeout=60_000)


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Message to the assistant").fill(text)
    await page.keyboard.press("Enter")


async def test_offline_nobody_is_invited_and_what_is_typed_is_read_when_the_network_is_back(open_page: Any) -> None:
    async with open_page(None) as page:
        await begin(page)
        await page.context.set_offline(True)
        await expect(page.locator(".status")).to_have_attribute("data-status", "offline", timeout=1_000)
        await write(page, "Flights from Paris to Rome tomorrow")
        await expect(page.locator(".said.user .delivery")).to_contain_text("Not sent yet")
        await page.context.set_offline(False)
        await expect(page.get_by_role("heading", name="Paris to Rome")).to_be_visible(timeout=30_000)
        await expect(page.locator(".said.user .delivery")).to_have_count(0)
        assert await page.locator(".said.user").count() == 1, "it is said once"


@pytest.mark.parametrize("button", ["Start talking", "Type instead, without microphone"])
async def test_a_dead_agent_is_said_to_be_silent_and_the_next_one_reads_what_was_typed(
    own_stack: StackFactory, page_of: Any, button: str
) -> None:
    async with own_stack() as stack, page_of(stack) as page:
        await page.get_by_role("button", name=button).click()
        await ready(page)
        _kill_agents(stack)
        died = time.monotonic()
        # To one who is dead, and not known to be.
        await write(page, "Flights from Paris to Rome tomorrow")
        await expect(page.locator(".status")).not_to_have_attribute(
            "data-status", INVITING, timeout=TOLD_SECONDS * 1000
        )
        assert time.monotonic() - died < TOLD_SECONDS
        await write(page, "Flights from Paris to Madrid tomorrow")
        await expect(page.locator(".said.user .delivery").last).to_contain_text("Not sent yet")
        await stack.stop("agent")
        await stack.start_agent()
        await expect(page.get_by_role("heading", name="Paris to Madrid")).to_be_visible(timeout=60_000)
        await expect(page.locator(".said.user .delivery")).to_have_count(0)


def _kill_agents(stack: LocalStack) -> None:
    """The worker with the process of each of its calls, at once and without a word."""
    worker = psutil.Process(stack.children["agent"].process.pid)
    for one in [*worker.children(recursive=True), worker]:
        one.send_signal(signal.SIGKILL)
