"""A room with 500 turns and 200 flights on a processor that is four times slower: frames and tasks while it is used."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any, Final

from page_api import browsing
from serving import serving
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tools.setup import node_path

ROOT: Final = Path(__file__).resolve().parents[2]
SLOWER: Final = 4
MEASURE: Final = """async (name) => {
  const frame = () => new Promise(requestAnimationFrame);
  const painted = async () => { await frame(); await new Promise((next) => setTimeout(next)); };
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
  observer.observe({ type: 'longtask' });
  const frames = [];
  const rows = [];
  // The rows follow what stands above them: when the first of them has changed.
  const moved = () => new Promise((done) => {
    const inRows = ({ target, addedNodes }) => target.parentElement?.closest('.offers')
      || target.matches?.('.offers') || [...addedNodes].some((node) => node.matches?.('.offers'));
    const watch = new MutationObserver((changes) => changes.some(inRows) && over(performance.now()));
    const over = (at) => { watch.disconnect(); done(at); };
    watch.observe(document.querySelector('.found'), { childList: true, characterData: true, subtree: true });
    setTimeout(over, 5000, Number.NaN);
  });
  // What was asked for before is all there: long lists are drawn piece by piece.
  const still = async () => {
    for (let count = -1; ;) {
      const now = document.querySelectorAll('.offers li').length;
      if (now === count) return;
      count = now;
      await new Promise((next) => setTimeout(next, 300));
    }
  };
  const each = async (count, step, listed = false) => {
    for (let index = 0; index < count; index++) {
      if (listed) await still();
      const begun = performance.now();
      const moving = listed && moved();
      step(index);
      await painted();
      frames.push(performance.now() - begun);
      if (listed) rows.push((await moving) - begun);
    }
  };
  const views = ['duration', 'departure', 'price'];
  const steps = {
    cards: () => each(1, () => bench.cards(), true),
    captions: () => each(40, (index) => bench.caption('and another word '.repeat(index + 1))),
    sort: () => each(6, (index) => bench.sort(views[index % 3]), true),
    filter: () => each(6, (index) => bench.filter(index % 2 ? null : 0), true),
    open: () => each(6, (index) => bench.open(index % 2 ? null : index + 1)),
    scroll: () => each(60, (index) => {
      const list = document.querySelector('.found');
      window.scrollBy(0, 220);
      list.scrollBy(0, 220);
      document.querySelector('.transcript').scrollBy(0, -220);
    }),
  };
  await steps[name]();
  await new Promise((next) => setTimeout(next, 200));
  observer.disconnect();
  frames.sort((a, b) => a - b);
  return { median: frames[frames.length >> 1], worst: frames.at(-1), longest: Math.max(0, ...tasks), rows: Math.max(0, ...rows) };
}"""


async def measure(chromium: str) -> list[str]:
    """A line for each thing that is done."""
    told: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "run", "--silent", "build:gallery", "--", "--outDir", folder, "--logLevel", "warn"]
        built = await asyncio.create_subprocess_exec(*command, cwd=ROOT / "ui", env=os.environ | {"PATH": node_path()})
        if await asyncio.wait_for(built.wait(), 120) != 0:
            message = "the gallery could not be built"
            raise RuntimeError(message)
        app = Starlette(routes=[Mount("/", StaticFiles(directory=folder))])
        async with serving(app) as url, browsing(chromium, viewport={"width": 1440, "height": 900}) as page:
            await page.goto(f"{url}/gallery.html?state=bench")
            await page.wait_for_function("'bench' in window")
            await asyncio.sleep(1)  # as long as somebody needs to ask
            session = await page.context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            for name in ("cards", "captions", "sort", "filter", "open", "scroll"):
                seen: dict[str, Any] = await page.evaluate(MEASURE, name)
                rows = f", rows after {seen['rows']:4.0f} ms at most" if seen["rows"] else ""
                told.append(
                    f"{name:9} median {seen['median']:5.0f} ms, worst {seen['worst']:5.0f} ms, "
                    f"longest task {seen['longest']:4.0f} ms{rows}"
                )
    return told
