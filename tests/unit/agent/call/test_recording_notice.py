"""That a call is recorded is said once and shown, when the media server says so, and never else."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc

from agent.call import recording_notice as recorded
from agent.call.recording_notice import RecordingNotice
from contracts.languages import LANGUAGES

LINES = LANGUAGES["ja"].recording


class Room(rtc.EventEmitter[str]):
    is_recording = False

    def turn(self, *, on: bool) -> None:
        self.is_recording = on
        self.emit("room_updated")


class World:
    def __init__(self, *, muted: bool = False, on: bool = False) -> None:
        self.said: list[str] = []
        self.notices: list[str] = []
        self.tasks: list[asyncio.Future[Any]] = []
        self.muted = muted
        self.room: Any = Room()
        self.room.is_recording = on
        call: Any = SimpleNamespace(
            language=SimpleNamespace(code="ja"),
            speaker=SimpleNamespace(words=self._say, notice=self._notice),
            run_aside=lambda work: self.tasks.append(asyncio.ensure_future(work)),
        )
        RecordingNotice(call, self.room).watch()

    def _say(self, text: str) -> object:
        if self.muted:
            return None
        self.said.append(text)
        return object()

    async def _notice(self, kind: Any, *, text: str) -> None:
        self.notices.append(f"{kind.value} {text}")

    async def settle(self) -> None:
        await asyncio.gather(*self.tasks)


async def test_it_is_said_and_shown_once_while_it_runs_and_when_it_ends() -> None:
    world = World()
    world.room.turn(on=False)
    assert world.tasks == []
    for _ in range(3):  # other changes of the room
        world.room.turn(on=True)
    await world.settle()
    assert world.said == [LINES.on]
    assert world.notices == [f"recording {LINES.on}"]
    world.room.turn(on=False)
    await world.settle()
    assert world.said == [LINES.on, LINES.off]
    assert world.notices[1:] == [f"recording_ended {LINES.off}"]


async def test_a_recording_that_runs_already_is_said_too() -> None:
    world = World(on=True)
    await world.settle()
    assert world.said == [LINES.on]


async def test_after_a_stop_it_is_shown_at_once_and_said_as_soon_as_that_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recorded, "AGAIN", 0.001)
    world = World(muted=True, on=True)
    await asyncio.sleep(0.01)
    assert world.notices == [f"recording {LINES.on}"]
    assert world.said == []
    world.muted = False
    await world.settle()
    assert world.said == [LINES.on]


async def test_what_has_ended_before_it_could_be_said_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "AGAIN", 0.001)
    world = World(muted=True, on=True)
    await asyncio.sleep(0.005)
    world.room.turn(on=False)
    world.muted = False
    await world.settle()
    assert LINES.on not in world.said
