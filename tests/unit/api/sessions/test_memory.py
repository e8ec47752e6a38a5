"""The memory of a call without consent: the same everywhere, bounded, and gone when the call ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from samples import offer, result
from shared import Clock, FakeShared, Server

from api.access.caller import Caller, Kind, Scope
from api.calls.repository import CallRepository
from api.database.engine import DatabaseAway
from api.sessions.memory import MARGIN, SEARCHES_MAX, TURNS_MAX, OwnMemory, SharedMemory, call_memory
from api.sessions.repository import Stores
from api.shared import REST
from api.summaries.service import Summariser
from contracts.flights import SearchResult
from contracts.sessions import SessionRequest
from contracts.turns import Turn

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
LIFETIME = 100.0
TURNS, SEARCHES = "polyglot:call:call-1:turns", "polyglot:call:call-1:searches"


def turn(number: int) -> Turn:
    at = START + timedelta(seconds=number)
    return Turn(id=f"turn-{number}", role="user", text="Madrid", language="en", modality="voice", started_at=at)


def search(number: int) -> SearchResult:
    return result(offer("100")).model_copy(update={"search_id": f"search-{number:04}"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def two(server: Server, clock: Clock) -> tuple[SharedMemory, SharedMemory]:
    """The memories of two processes."""
    return SharedMemory(FakeShared(server, clock), LIFETIME), SharedMemory(FakeShared(server, clock), LIFETIME)


async def fill(memory: OwnMemory | SharedMemory, turns: range, searches: range = range(0)) -> None:
    for number in turns:
        assert await memory.add_turn("call-1", turn(number))
    for number in searches:
        await memory.add_search("call-1", search(number))


async def numbers(memory: OwnMemory | SharedMemory) -> tuple[list[int], list[int]]:
    return (
        [int(one.id.removeprefix("turn-")) for one in await memory.turns("call-1")],
        [int(one.search_id.removeprefix("search-")) for one in await memory.searches("call-1")],
    )


async def test_any_process_knows_what_another_was_told(two: tuple[SharedMemory, SharedMemory]) -> None:
    first, second = two
    await fill(first, range(2, 4), range(1))
    await fill(second, range(1, 2), range(1, 2))
    assert await numbers(first) == await numbers(second) == ([1, 2, 3], [0, 1])
    assert not await second.add_turn("call-1", turn(3)), "a retry at another process stores nothing twice"
    assert await second.turns("call-2") == []


async def test_everything_expires_and_later_entries_do_not_put_it_off(
    two: tuple[SharedMemory, SharedMemory], server: Server
) -> None:
    await fill(two[0], range(1), range(1))
    assert server.expiries == {TURNS: LIFETIME, SEARCHES: LIFETIME}
    server.expiries = dict.fromkeys(server.expiries, 7)
    await fill(two[0], range(1, 2), range(1, 2))
    assert set(server.expiries.values()) == {7}


async def test_the_end_deletes(two: tuple[SharedMemory, SharedMemory], server: Server) -> None:
    await fill(two[0], range(2), range(2))
    await two[1].add_turn("call-2", turn(1))
    await two[1].forget("call-1")
    assert server.keys == {"polyglot:call:call-2:turns"}
    assert await numbers(two[0]) == ([], [])


@pytest.mark.parametrize("kind", ["own", "shared"])
async def test_size_is_bounded_and_the_oldest_go(kind: str, server: Server, clock: Clock) -> None:
    memory = OwnMemory(LIFETIME) if kind == "own" else SharedMemory(FakeShared(server, clock), LIFETIME)
    await fill(memory, range(TURNS_MAX + 2), range(SEARCHES_MAX + 2))
    turns, searches = await numbers(memory)
    assert (turns[0], turns[-1], len(turns)) == (2, TURNS_MAX + 1, TURNS_MAX)
    assert (searches[0], searches[-1], len(searches)) == (2, SEARCHES_MAX + 1, SEARCHES_MAX)
    assert all(len(held) <= SEARCHES_MAX for held in server.lists.values()), "not only what is read of it"


async def test_an_absence_is_bridged_and_made_up_for(
    two: tuple[SharedMemory, SharedMemory], server: Server, clock: Clock
) -> None:
    first, second = two
    await fill(first, range(1), range(1))
    server.away = True
    await fill(first, range(1, 3), range(1, 3))
    assert not await first.add_turn("call-1", turn(1))
    assert await numbers(first) == ([1, 2], [1, 2]), "what this process was told meanwhile"
    assert await numbers(second) == ([], [])
    server.away = False
    clock.seconds += REST
    assert await numbers(first) == ([0, 1, 2], [0, 1, 2])
    await fill(first, range(3, 4), range(3, 4))
    assert await numbers(first) == await numbers(second) == ([0, 1, 2, 3], [0, 1, 2, 3])
    assert not first._own._calls, "handed over, not kept twice"


async def test_a_call_that_ended_during_an_absence_is_deleted_with_the_next(
    two: tuple[SharedMemory, SharedMemory], server: Server, clock: Clock
) -> None:
    await fill(two[0], range(1), range(1))
    server.away = True
    await two[0].forget("call-1")
    server.away = False
    clock.seconds += REST
    assert server.keys == {TURNS, SEARCHES}
    await two[0].forget("call-2")
    assert server.keys == set()
    assert not two[0]._owed


async def test_what_another_version_wrote_is_passed_over(
    two: tuple[SharedMemory, SharedMemory], server: Server
) -> None:
    await fill(two[0], range(1))
    server.hashes[TURNS]["turn-9"] = '{"id": "turn-9", "shape": "of next year"}'
    assert await numbers(two[1]) == ([0], [])


async def test_a_process_drops_calls_whose_end_it_never_saw(clock: Clock) -> None:
    memory = OwnMemory(LIFETIME, clock)
    await fill(memory, range(1), range(1))
    clock.seconds += LIFETIME / 2
    await memory.add_turn("call-2", turn(1))
    clock.seconds += LIFETIME / 2
    assert await numbers(memory) == ([], [])
    assert len(await memory.turns("call-2")) == 1


def test_the_memory_outlives_the_longest_call(server: Server, clock: Clock) -> None:
    assert isinstance(call_memory(None, 60), OwnMemory)
    shared = call_memory(FakeShared(server, clock), 60)
    assert isinstance(shared, SharedMemory)
    assert shared._lifetime == 60 + MARGIN


async def test_a_turn_that_meets_the_end_of_its_call_is_not_kept(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = Caller(Kind.ANONYMOUS, "address:192.0.2.1", "default", frozenset(Scope), "192.0.2.1")
    record, _, _ = await api.services.sessions.start(SessionRequest(), stranger)
    memory = api.services.sessions._memory
    remember = memory.add_turn

    async def ended_meanwhile(session_id: str, said: Turn) -> bool:
        await api.services.sessions.end(record)
        return bool(await remember(session_id, said))

    monkeypatch.setattr(memory, "add_turn", ended_meanwhile)
    await api.services.sessions.add_turn(record, turn(1))
    assert await memory.turns(record.id) == []


async def test_a_search_does_not_fail_for_want_of_a_note(
    api: Any, server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_room: str) -> None:
        raise DatabaseAway("The database does not answer.")

    async def spend(*_: Any) -> None:
        raise AssertionError("no model is asked")

    stores = Stores(api.services.database, SharedMemory(FakeShared(server, clock), LIFETIME))
    monkeypatch.setattr(stores.sessions, "running_in", broken)
    await Summariser(stores, CallRepository(api.services.database), None, spend).note_search("a-room", search(1))
    assert server.keys == set()
