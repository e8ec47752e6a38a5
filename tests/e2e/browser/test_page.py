"""The page in a real browser against the whole assistant: spoken, typed, stopped, lost, and readable by all."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from axe import violations
from in_room import helping, show_screen
from playwright.async_api import Page, expect
from stacks import COMPANY, frozen

from cli.stack.local import LocalStack

EXAMPLE = Path(__file__).parents[3] / "ui" / "example" / "index.html"
QUESTION = "Find me a flight from Madrid to Berlin tomorrow"

ENERGY = """async () => {
  let energy = 0;
  for (const peer of window.testPeers) {
    for (const report of (await peer.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'audio') energy += report.totalAudioEnergy;
    }
  }
  return energy;
}"""


async def energy(page: Page) -> float:
    """Sound energy that the browser has received so far."""
    value: float = await page.evaluate(ENERGY)
    return value


async def start_call(page: Page, button: str = "Start talking") -> None:
    """Press the one button and wait until the assistant is there."""
    await page.get_by_role("button", name=button).click()
    await expect(page.locator(".status")).to_have_attribute(
        "data-status", re.compile("listening|typing|speaking|thinking"), timeout=30_000
    )


def amount(price: str) -> str:
    """The digits of a price, as they are spoken."""
    return re.sub(r"[^\d.]", "", price)


async def said_by_assistant(page: Page) -> str:
    """Everything that the assistant's side of the transcript holds."""
    return " ".join(await page.locator(".said.assistant p").all_inner_texts())


async def shares_its_screen(page: Page, artefacts: Path) -> None:
    """A traveller shows the assistant the screen, is told that it sees it, and takes it back."""
    await page.get_by_role("button", name="Share your screen").click()
    await expect(page.get_by_text("You are sharing your screen")).to_be_visible()
    await expect(page.get_by_text("I can see the screen that you share")).to_be_visible(timeout=30_000)
    await page.screenshot(path=artefacts / "page-desktop.png")
    assert await violations(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_role("button", name="Stop sharing").click()
    await expect(page.get_by_text("You are sharing your screen")).to_be_hidden()
    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=artefacts / "page-phone-dark.png")
    assert await violations(page) == []


async def reads_at_the_desk(page: Page, stack: LocalStack) -> None:
    """Who runs the assistant reads the call that has just ended, with their key."""
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.goto(f"{stack.api_url}/desk")
    await page.get_by_label("Key or token").fill(stack.operator_key.split(",")[0])
    await page.get_by_role("button", name="Open the desk").click()
    await page.locator("tbody a").first.click()
    await expect(page.get_by_text(QUESTION).first).to_be_visible()
    # The agent tells what it did in batches; the desk looks again while there may be more.
    await expect(page.get_by_text("search_flights")).to_be_visible(timeout=30_000)
    assert await violations(page) == []


async def test_two_browsers_and_one_voice_are_one_screen(
    stack: LocalStack, open_page: Any, say: Callable[[Page, str], Awaitable[None]], artefacts: Path
) -> None:
    async with open_page("spoken into") as page, open_page(None, width=390, height=844) as other:
        foreign: list[str] = []
        for one in (page, other):
            one.on("request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None)
        await page.get_by_label("Keep my transcript").check()
        await start_call(page)
        await page.get_by_role("button", name="Show on another screen").click()
        link = await page.get_by_role("link", name="the link to this call").get_attribute("href")
        await other.goto("about:blank")  # a link is opened anew, and not within the page
        await other.goto(str(link))
        await expect(other.get_by_text("This is another screen of a call")).to_be_visible(timeout=30_000)
        await expect(other).not_to_have_url(re.compile("#"))

        # Who speaks to the one sees the flights on both, and hears them on the one.
        await page.get_by_role("button", name="Stop", exact=True).click()
        await say(page, QUESTION)
        await expect(page.locator(".said.user p").last).to_contain_text("Madrid", ignore_case=True, timeout=30_000)
        cards, others = page.get_by_role("article"), other.get_by_role("article")
        await expect(cards.first).to_be_visible(timeout=20_000)
        before = await energy(page)
        await expect(page.get_by_role("heading", name="Madrid to Berlin")).to_be_visible()
        assert await cards.count() > 1
        assert await page.get_by_text("Sample data", exact=True).count() == await cards.count()
        price = amount(await cards.first.locator(".price strong").inner_text())
        await expect(page.locator(".said.assistant p").last).to_contain_text(price, timeout=20_000)
        assert await energy(page) > before, "the answer was not audible"
        assert not await page.evaluate("document.querySelector('audio').muted")
        await expect(others).to_have_count(await cards.count())
        await expect(other.locator(".said.user p").last).to_contain_text("Madrid", ignore_case=True)
        assert await energy(other) == 0, "two loudspeakers in one room hear each other"

        # What is touched on the one is so on the other, and the assistant counts as they do.
        await other.get_by_role("radio", name="Earliest first").check()
        await expect(page.get_by_role("radio", name="Earliest first")).to_be_checked()
        second = amount(await others.nth(1).locator(".price strong").inner_text())
        await expect(cards.nth(1).locator(".price strong")).to_contain_text(second)
        await say(page, "Tell me about number 2")
        for one in (page, other):
            await expect(one.get_by_role("button", name="Flight 2:")).to_have_attribute(
                "aria-expanded", "true", timeout=20_000
            )
        await expect(page.locator(".said.assistant p").last).to_contain_text(second, timeout=20_000)
        await other.get_by_role("button", name="Flight 1:").click()
        await expect(page.get_by_role("button", name="Flight 1:")).to_have_attribute("aria-expanded", "true")
        await other.screenshot(path=artefacts / "page-other-screen.png")
        assert await violations(other) == []

        # A screen that is loaded again is in the call again.
        await other.reload()
        await expect(other.get_by_text("This is another screen of a call")).to_be_visible(timeout=30_000)
        await expect(other.get_by_role("button", name="Flight 1:")).to_have_attribute("aria-expanded", "true")
        await expect(other.get_by_role("radio", name="Earliest first")).to_be_checked()

        await shares_its_screen(page, artefacts)
        # The call is over for both when its traveller ends it.
        await page.get_by_role("button", name="End", exact=True).click()
        await expect(other.get_by_role("main").get_by_text("The call has ended.")).to_be_visible(timeout=30_000)
        await reads_at_the_desk(page, stack)
        assert foreign == [], "a request left the machine"


async def test_words_spoken_before_the_assistant_is_there_are_not_lost(
    stack: LocalStack, open_page: Any, spoken_wav: Callable[..., Awaitable[Path]]
) -> None:
    wav = await spoken_wav("Flights from Madrid to Berlin tomorrow", after=0.0)
    async with open_page(wav) as page:
        with frozen(stack, "agent"):
            await page.get_by_role("button", name="Start talking").click()
            # The question begins at once; nobody is in the room to hear it.
            await asyncio.sleep(2.7)
            await expect(page.locator(".status")).to_have_attribute("data-status", "waiting")
        await expect(page.locator(".said.user p").last).to_contain_text("Madrid", ignore_case=True, timeout=30_000)
        await expect(page.get_by_role("heading", name="Madrid to Berlin")).to_be_visible(timeout=20_000)
        await expect(page.locator(".said.assistant p").last).to_contain_text("sample", timeout=20_000)


async def test_with_the_microphone_denied_typing_does_everything(
    stack: LocalStack, open_page: Any, artefacts: Path
) -> None:
    async with open_page(None) as page:
        assert await violations(page) == []
        async with page.expect_response(re.compile("/v1/sessions$")) as started:
            await start_call(page)
        await expect(page.get_by_role("alert").filter(has_text="not allowed")).to_be_visible()
        await page.get_by_label("Message to the assistant").fill(QUESTION)
        await page.keyboard.press("Enter")
        cards = page.get_by_role("article")
        await expect(cards.first).to_be_visible(timeout=20_000)
        await expect(page.locator(".said.assistant p").last).to_contain_text("Berlin", timeout=20_000)
        await page.get_by_role("button", name="Flight 2:").click()
        await expect(page.get_by_role("button", name="Flight 2:")).to_have_attribute("aria-expanded", "true")
        await page.screenshot(path=artefacts / "page-no-microphone.png")
        assert await violations(page) == []
        # By touch, as by voice: the assistant counts the cards as they are now.
        await page.get_by_label("Stops").select_option(label="Nonstop")
        await expect(page.locator(".summary")).to_contain_text(" of ")
        assert set(await page.locator(".offer-line .stops").all_text_contents()) == {"Nonstop"}
        await page.get_by_label("Message to the assistant").fill("Tell me about number 1")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Flight 1:")).to_have_attribute("aria-expanded", "true")
        await expect(page.locator(".summary")).to_contain_text(" of ")
        # Read and not heard: every voice is silent.
        await page.get_by_role("button", name="Sound").click()
        await page.get_by_label("Captions only").check()
        assert await page.evaluate("[...document.querySelectorAll('audio')].every((voice) => voice.muted)")
        await page.get_by_label("Captions only").uncheck()
        await page.keyboard.press("Escape")
        # A person of the house comes and shows something.
        session = (await (await started.value).json())["session_id"]
        async with helping(stack, session) as operator:
            people = page.get_by_role("region", name="Who is in the call")
            await expect(people.get_by_role("listitem").filter(has_text="Marta")).to_be_visible(timeout=20_000)
            await show_screen(operator)
            screen = people.get_by_label("Screen of Marta")
            await expect(screen).to_have_js_property("videoWidth", 320, timeout=20_000)
            await page.screenshot(path=artefacts / "page-operator.png")
            assert await violations(page) == []
        await expect(people).to_be_hidden(timeout=20_000)


async def test_stop_is_silent_at_once_and_stays_so_until_asked(open_page: Any) -> None:
    async with open_page(None) as page:
        await start_call(page)
        await page.get_by_label("Message to the assistant").fill(QUESTION)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article").first).to_be_visible(timeout=20_000)
        await expect(page.locator(".status")).to_have_attribute("data-status", "speaking", timeout=20_000)
        await page.get_by_label("Message to the assistant").press("Escape")
        assert await page.evaluate("[...document.querySelectorAll('audio')].every((voice) => voice.muted)")
        await expect(page.locator(".status")).to_have_attribute("data-status", "stopped")
        await asyncio.sleep(1)
        silent, words = await energy(page), await said_by_assistant(page)
        await asyncio.sleep(1.5)
        assert await energy(page) - silent < 1e-4, "the assistant went on in silence"
        assert await said_by_assistant(page) == words
        await page.get_by_label("Message to the assistant").fill("Which one is the cheapest?")
        await page.keyboard.press("Enter")
        await expect(page.locator(".status")).to_have_attribute("data-status", "speaking", timeout=20_000)
        assert not await page.evaluate("document.querySelector('audio').muted")


async def test_a_connection_that_falls_silent_is_said_before_the_library_gives_it_up(
    stack: LocalStack, open_page: Any
) -> None:
    async with open_page(None) as page:
        await start_call(page)
        await expect(page.locator(".said.assistant").first).to_be_visible(timeout=20_000)  # its voice has come
        weak = page.get_by_text("Your connection is weak")
        with frozen(stack, "livekit-server"):
            await expect(weak).to_be_visible(timeout=8_000)
        await expect(weak).to_be_hidden()
        await page.get_by_label("Message to the assistant").fill("Flights from Paris to Rome tomorrow")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Paris to Rome")).to_be_visible(timeout=20_000)


async def test_a_reloaded_page_has_what_was_said_and_found_and_gets_a_live_agent(open_page: Any) -> None:
    async with open_page(None) as page:
        await start_call(page)
        await page.get_by_label("Message to the assistant").fill(QUESTION)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article").first).to_be_visible(timeout=20_000)
        await page.reload()
        await expect(page.get_by_role("heading", name="Madrid to Berlin")).to_be_visible()
        await expect(page.locator(".said.user p")).to_have_text(QUESTION)
        await start_call(page, "Start a new call")
        # What it shows from before is what this assistant counts, too.
        await page.get_by_label("Message to the assistant").fill("Tell me about number 2")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Flight 2:")).to_have_attribute("aria-expanded", "true")
        await page.get_by_label("Message to the assistant").fill("Flights from Paris to Rome tomorrow")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Paris to Rome")).to_be_visible(timeout=20_000)
        await page.get_by_role("button", name="End", exact=True).click()
        receipt = await page.locator(".receipt").text_content()
        assert receipt is not None
        assert len(receipt) == 23
        await page.get_by_role("button", name="Erase my data").click()
        await page.get_by_role("button", name="Erase my data", description="Erase for good?").click()
        await expect(page.get_by_text("Nothing of this call is kept")).to_be_visible()
        await expect(page.get_by_role("article")).to_have_count(0)


async def test_the_page_speaks_the_language_of_the_browser(open_page: Any, artefacts: Path) -> None:
    async with open_page(None, lang="ja-JP", width=390, height=844) as page:
        await start_call(page, "話し始める")
        assert await page.evaluate("document.documentElement.lang") == "ja"
        await page.locator(".composer input[type=text]").fill("明日の東京からパリへのフライト")
        await page.keyboard.press("Enter")
        await expect(page.locator(".results-header h2")).to_contain_text("東京", timeout=40_000)
        await page.screenshot(path=artefacts / "page-ja-JP.png")
        assert await violations(page) == []


async def test_in_a_page_of_another_origin_the_widget_holds_a_whole_call(
    stack: LocalStack, open_page: Any, artefacts: Path
) -> None:
    example = (EXAMPLE.read_text("utf-8")).replace("TOKEN", "").replace("API", stack.api_url)
    async with open_page(None, width=390, height=844) as page:
        # Chromium takes what a test hands it for a page of the Internet, which may not reach this machine.
        await page.context.grant_permissions(["local-network-access"])
        await page.route(f"{COMPANY}/**", lambda route: route.fulfill(body=example, content_type="text/html"))
        await page.goto(COMPANY)
        await page.get_by_role("button", name="Buscar vuelos con la voz").click()
        await start_call(page, "Empezar a hablar")
        await page.locator(".composer input[type=text]").fill("Busca vuelos de Madrid a Roma mañana")
        await page.keyboard.press("Enter")
        await expect(page.locator(".results-header h2")).to_contain_text("Madrid", timeout=40_000)
        await page.screenshot(path=artefacts / "widget-call.png")
        assert await violations(page) == []
        # Who closes it is heard no more.
        await page.get_by_role("button", name="Cerrar").click()
        await page.get_by_role("button", name="Buscar vuelos con la voz").click()
        await expect(page.get_by_role("button", name="Iniciar otra llamada")).to_be_visible()
        await expect(page.locator(".results-header h2")).to_contain_text("Madrid")


async def test_without_a_worker_the_page_says_so_and_searches_by_form(lonely: LocalStack, page_of: Any) -> None:
    async with page_of(lonely) as page:
        await page.get_by_role("button", name="Start talking").click()
        await expect(page.get_by_role("alert").filter(has_text="assistant")).to_be_visible(timeout=60_000)
        await page.get_by_label("From").fill("Madrid")
        await page.get_by_label("To", exact=True).fill("Berlin")
        await page.get_by_role("button", name="Search flights").click()
        await expect(page.get_by_role("article").first).to_be_visible()
        assert await violations(page) == []
