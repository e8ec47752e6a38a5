"""Screens of calls: in Valkey where there is one, so that every task of the API knows them, else in this process.

Memory, not storage: a screen is forgotten with its call, or expires.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, cast

from pydantic import ValidationError
from valkey.asyncio import Valkey
from valkey.exceptions import WatchError

from api.shared import AwayError, Shared
from contracts.screen import Screen

SIZE: Final = 5000
TRIES: Final = 5
"""Changes at the same moment that one change waits for."""

Change = Callable[[Screen], Screen]
"""Makes the next screen; raises where it may not be."""


class ScreenRepository:
    """Screens by session."""

    def __init__(self, shared: Shared | None, lifetime: float, now: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._lifetime = lifetime
        self._now = now
        self._own: OrderedDict[str, tuple[float, Screen]] = OrderedDict()

    async def get(self, session_id: str) -> Screen:
        """What the call shows; an empty one of version 0 where nothing is known."""
        if self._shared is not None:
            try:
                body = await self._shared.ask(lambda valkey: valkey.get(_key(session_id)))
            except AwayError:
                body = None
            found = _read(body)
            if found is not None:
                return found
        return self._local(session_id)

    async def change(self, session_id: str, change: Change) -> Screen:
        """Apply a change to what is there, one at a time."""
        if self._shared is not None:
            try:
                made = await self._shared.ask(lambda valkey: self._swap(valkey, session_id, change))
            except AwayError:
                made = None
            if made is not None:
                self._keep(session_id, made)
                return made
        made = change(await self.get(session_id))
        self._keep(session_id, made)
        return made

    async def forget(self, session_id: str) -> None:
        """The call is over."""
        self._own.pop(session_id, None)
        if self._shared is not None:
            try:
                await self._shared.ask(lambda valkey: valkey.delete(_key(session_id)))
            except AwayError:
                return

    async def _swap(self, valkey: Valkey, session_id: str, change: Change) -> Screen | None:
        """None when others changed it each time."""
        key = _key(session_id)
        for _ in range(TRIES):
            async with valkey.pipeline(transaction=True) as pipe:
                await pipe.watch(key)
                body = cast("Any", await pipe.get(key))
                made = change(_read(body) or self._local(session_id))
                pipe.multi()  # type: ignore[no-untyped-call]
                pipe.set(key, made.model_dump_json(), ex=math.ceil(self._lifetime))
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return made
        return None

    def _local(self, session_id: str) -> Screen:
        kept = self._own.get(session_id)
        return kept[1] if kept is not None and kept[0] > self._now() else Screen()

    def _keep(self, session_id: str, screen: Screen) -> None:
        self._own[session_id] = (self._now() + self._lifetime, screen)
        self._own.move_to_end(session_id)
        while len(self._own) > SIZE:
            self._own.popitem(last=False)


def _key(session_id: str) -> str:
    return f"polyglot:call:{session_id}:screen"


def _read(body: str | None) -> Screen | None:
    try:
        return Screen.model_validate_json(body) if body else None
    except ValidationError:  # of another version, in the middle of a deployment
        return None
