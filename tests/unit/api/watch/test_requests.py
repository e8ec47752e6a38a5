"""What a thousand calls cost at the media server: counted on the stand-in, in virtual time."""

import asyncio
import heapq
import itertools
from typing import Any

from api.settings import WatchTimings
from api.watch.gate import CALM_PER_MINUTE, Gate
from api.watch.watch import DispatchWatch
from api.watch.watcher import Watched, Watcher
from contracts.dispatch import DispatchMetadata
from contracts.sessions import AgentReport, SessionStatus

MINUTES = 20
CALLS = 1000


class Virtual:
    """Time that passes as soon as everybody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self._order = itertools.count()

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        heapq.heappush(self._waiting, (self.now + seconds, next(self._order), event))
        await event.wait()
        event.clear()

    async def run_until(self, when: float) -> None:
        while self._waiting and self._waiting[0][0] <= when:
            self.now, _, event = heapq.heappop(self._waiting)
            event.set()
            for _ in range(6):
                await asyncio.sleep(0)


async def test_a_thousand_calls_that_are_well_ask_no_more_often_than_ten(media: Any) -> None:
    time = Virtual()
    asked = 0
    look = media.look

    async def counted(*args: Any, **words: Any) -> Any:
        nonlocal asked
        asked += 1
        return await look(*args, **words)

    async def changed(_watcher: Watcher, _status: SessionStatus) -> None:
        """Nobody stores it."""

    media.look = counted
    watch = DispatchWatch(
        media, WatchTimings(), changed, clock=lambda: time.now, wait=time.wait, gate=Gate(lambda: time.now)
    )
    for number in range(CALLS):
        room = f"polyglot-{number}"
        media.join(room, "user-1")
        media.join(room, "agent-1", agent=True, ready=True)
        metadata = DispatchMetadata(session_id=f"session-{number}")
        watch.start(Watched(metadata.session_id, room, metadata, "en", expires_in=600.0))
        watch.report(AgentReport(kind="ready", room_name=room))
    for _ in range(10):
        await asyncio.sleep(0)
    assert asked == 0, "an agent that says that it can hear is not looked for"
    await time.run_until(MINUTES * 60.0)
    assert asked / MINUTES <= CALM_PER_MINUTE + 1, "with the list of rooms, four a minute, below sixty"
    assert len(watch) == CALLS
    await watch.aclose()
