"""A real Firefox, driven by WebDriver BiDi as the W3C writes it: no driver beside it, and Debian's package as it is."""

import asyncio
import contextlib
import itertools
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection, connect

NAMES: Final = ("firefox-esr", "firefox")
SOON: Final = 30.0
PREFERENCES: Final = {
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:9",
    "intl.accept_languages": "en-GB",
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
}
"""Nothing is asked of anybody but this machine; the microphone is a tone."""


class Firefox:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._tab = ""
        self.errors: list[str] = []
        """What its console complained of."""

    async def begin(self) -> None:
        """A session and its tab."""
        await self._ask("session.new", capabilities={})
        await self._ask("session.subscribe", events=["log.entryAdded"])
        tree = await self._ask("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]

    async def goto(self, url: str) -> None:
        """Load a page."""
        await self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def resize(self, width: int, height: int) -> None:
        """Its screen."""
        await self._ask("browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height})

    async def run(self, script: str) -> Any:
        """The value of an expression, a promise's when it is kept; anything that JSON has."""
        found = await self._ask(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({script})) ?? null))()",
            target={"context": self._tab},
            awaitPromise=True,
            userActivation=True,
        )
        if found["type"] != "success":
            raise AssertionError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    async def load(self, script: str) -> None:
        """Run a whole script in the page, whatever its policy says."""
        await self._ask("script.evaluate", expression=script, target={"context": self._tab}, awaitPromise=False)

    async def until(self, script: str) -> Any:
        """The value of an expression, once it is true."""
        async with asyncio.timeout(SOON):
            while not (found := await self.run(script)):  # noqa: ASYNC110 - the page tells nobody
                await asyncio.sleep(0.1)
        return found

    async def press(self, role: str, name: str) -> None:
        """Click what is called so, by the mouse, as soon as it is there."""
        await self.until(f"!!({_named(role, name)})")
        x, y = await self.run(
            f"(() => {{ const it = {_named(role, name)}; it.scrollIntoView({{ block: 'center' }}); "
            "const box = it.getBoundingClientRect(); "
            "return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]; })()"
        )
        move = {"type": "pointerMove", "x": x, "y": y}
        click = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        await self._act({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": click})

    async def type(self, text: str) -> None:
        """Type into what has the focus, key by key."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": keys})

    async def _act(self, source: dict[str, Any]) -> None:
        await self._ask("input.performActions", context=self._tab, actions=[source])

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(SOON):
            while True:
                told = json.loads(await self._socket.recv())
                if told.get("method") == "log.entryAdded" and told["params"]["level"] == "error":
                    self.errors.append(str(told["params"]["text"]))
                if told.get("id") == number:
                    break
        if told["type"] == "error":
            raise AssertionError(f"{method}: {told['error']}: {told['message']}")
        result: dict[str, Any] = told["result"]
        return result


def _named(role: str, name: str) -> str:
    wanted = {"button": "button", "link": "a", "option": "option"}.get(role, role)
    return (
        f"[...document.querySelectorAll({wanted!r})].find((it) => "
        f"(it.getAttribute('aria-label') ?? it.textContent).includes({name!r}) && it.checkVisibility())"
    )


@asynccontextmanager
async def firefox(folder: Path) -> AsyncIterator[Firefox]:
    """Runs one with a fresh profile in a folder."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Firefox on PATH: install Debian's package `firefox-esr`")
    _profile(folder)
    process = await asyncio.create_subprocess_exec(
        *(path, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "MOZ_DISABLE_AUTO_SAFE_MODE": "1"},
    )
    try:
        async with connect(f"{await _address(process)}/session", max_size=None, proxy=None) as socket:
            browser = Firefox(socket)
            await browser.begin()
            yield browser
    finally:
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), SOON)


def _profile(folder: Path) -> None:
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "user.js").write_text("".join(lines), "utf-8")


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(SOON):
        while line := await process.stderr.readline():
            if found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1].decode()
    raise AssertionError("Firefox did not start")
