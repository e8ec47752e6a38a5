"""A call over midnight, where the traveller is."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import llm

from agent.call.assistant import Assistant
from agent.call.calendar_day import CalendarDay
from agent.call.local_time import local_now
from agent.personas import persona


class Told(Assistant):
    """An assistant that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails: Exception | None = None

    async def update_instructions(self, instructions: Any) -> None:
        if self.fails is not None:
            raise self.fails
        self.told.append(instructions)


class World:
    def __init__(self, zone: str, now: str) -> None:
        self.now = datetime.fromisoformat(now).astimezone(UTC)
        self.agent: Any = Told()
        language = SimpleNamespace(code="en", pinned=False)
        self.call: Any = SimpleNamespace(
            metadata=SimpleNamespace(time_zone=zone),
            language=language,
            others=(),
            expert=None,
            persona=persona("flights"),
        )
        self.session: Any = SimpleNamespace(current_agent=self.agent)
        self.day = CalendarDay(cast("Any", self.call), lambda: self.session, lambda: self.now)

    async def after(self, **passed: float) -> list[str]:
        self.now += timedelta(**passed)
        await self.day.look()
        told: list[str] = self.agent.told
        return told


MIDNIGHTS = [
    ("Pacific/Auckland", "2026-11-29T23:59:59+13:00", "2026-11-30"),
    ("Pacific/Honolulu", "2026-11-29T23:59:59-10:00", "2026-11-30"),
    ("Pacific/Apia", "2026-12-31T23:59:59+13:00", "2027-01-01"),
    ("Asia/Kathmandu", "2026-11-29T23:59:59+05:45", "2026-11-30"),
    ("Europe/Madrid", "2026-10-24T23:59:59+02:00", "2026-10-25"),
    ("Europe/Madrid", "2026-10-25T23:59:59+01:00", "2026-10-26"),
    ("America/Santiago", "2026-09-05T23:59:59-04:00", "2026-09-06"),
    ("Nowhere/AtAll", "2026-11-29T23:59:59+00:00", "2026-11-30"),
]
"""In Santiago de Chile there is no midnight on that day: 23:59:59 is followed by 01:00."""


@pytest.mark.parametrize(("zone", "now", "next_day"), MIDNIGHTS)
async def test_from_midnight_on_the_model_knows_another_day_as_today(zone: str, now: str, next_day: str) -> None:
    world = World(zone, now)
    assert await world.after(seconds=0.5) == []
    (told,) = await world.after(seconds=1)
    weekday = datetime.fromisoformat(next_day).strftime("%A")
    assert f"Today is {next_day} ({weekday})" in told
    assert local_now(zone, world.now).date().isoformat() == next_day
    assert len(await world.after(hours=1)) == 1, "once a day"


async def test_what_could_not_be_told_is_told_at_the_next_look() -> None:
    world = World("Asia/Tokyo", "2026-11-29T23:59:59+09:00")
    for error in (llm.RealtimeError("lost"), RuntimeError("ended")):
        world.agent.fails = error
        assert await world.after(seconds=1) == []
    world.agent.fails = None
    assert len(await world.after(seconds=1)) == 1


async def test_nothing_is_told_to_a_task_of_another_kind_or_between_two_pipelines() -> None:
    world = World("Asia/Tokyo", "2026-11-29T23:59:59+09:00")
    world.session.current_agent = SimpleNamespace()
    assert await world.after(seconds=1) == []
    world.session = None
    assert await world.after(seconds=1) == []
    world.session = SimpleNamespace(current_agent=world.agent)
    assert len(await world.after(seconds=1)) == 1
