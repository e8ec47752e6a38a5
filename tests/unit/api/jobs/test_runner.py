"""How often a job is tried."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from api.jobs.repository import Job
from api.jobs.runner import Hopeless, Runner, Work


class Queue:
    """One job, taken as often as it is put back."""

    def __init__(self) -> None:
        self.attempts = 0
        self.waits: list[float] = []
        self.outcome: str | None = None

    async def take(self, _now: datetime) -> Job | None:
        if self.outcome is not None:
            return None
        self.attempts += 1
        return Job("1", "mail", {}, self.attempts)

    async def again(self, _job: Job, at: datetime, error: str) -> None:
        assert error
        self.waits.append((at - datetime.now(UTC)).total_seconds())

    async def done(self, _job: Job) -> None:
        self.outcome = "done"

    async def give_up(self, _job: Job, _at: datetime, error: str) -> None:
        self.outcome = f"given up: {error}"


async def tried(error: Exception, attempts: int = 4) -> tuple[Queue, list[str]]:
    queue, seen = Queue(), []

    async def do(_payload: Mapping[str, str]) -> None:
        raise error

    work = {"mail": Work(do, attempts=attempts)}
    runner: Any = Runner(queue, work, lambda _kind, outcome, _seconds: seen.append(outcome))  # type: ignore[arg-type]
    await runner.drain()
    return queue, seen


async def test_what_fails_is_tried_again_later_and_later_and_then_given_up() -> None:
    queue, seen = await tried(OSError("greylisted"))
    assert (queue.attempts, queue.outcome) == (4, "given up: OSError")
    assert seen == ["failed"] * 3 + ["given_up"]
    assert queue.waits == pytest.approx([2, 8, 32], rel=0.3)
    assert queue.waits == sorted(queue.waits)


async def test_what_no_try_will_do_is_given_up_at_once() -> None:
    class NoSuchAddress(Hopeless):
        pass

    queue, seen = await tried(NoSuchAddress())
    assert (queue.attempts, queue.outcome, seen) == (1, "given up: NoSuchAddress", ["given_up"])
