"""A headless Chromium with the page open, its microphone a file, or denied."""

from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from chromium import FLAGS, found_or_skip
from playwright.async_api import Page, async_playwright
from stacks import Speech

from cli.stack.local import LocalStack
from cli.traveller.audio import to_wav, write_wav

ROOT = Path(__file__).resolve().parents[3]
DEVICE = "--use-fake-device-for-media-stream"
FAKE_MICROPHONE = [DEVICE, "--use-fake-ui-for-media-stream"]
CAPTURE = "--use-file-for-fake-audio-capture="
REMEMBER_PEERS = """
  const Real = window.RTCPeerConnection;
  window.testPeers = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...args) { super(...args); window.testPeers.push(this); }
  };
"""
"""Only in the test's browser: the page itself exposes nothing."""
PLAIN_MICROPHONE = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const plain = { autoGainControl: false, noiseSuppression: false };
  navigator.mediaDevices.getUserMedia = (wanted) =>
    open(wanted.audio ? { ...wanted, audio: { ...wanted.audio, ...plain } } : wanted);
"""
"""A file is not a room: gain control raises its digital silence until speech clips, and a synthetic voice counts as noise.
Echo cancellation stays on as it is for people: without it Chromium gives the device's own channels and rate."""

SPOKEN_INTO = """
  const context = new AudioContext({ sampleRate: 48000 });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  navigator.mediaDevices.getUserMedia = async () => {
    await context.resume();
    return out.stream.clone();
  };
  window.testSay = async (wav) => {
    const bytes = Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0));
    const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes.buffer) });
    source.connect(out);
    const over = new Promise((resolve) => source.addEventListener('ended', resolve));
    source.start();
    await over;
  };
"""
"""A microphone that hears what the test says when it says it, and silence before and after."""

OpenPage = Callable[..., AbstractAsyncContextManager[Page]]


SpokenWav = Callable[..., Awaitable[Path]]
Say = Callable[[Page, str], Awaitable[None]]


@pytest.fixture
def spoken_wav(speech: Speech, tmp_path: Path) -> SpokenWav:
    """A spoken text as a 48 kHz mono WAV file that begins after so many seconds, by default when the greeting is over."""

    async def make(text: str, after: float = 10.0) -> Path:
        path = tmp_path / "spoken.wav"
        before, end = np.zeros(int(after * 48_000), dtype=np.int16), np.zeros(2 * 48_000, dtype=np.int16)
        write_wav(path, np.concatenate([before, await speech(text), end]))
        return path

    return make


@pytest.fixture
def say(speech: Speech) -> Say:
    """Speak into the microphone of a page that was opened with one that can be spoken into."""

    async def speak(page: Page, text: str) -> None:
        await page.evaluate("(wav) => window.testSay(wav)", b64encode(to_wav(await speech(text))).decode())

    return speak


@pytest.fixture
def chromium() -> str:
    """Path of a Chromium or Chrome."""
    return found_or_skip()


@pytest.fixture
def page_of(chromium: str) -> OpenPage:
    """Opens the page of a stack: `microphone` is a 48 kHz WAV that is played once, "spoken into", or None: denied."""
    assert (ROOT / "ui" / "dist" / "index.html").is_file(), "the page is not built: run `npm run build` in ui/"

    @asynccontextmanager
    async def start(
        stack: LocalStack,
        microphone: Path | Literal["spoken into"] | None = None,
        *,
        width: int = 1440,
        height: int = 900,
        lang: str = "en-GB",
    ) -> AsyncIterator[Page]:
        sound = [DEVICE, "--deny-permission-prompts"] if microphone is None else [*FAKE_MICROPHONE]
        if isinstance(microphone, Path):
            sound.append(f"{CAPTURE}{microphone}%noloop")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *sound])
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                locale=lang,
                timezone_id="UTC",
                service_workers="block",  # what a test hands the browser would not pass through one
            )
            page = await context.new_page()
            page.set_default_timeout(20_000)
            await page.add_init_script(REMEMBER_PEERS)
            await page.add_init_script(SPOKEN_INTO if microphone == "spoken into" else PLAIN_MICROPHONE)
            await page.goto(stack.api_url)
            try:
                yield page
            finally:
                await browser.close()

    return start


@pytest.fixture
def open_page(stack: LocalStack, page_of: OpenPage) -> OpenPage:
    """Opens the page of the shared stack."""
    return partial(page_of, stack)
