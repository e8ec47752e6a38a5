import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.settings import WatchTimings
from api.watch.watch import DispatchWatch
from api.watch.watcher import MediaEvent, Watched, Watcher, wait_for
from contracts.dispatch import DispatchMetadata
from contracts.languages import LANGUAGES
from contracts.problems import NotFound, Unavailable
from contracts.records import EndReason
from contracts.sessions import AgentReport, AgentVerdict, SessionStatus

ROOM = "polyglot-test-room"


@dataclass
class World:
    """A media server, a clock that runs as fast as the watch waits, and what happens when."""

    media: Any
    now: float = 0.0
    plan: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    seen: list[SessionStatus] = field(default_factory=list)

    def at(self, when: float, what: Callable[[], None]) -> None:
        self.plan.append((when, what))

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0)
        if not event.is_set():
            self.now += seconds
        event.clear()
        for entry in sorted(self.plan, key=lambda one: one[0]):
            if entry[0] <= self.now:
                self.plan.remove(entry)
                entry[1]()

    async def changed(self, _watcher: Watcher, status: SessionStatus) -> None:
        self.seen.append(status)

    @property
    def verdicts(self) -> list[AgentVerdict]:
        return [status.verdict for status in self.seen]


@pytest.fixture
def world(media: Any) -> World:
    return World(media)


@pytest.fixture
async def watch(world: World) -> AsyncIterator[DispatchWatch]:
    made = DispatchWatch(
        world.media, WatchTimings(), world.changed, clock=lambda: world.now, wait=world.wait, jitter=lambda: 0.5
    )
    yield made
    await made.aclose()


def session(language: str = "de") -> Watched:
    metadata = DispatchMetadata(session_id="session-1", language=language)
    return Watched("session-1", ROOM, metadata, language, expires_in=600.0)


async def run_until(watch: DispatchWatch, world: World, when: float) -> None:
    async with asyncio.timeout(30):
        while len(watch) and world.now < when:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0)


async def test_follows_a_session_from_waiting_to_ready_to_its_end(watch: DispatchWatch, world: World) -> None:
    media = world.media
    world.at(5, lambda: (media.join(ROOM, "user-1"), media.dispatch(ROOM, "d1", jobs=1)))
    world.at(6, lambda: media.join(ROOM, "agent-1", agent=True))
    world.at(7, lambda: media.join(ROOM, "agent-1", agent=True, ready=True))
    world.at(60, lambda: media.rooms.pop(ROOM))
    watch.start(session())
    await run_until(watch, world, 100)
    order = [
        AgentVerdict.WAITING_FOR_USER,
        AgentVerdict.DISPATCHED,
        AgentVerdict.ASSIGNED,
        AgentVerdict.JOINED,
        AgentVerdict.READY,
        AgentVerdict.ENDED,
    ]
    assert [verdict for verdict in order if verdict in world.verdicts] == world.verdicts
    assert world.verdicts[-2:] == [AgentVerdict.READY, AgentVerdict.ENDED]
    assert media.created == []
    assert len(watch) == 0
    assert watch.get("session-1") is None
    assert (watch.outcomes["joined"], watch.outcomes["failed"]) == (1, 0)


async def test_no_worker_tells_the_user_in_their_language_after_three_dispatches(
    watch: DispatchWatch, world: World
) -> None:
    world.media.join(ROOM, "user-1")
    world.media.dispatch(ROOM, "d1")
    watch.start(session("de"))
    await run_until(watch, world, 30)
    last = world.seen[-1]
    assert (last.verdict, last.gave_up, last.attempts) == (AgentVerdict.NO_WORKER, True, 3)
    assert last.message == LANGUAGES["de"].lines.agent_missing
    assert world.media.deleted == [(ROOM, "d1"), (ROOM, "again-1")], "the old request is taken back each time"
    assert len(world.media.created) == 2
    assert watch.recent[-1].verdict is AgentVerdict.NO_WORKER
    assert AgentVerdict.NO_WORKER in world.verdicts[:3], "said before it is given up"


async def test_a_second_dispatch_can_bring_the_agent(watch: DispatchWatch, world: World) -> None:
    world.media.join(ROOM, "user-1")
    world.media.on_create = lambda room: world.media.join(room, "agent-2", agent=True, ready=True)
    watch.start(session())
    await run_until(watch, world, 20)
    assert world.seen[-1].verdict is AgentVerdict.READY
    assert world.seen[-1].attempts == 2
    assert not json.loads(world.media.created[0][1])["resumed"]


async def test_an_agent_that_comes_between_look_and_dispatch_is_not_doubled(watch: DispatchWatch, world: World) -> None:
    media = world.media
    media.join(ROOM, "user-1")
    look = media.look
    looks = 0

    async def late(room: str, *, dispatches: bool) -> Any:
        nonlocal looks
        looks += 1
        view = await look(room, dispatches=dispatches)
        if world.now > 2.0:
            media.join(ROOM, "agent-1", agent=True, ready=True)
        return view

    media.look = late
    watch.start(session())
    await run_until(watch, world, 20)
    assert media.created == []
    assert world.seen[-1].verdict is AgentVerdict.READY


async def test_a_lost_agent_is_replaced_by_one_that_resumes(watch: DispatchWatch, world: World) -> None:
    media = world.media
    media.join(ROOM, "user-1")
    media.join(ROOM, "agent-1", agent=True, ready=True)
    world.at(10, lambda: media.leave(ROOM, "agent-1"))
    media.on_create = lambda room: media.join(room, "agent-2", agent=True, ready=True)
    watch.start(session())
    await run_until(watch, world, 30)
    assert world.verdicts[-3:] == [AgentVerdict.LOST, AgentVerdict.DISPATCHED, AgentVerdict.READY]
    assert json.loads(media.created[0][1])["resumed"] is True


async def test_survives_a_media_server_that_is_away(watch: DispatchWatch, world: World) -> None:
    media = world.media
    media.down = True
    world.at(30, lambda: setattr(media, "down", False))
    world.at(31, lambda: media.join(ROOM, "user-1"))
    world.at(32, lambda: media.join(ROOM, "agent-1", agent=True, ready=True))
    watch.start(session())
    await run_until(watch, world, 60)
    assert world.seen[-1].verdict is AgentVerdict.READY


async def test_a_media_server_that_goes_away_in_the_middle_of_a_dispatch(watch: DispatchWatch, world: World) -> None:
    media = world.media
    media.join(ROOM, "user-1")
    create = media.create_dispatch

    async def broken(*_: str) -> None:
        media.create_dispatch = create
        media.down = True
        media._check()

    media.create_dispatch = broken
    world.at(8, lambda: setattr(media, "down", False))
    media.on_create = lambda room: media.join(room, "agent-2", agent=True, ready=True)
    watch.start(session())
    await run_until(watch, world, 40)
    assert world.seen[-1].verdict is AgentVerdict.READY


async def test_a_rejection_reaches_the_user(watch: DispatchWatch, world: World) -> None:
    world.media.join(ROOM, "user-1")
    watch.start(session("ja"))
    world.at(1, lambda: watch.report(AgentReport(kind="rejected", room_name=ROOM, reason="voice: unknown")))
    await run_until(watch, world, 30)
    last = world.seen[-1]
    assert (last.verdict, last.reason) == (AgentVerdict.REJECTED, "voice: unknown")
    assert last.message == LANGUAGES["ja"].lines.request_rejected
    assert world.media.created == []


async def test_a_nudge_makes_it_look_at_once() -> None:
    event = asyncio.Event()
    event.set()
    async with asyncio.timeout(30):
        await wait_for(event, 1000)
    assert not event.is_set()
    await wait_for(event, 0.001)


async def test_reports_for_rooms_that_are_not_watched(watch: DispatchWatch) -> None:
    with pytest.raises(NotFound):
        watch.report(AgentReport(kind="failed", room_name="elsewhere", reason="x"))


async def test_the_number_of_watchers_is_bounded(world: World) -> None:
    watch = DispatchWatch(world.media, WatchTimings(sessions_max=1), world.changed)
    watch.start(session())
    with pytest.raises(Unavailable):
        watch.start(session())
    await watch.aclose()
    assert len(watch) == 0


async def test_ending_a_session_stops_its_watcher(watch: DispatchWatch, world: World) -> None:
    watch.start(session())
    await watch.end("session-1", EndReason.OPERATOR)
    assert len(watch) == 0
    assert world.seen[-1].verdict is AgentVerdict.ENDED
    await watch.end("session-1", EndReason.OPERATOR)


async def test_a_database_that_is_away_for_a_while_loses_neither_watcher_nor_news(world: World) -> None:
    """A failover of half a minute, in the middle of two calls: both go on, and what happened meanwhile is told."""
    away = True

    async def changed(watcher: Watcher, status: SessionStatus) -> None:
        if away:
            raise Unavailable("The database does not answer.")
        await world.changed(watcher, status)

    watch = DispatchWatch(world.media, WatchTimings(), changed, clock=lambda: world.now, wait=world.wait)
    world.media.join(ROOM, "user-1")
    world.media.join(ROOM, "agent-1", agent=True, ready=True)
    watch.start(session())
    other = Watched("session-2", "polyglot-other", session().metadata, "en", expires_in=600.0)
    watch.start(other)
    await run_until(watch, world, 30)
    assert (len(watch), world.seen) == (2, [])
    away = False
    world.media.rooms.pop(ROOM)
    await run_until(watch, world, 60)
    assert watch.get("session-1") is None, "ended, once that could be stored"
    assert AgentVerdict.ENDED in world.verdicts
    await watch.aclose()


async def test_what_nobody_expected_takes_no_other_watcher_with_it(world: World) -> None:
    async def broken(watcher: Watcher, status: SessionStatus) -> None:
        if watcher.session.session_id == "session-1":
            raise RuntimeError("a bug")
        await world.changed(watcher, status)

    watch = DispatchWatch(world.media, WatchTimings(), broken, clock=lambda: world.now, wait=world.wait)
    watch.start(session())
    watch.start(Watched("session-2", "polyglot-other", session().metadata, "en", expires_in=600.0))
    await run_until(watch, world, 1)
    assert watch.watched == ("session-2",)
    await watch.aclose()


async def test_a_ready_agent_that_says_so_needs_no_look(watch: DispatchWatch, world: World) -> None:
    looks: list[float] = []
    look = world.media.look

    async def counted(*args: Any, **words: Any) -> Any:
        looks.append(world.now)
        return await look(*args, **words)

    world.media.look = counted
    world.media.join(ROOM, "user-1")
    world.media.join(ROOM, "agent-1", agent=True, ready=True)
    watcher = watch.start(session())
    watcher.happened(MediaEvent("e1", ROOM, "room_started"))
    watch.report(AgentReport(kind="ready", room_name=ROOM))
    await run_until(watch, world, 4)
    assert watcher.status.verdict is AgentVerdict.READY
    assert min(looks) >= WatchTimings().poll_ready


async def test_a_webhook_tells_of_the_loss_and_of_the_end(watch: DispatchWatch, world: World) -> None:
    media = world.media
    media.join(ROOM, "user-1")
    watcher = watch.start(session())
    watch.report(AgentReport(kind="ready", room_name=ROOM))
    await run_until(watch, world, 0.5)
    media.on_create = lambda room: media.join(room, "agent-2", agent=True, ready=True)
    watcher.happened(MediaEvent("e1", ROOM, "participant_left", "agent-1", is_agent=True))
    await run_until(watch, world, world.now + 8)
    assert json.loads(media.created[0][1])["resumed"] is True
    watcher.happened(MediaEvent("e2", ROOM, "participant_left", "user-1"))
    watcher.happened(MediaEvent("e3", ROOM, "room_finished"))
    await run_until(watch, world, world.now + 5)
    assert (world.seen[-1].verdict, watcher.end_reason) == (AgentVerdict.ENDED, EndReason.TRAVELLER_LEFT)


async def test_a_call_over_its_longest_time_is_closed_by_us(world: World) -> None:
    watch = DispatchWatch(world.media, WatchTimings(), world.changed, clock=lambda: world.now, wait=world.wait)
    world.media.join(ROOM, "user-1")
    world.media.join(ROOM, "agent-1", agent=True, ready=True)
    watcher = watch.start(Watched("session-1", ROOM, session().metadata, "en", expires_in=600.0, longest=90.0))
    await run_until(watch, world, 200)
    assert (watcher.end_reason, world.media.rooms) == (EndReason.TIME_LIMIT, {})


async def test_a_session_is_not_watched_for_ever(world: World) -> None:
    watch = DispatchWatch(
        world.media, WatchTimings(longest=60), world.changed, clock=lambda: world.now, wait=world.wait
    )
    world.media.join(ROOM, "user-1")
    world.media.join(ROOM, "agent-1", agent=True, ready=True)
    watch.start(session())
    await run_until(watch, world, 100)
    assert len(watch) == 0
    assert world.seen[-1].verdict is AgentVerdict.ENDED, "so that what it remembers is dropped"


async def test_the_end_waits_for_no_look_into_a_room_that_has_closed(watch: DispatchWatch, world: World) -> None:
    """The media server asks the room itself for its dispatches, and one that has just closed does not answer."""
    looking, left = asyncio.Event(), asyncio.Event()

    async def stuck(*_: Any, **__: Any) -> Any:
        looking.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    world.media.look = stuck
    watch.start(session())
    async with asyncio.timeout(30):
        await looking.wait()
        await watch.end("session-1", EndReason.TRAVELLER_LEFT)
    assert left.is_set()
    assert (len(watch), world.verdicts) == (0, [AgentVerdict.ENDED])


async def test_a_process_that_ends_in_the_middle_of_a_look_ends(watch: DispatchWatch, world: World) -> None:
    looking = asyncio.Event()

    async def stuck(*_: Any, **__: Any) -> Any:
        looking.set()
        await asyncio.Event().wait()

    world.media.look = stuck
    watch.start(session())
    async with asyncio.timeout(30):
        await looking.wait()
        await watch.aclose()
    assert (len(watch), world.verdicts) == (0, [])
