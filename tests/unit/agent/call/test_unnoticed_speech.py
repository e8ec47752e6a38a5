"""Speech that our own ears heard and the provider's did not: asked about, or the provider is given up."""

import asyncio
from typing import Any

import pytest
from recovery import World

from contracts.dispatch import Pipeline


@pytest.fixture
async def world() -> World:
    return World()


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch) -> list[bool | None]:
    """What the connection will say of itself, one answer a question."""
    answers: list[bool | None] = []

    async def responds(_provider: object) -> bool | None:
        await asyncio.sleep(0)
        return answers.pop(0)

    monkeypatch.setattr("agent.call.response_recovery.responds", responds)
    return answers


def speak(world: World, seconds: float = 1.0) -> None:
    world.turns.speech_began()
    world.now += seconds
    world.turns.speech_ended()


async def test_what_a_living_provider_did_not_notice_is_asked_about(world: World, lives: list[bool | None]) -> None:
    lives += [True, True]
    for times in (1, 2):
        speak(world)
        world.repair.reassure()
        await world.settled()
        assert world.said == ["not_understood"] * times, "no connection is lost, however often it happens"
        assert world.turns.open is None


async def test_a_provider_that_is_dead_without_saying_so_is_given_up(world: World, lives: list[bool | None]) -> None:
    lives += [False]
    speak(world)
    world.repair.reassure()
    await world.settled()
    assert world.said == ["now cascade"]
    assert world.turns.open is not None, "who spoke to it is asked again there"


async def test_a_provider_that_cannot_tell_is_given_up_when_it_misses_twice_in_a_row(
    world: World, lives: list[bool | None]
) -> None:
    lives += [None] * 3
    speak(world)
    world.repair.reassure()
    await world.settled()
    world.turns.typed("to Berlin")
    world.repair.heard(None)  # an answer in between shows that it lives
    for said in (["not_understood"] * 2, ["not_understood"] * 2 + ["now cascade"]):
        world.now += 1
        speak(world)
        world.repair.reassure()
        await world.settled()
        assert world.said == said


async def test_news_that_come_before_the_sign_of_life_count(world: World, lives: list[bool | None]) -> None:
    lives += [True]
    speak(world)
    world.repair.reassure()
    world.turns.provider_began("item_1")
    await world.settled()
    assert world.said == []
    assert world.turns.open is not None


@pytest.mark.parametrize("meanwhile", ["speaks on", "typed", "stop", "another session"])
async def test_who_goes_on_meanwhile_is_not_asked(world: World, lives: list[bool | None], meanwhile: str) -> None:
    lives += [False]
    speak(world)
    world.repair.reassure()
    if meanwhile == "speaks on":
        world.user_state = "speaking"
    elif meanwhile == "typed":
        world.turns.typed("to Rome")
    elif meanwhile == "stop":
        world.turns.stop()
    else:
        other: Any = World()
        world.repair._session = lambda: other
    await world.settled()
    assert world.said == []


async def test_who_is_still_speaking_is_not_asked(world: World, lives: list[bool | None]) -> None:
    speak(world)
    world.user_state = "speaking"
    world.repair.reassure()
    await world.settled()
    assert (world.said, lives) == ([], [])


async def test_what_the_provider_heard_is_reassured(world: World, lives: list[bool | None]) -> None:
    world.turns.speech_began()
    world.turns.provider_began("item_1")
    world.now += 1
    world.turns.speech_ended()
    world.repair.reassure()
    await world.settled()
    assert (world.said, lives) == (["one_moment"], [])


async def test_in_the_cascade_the_ears_are_our_own(world: World, lives: list[bool | None]) -> None:
    world.call.pipeline = Pipeline.CASCADE
    speak(world)
    world.repair.reassure()
    await world.settled()
    assert (world.said, lives) == (["one_moment"], [])
