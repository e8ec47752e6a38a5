"""Rates in one process: never more than the limit in any stretch, and many callers cost nobody anything."""

import pytest
from limits import parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from api.budgets.counts import SWEEP, OwnCounts

RATE = parse("10/minute")


class Clock:
    now = 1_000_020.0  # a window of a minute begins here

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counts(clock: Clock) -> OwnCounts:
    return OwnCounts(clock)


async def hits(counts: OwnCounts, number: int, who: str = "192.0.2.1") -> int:
    limiter = SlidingWindowCounterRateLimiter(counts)
    return sum([await limiter.hit(RATE, "tokens", who) for _ in range(number)])


async def test_the_limit_and_not_one_more(counts: OwnCounts) -> None:
    assert await hits(counts, 15) == 10
    assert await hits(counts, 15, "192.0.2.2") == 10, "each caller by itself"


async def test_a_window_edge_does_not_give_the_limit_twice(counts: OwnCounts, clock: Clock) -> None:
    clock.now += 59
    assert await hits(counts, 10) == 10
    clock.now += 2
    assert await hits(counts, 10) == 1, "the minute before still counts, for 59 of its 60 seconds"
    clock.now += 30
    assert await hits(counts, 10) == 5
    clock.now += 120
    assert await hits(counts, 15) == 10


async def test_what_is_left_and_when_more_comes_is_told(counts: OwnCounts, clock: Clock) -> None:
    await hits(counts, 10)
    clock.now += 61
    assert await counts.get_sliding_window(RATE.key_for("tokens", "192.0.2.1"), 60) == (10, 59.0, 0, 119.0)


async def test_callers_that_have_gone_are_forgotten(counts: OwnCounts, clock: Clock) -> None:
    for number in range(1000):
        await hits(counts, 1, f"192.0.2.{number}")
    assert len(counts._counts) == 1000
    clock.now += 2 * 60 + SWEEP
    await hits(counts, 1)
    assert len(counts._counts) == 1


async def test_a_caller_can_be_forgotten(counts: OwnCounts) -> None:
    await hits(counts, 10)
    await SlidingWindowCounterRateLimiter(counts).clear(RATE, "tokens", "192.0.2.1")
    assert await hits(counts, 1) == 1
    assert await counts.reset() == 1
    assert await hits(counts, 15) == 10
