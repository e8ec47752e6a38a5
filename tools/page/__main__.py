"""How soon the built page is painted, can be used and answers: `make bench-page`.

Chromium with a network of the speed that DevTools calls slow 3G, and without a limit; the API in this process. Then a
room with 500 turns and 200 flights on a processor four times slower, and a call of the whole stack on this machine.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path

from page_api import browsing, page_api

from tools.page import call, crowd

NETWORKS = {"slow 3G (2,000 ms, 400 kbit/s)": (2000, 50_000), "loopback": (0, 0)}
OBSERVE = """
  window.seen = { lcp: 0, cls: 0, long: 0 };
  const on = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  on('largest-contentful-paint', (entry) => { seen.lcp = entry.startTime; });
  on('layout-shift', (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
  on('longtask', (entry) => { seen.long = Math.max(seen.long, entry.duration); });
"""
READ = """() => ({ ...seen, fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0 })"""


async def _main() -> None:
    chromium = shutil.which("chromium") or "google-chrome"
    with tempfile.TemporaryDirectory() as folder:
        async with page_api(Path(folder)) as api:
            for name, (latency, rate) in NETWORKS.items():
                async with browsing(chromium, service_workers="block") as page:
                    await page.add_init_script(OBSERVE)
                    if rate:
                        session = await page.context.new_cdp_session(page)
                        limits = {"latency": latency, "downloadThroughput": rate, "uploadThroughput": rate}
                        await session.send("Network.enable")
                        await session.send("Network.emulateNetworkConditions", {"offline": False, **limits})
                    await page.goto(api)
                    await page.get_by_role("button", name="Start talking").wait_for(timeout=60_000)
                    await asyncio.sleep(1)
                    told = await page.evaluate(READ)
                    print(
                        f"{name:32} first paint {told['fcp']:6.0f} ms, largest {told['lcp']:6.0f} ms, "
                        f"shift {told['cls']:.4f}, longest task {told['long']:.0f} ms"
                    )

    for line in [*await crowd.measure(chromium), *await call.measure(chromium)]:
        print(line)


asyncio.run(_main())
