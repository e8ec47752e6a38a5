"""What axe finds wrong on a page as it is."""

from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

_AXE: Final = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"


async def violations(page: Page, *rules: str) -> list[str]:
    """Each as its rule and first element; of WCAG 2.2 A and AA, or of these rules alone."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE.read_text("utf-8"))
    found: dict[str, Any] = await page.evaluate(
        "runOnly => axe.run(document, {runOnly, resultTypes: ['violations']})",
        list(rules) or ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
    )
    return [f"{rule['id']}: {rule['nodes'][0]['target']}" for rule in found["violations"]]
