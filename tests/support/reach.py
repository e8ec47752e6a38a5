"""What somebody without a mouse, and somebody without eyes, cannot do on a page as it is: found by real keys and in the
tree that Chromium gives to screen readers."""

import asyncio
from typing import Any, Final

from playwright.async_api import CDPSession, Page

_DEEP: Final = """
  const deep = (root = document) => [...root.querySelectorAll('*')].flatMap((one) =>
    one.shadowRoot ? [one, ...deep(one.shadowRoot)] : [one]);
  const focused = (root = document) => root.activeElement?.shadowRoot ? focused(root.activeElement.shadowRoot) : root.activeElement;
  const at = (x, y, root = document) => {
    const found = root.elementFromPoint(x, y);
    return found?.shadowRoot && found.shadowRoot !== root ? at(x, y, found.shadowRoot) ?? found : found;
  };
"""
"""What is in the shadow of an element is as much of the page as what is not."""
_MARK: Final = (
    """() => {"""
    + _DEEP
    + """  const wanted = 'a[href], button, input, select, textarea, summary, video[controls], [tabindex]';
  const radios = new Set();
  const reachable = (element) => {
    if (element.matches(':disabled, [type=hidden], [hidden], [tabindex="-1"]') || element.closest('[inert]')) return false;
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    if (element.type !== 'radio') return true;
    // One stop for a group: the one that is chosen, or the first.
    const group = [...element.getRootNode().querySelectorAll('[type=radio]')].filter(({ name }) => name === element.name);
    const stop = group.find((one) => one.checked) ?? group[0];
    return element === stop && !radios.has(element.name) && radios.add(element.name);
  };
  const all = deep().filter((one) => one.matches(wanted)).filter(reachable);
  window.reached = [];
  window.stops = all;
  window.reachedBefore?.abort();
  window.reachedBefore = new AbortController();
  const { signal } = window.reachedBefore;
  // Out of a shadow comes nothing of what moves within it.
  for (const root of [document, ...deep().map((one) => one.shadowRoot).filter(Boolean)]) {
    root.addEventListener('focusin', (event) => window.reached.push(all.indexOf(event.composedPath()[0])), { signal });
  }
  // What a key does is noted and not done: the page stays as it is while it is gone through.
  window.pressed = new Set();
  const stop = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
  const on = (type, note) => window.addEventListener(type, note, { capture: true, signal });
  on('click', (event) => { window.pressed.add(event.composedPath()[0].closest(wanted)); stop(event); });
  for (const type of ['submit', 'beforeinput', 'change', 'input']) on(type, stop);
  // These open a list of the system's own, which would take the keys after it.
  on('keydown', (event) => event.key !== 'Tab' && event.composedPath()[0].matches('select, [type=date]') && stop(event));
  focused()?.blur();
  return all.length;
}"""
)
_NAMED: Final = """element => element && (element.ariaLabel || element.innerText || element.name || element.outerHTML)
  .trim().slice(0, 60)"""
_MISSED: Final = f"""() => {{
  const named = {_NAMED};
  const seen = window.reached;
  const missed = window.stops.filter((_, index) => !seen.includes(index)).map((one) => `not reached: ${{named(one)}}`);
  const order = seen.filter((index) => index >= 0);
  const jumps = order.slice(1).filter((index, at) => index < order[at] && index !== 0);
  return [...missed, ...jumps.map((index) => `out of order: ${{named(window.stops[index])}}`)];
}}"""
_DEAD: Final = f"""(key) => {{
  const named = {_NAMED};
  const takes = key === 'Enter' ? 'a[href], button, summary' : 'button, summary, [type=checkbox], [type=radio]:not(:checked)';
  return window.stops
    .filter((one) => one.matches(takes) && window.reached.includes(window.stops.indexOf(one)) && !window.pressed.has(one))
    .map((one) => `${{key}} does nothing: ${{named(one)}}`);
}}"""
_PRESSABLE: Final = f"""() => {{
  {_DEEP}
  const named = {_NAMED};
  const taken = 'a[href], button, input, select, textarea, label, summary, video, [role=option]';
  return deep(document.body)
    .filter((one) => getComputedStyle(one).cursor === 'pointer' && !one.closest(taken) && one.checkVisibility())
    .map((one) => `looks as if it could be pressed, and has no key: ${{named(one)}}`);
}}"""
_SHOWN: Final = f"""() => {{
  {_DEEP}
  const named = {_NAMED};
  const wrong = [];
  window.reachedBefore.abort();
  // Drawn on the thing itself, on its label, on what stands for it, or on the row that it opens.
  const look = (element) => {{
    const around = [element.closest('label'), element.nextElementSibling];
    for (let each = element, up = 0; each && up < 4; each = each.parentElement, up++) around.push(each);
    return around.flatMap((each) => each ? [null, '::after'].map((part) => {{
      const {{ outlineStyle, outlineWidth, boxShadow, borderColor }} = getComputedStyle(each, part);
      return [outlineStyle, outlineStyle === 'none' ? '' : outlineWidth, boxShadow, borderColor].join();
    }}) : []).join(';');
  }};
  for (const element of window.stops) {{
    focused()?.blur();
    const before = look(element);
    element.focus();
    if (focused() !== element) continue;
    const label = element.closest('label');
    if (look(element) === before) wrong.push(`focus not seen: ${{named(element)}}`);
    const box = (label ?? element).getBoundingClientRect();
    const middle = (from, to, most) => (Math.max(from, 0) + Math.min(to, most)) / 2;
    const x = middle(box.left, box.right, innerWidth);
    const y = middle(box.top, Math.min(box.bottom, box.top + 48), innerHeight);
    const there = at(x, y);
    const own = there && (element.contains(there) || there.contains(element) || label?.contains(there));
    if (!own) wrong.push(`focus is covered or out of sight: ${{named(element)}}`);
  }}
  focused()?.blur();
  return wrong;
}}"""
_HEADINGS: Final = """() => {
  const wrong = [];
  let before = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    if (!heading.checkVisibility()) continue;
    const level = Number(heading.tagName[1]);
    if (level > before + 1) wrong.push(`heading of level ${level} after ${before}: ${heading.textContent}`);
    before = level;
  }
  for (const what of ['h1', 'main']) {
    const count = [...document.querySelectorAll(what)].filter((one) => one.checkVisibility()).length;
    if (count !== 1) wrong.push(`${count} of ${what}`);
  }
  const loose = document.querySelectorAll('[tabindex]:not([tabindex="-1"]):not([tabindex="0"])');
  return [...wrong, ...[...loose].map((one) => `has a place of its own in the order: ${one.outerHTML.slice(0, 60)}`)];
}"""
_KEYS: Final = {"Tab": (9, ""), "Enter": (13, "\r"), "Space": (32, " ")}
SPOKEN_FOR: Final = frozenset(
    [
        "button",
        "link",
        "textbox",
        "combobox",
        "checkbox",
        "radio",
        "heading",
        "region",
        "navigation",
        "dialog",
        "log",
        "searchbox",
        "spinbutton",
        "listbox",
        "table",
        "img",
        "Date",
        "slider",
        "switch",
        "tab",
        "DisclosureTriangle",
    ]
)
"""Roles that mean nothing to the ear without a name."""


def _struck(key: str) -> list[dict[str, Any]]:
    """One key as the browser takes it, down and up."""
    code, text = _KEYS[key]
    about = {"key": text or key, "code": key, "windowsVirtualKeyCode": code}
    down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
    return [about | down, about | {"type": "keyUp"}]


async def out_of_reach(page: Page, cdp: CDPSession, key: str = "Enter") -> list[str]:
    """What the Tab key does not come to, in the page's own order and back out of it; focus that is not seen; and what
    `key` (Enter or Space) does nothing with."""
    stops = int(await page.evaluate(_MARK))
    # A date has a stop for each of its parts, and what scrolls has one of its own.
    parts = 4 * await page.locator("input[type=date]:visible").count()
    struck = [event for _ in range(stops + parts + 8) for one in ("Tab", key) for event in _struck(one)]
    # All at once: the browser takes them in their order, and nobody waits for its answer to each.
    # The way may begin in the middle, and go through what the browser itself has: once more around, where that was not all.
    for _ in range(3):
        await asyncio.gather(*(cdp.send("Input.dispatchKeyEvent", event) for event in struck))
        if not (missed := await page.evaluate(_MISSED)):
            break
    wrong = [*missed, *await page.evaluate(_DEAD, key), *await page.evaluate(_PRESSABLE)]
    return [*wrong, *await page.evaluate(_SHOWN)]


async def boxes_that_hold(page: Page) -> list[str]:
    """Boxes that a key does not open, that the next Tab does not lead into, or that Escape does not close with the focus
    back where it was."""
    wrong: list[str] = []
    openers = page.locator("[popovertarget]:visible:enabled")
    for index in range(await openers.count()):
        opener = openers.nth(index)
        box = page.locator(f"[id='{await opener.get_attribute('popovertarget')}']")
        name = await opener.get_attribute("aria-label") or await opener.inner_text()
        for key in ("Enter", "Space"):
            await opener.focus()
            await page.keyboard.press("Escape")
            await opener.press(key)
            if not await box.is_visible():
                wrong.append(f"{key} does not open: {name}")
                continue
            await page.keyboard.press("Tab")
            if not await box.evaluate("box => box.contains(document.activeElement)"):
                wrong.append(f"Tab does not lead into: {name}")
            await page.keyboard.press("Escape")
            if await box.is_visible():
                wrong.append(f"Escape does not close: {name}")
            if not await opener.evaluate("opener => opener === document.activeElement"):
                wrong.append(f"the focus does not come back to: {name}")
    return wrong


def _value(node: dict[str, Any], key: str) -> str:
    return str((node.get(key) or {}).get("value") or "")


async def unspoken(page: Page, cdp: CDPSession) -> list[str]:
    """What has no name in the accessibility tree, headings and landmarks that are out of order, and no live region."""
    nodes = (await cdp.send("Accessibility.getFullAXTree"))["nodes"]
    seen = [node for node in nodes if not node.get("ignored")]
    nameless = [
        _value(node, "role") for node in seen if _value(node, "role") in SPOKEN_FOR and not _value(node, "name")
    ]
    return [*(f"a {role} without a name" for role in nameless), *await page.evaluate(_HEADINGS)]
