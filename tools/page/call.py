"""A call of the whole stack on this machine: from the tap to the microphone and the room, and from the key to silence."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from playwright.async_api import async_playwright
from stacks import new_stack

from cli.traveller.audio import write_wav

CALLS: Final = 5
MARKS: Final = """
  window.marks = {};
  const mark = (name) => { window.marks[name] ??= performance.now(); };
  addEventListener('click', () => { window.marks = { tap: performance.now() }; }, { capture: true });
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    mark('microphone');
    return stream;
  };
  const look = () => {
    const status = document.querySelector('.status')?.dataset.status;
    if (status && status !== 'connecting') mark('room');
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""
SILENCE: Final = """() => new Promise((done) => {
  const voices = () => [...document.querySelectorAll('audio')];
  addEventListener('keydown', () => {
    const begun = performance.now();
    const look = () => voices().every((one) => one.muted) ? done(performance.now() - begun) : setTimeout(look, 1);
    look();
  }, { once: true, capture: true });
})"""


async def measure(chromium: str) -> list[str]:
    """Each figure as its median and its worst of some calls."""
    seen: dict[str, list[float]] = {"tap to microphone": [], "tap to room": [], "stop to silence": []}
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "silence.wav"
        write_wav(wav, np.zeros(48_000, dtype=np.int16))
        async with new_stack(Path(folder) / "stack") as stack, async_playwright() as playwright:
            sound = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
            flags = ["--no-sandbox", "--disable-gpu", *sound, f"--use-file-for-fake-audio-capture={wav}"]
            browser = await playwright.chromium.launch(executable_path=chromium, args=flags)
            for _ in range(CALLS):
                context = await browser.new_context(locale="en-GB", service_workers="block")
                page = await context.new_page()
                await page.add_init_script(MARKS)
                await page.goto(stack.api_url)
                button = page.get_by_role("button", name="Start talking")
                await button.hover()  # as a hand does: what a call needs is fetched then
                await page.wait_for_load_state("networkidle")
                await button.click()
                await page.locator(".status[data-status=speaking]").wait_for(timeout=60_000)
                marks: dict[str, Any] = await page.evaluate("window.marks")
                silence = asyncio.ensure_future(page.evaluate(SILENCE))
                await page.evaluate("0")  # the one before it is listening then
                await page.keyboard.press("Escape")
                for name, value in (
                    ("tap to microphone", marks["microphone"] - marks["tap"]),
                    ("tap to room", marks["room"] - marks["tap"]),
                    ("stop to silence", await silence),
                ):
                    seen[name].append(float(value))
                await context.close()
            await browser.close()
    return [
        f"{name:18} median {np.median(values):5.0f} ms, worst {max(values):5.0f} ms" for name, values in seen.items()
    ]
