"""Two tasks of the API on one database: one watches a call, the other takes over, webhooks find their way, ends happen once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from credentials import agent, participant

from api.watch.tasks import DEAD_AFTER
from api.watch.watcher import MediaEvent


@pytest.fixture
async def two(start: Any, media: Any) -> AsyncIterator[tuple[Any, Any]]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(start(media=media))
        second = await stack.enter_async_context(start(media=media))
        for one in (first, second):
            await one.services.lifecycle._beat()
        yield first, second


async def call(api: Any, *, keep: bool = False) -> dict[str, Any]:
    """A call that this task watches."""
    body = {"consent": {"store_turns": keep}}
    session: dict[str, Any] = (await api.http.post("/v1/sessions", json=body)).json()
    api.media.join(session["room_name"], "user-1")
    await api.http.get(f"/v1/sessions/{session['session_id']}", headers=participant(session))
    assert api.services.watch.get(session["session_id"]) is not None
    return session


async def until(what: Any) -> None:
    async with asyncio.timeout(30):
        while not what():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_one_task_watches_and_the_other_answers_from_what_it_stored(two: tuple[Any, Any]) -> None:
    first, second = two
    session = await call(first)
    path = f"/v1/sessions/{session['session_id']}"
    assert (await second.http.get(path, headers=participant(session))).status_code == 200
    assert second.services.watch.get(session["session_id"]) is None


async def test_a_webhook_reaches_the_task_that_watches(two: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two
    session = await call(first)
    seen: list[str] = []
    watcher = first.services.watch.get(session["session_id"])
    monkeypatch.setattr(watcher, "happened", lambda event: seen.append(event.kind))
    for _ in range(2):
        await second.services.lifecycle.happened(MediaEvent("EV_1", session["room_name"], "participant_joined"))
    await until(lambda: seen)
    await asyncio.sleep(0.6)
    assert seen == ["participant_joined"], "once, however often it came"


async def test_the_agents_report_reaches_the_task_that_watches(two: tuple[Any, Any]) -> None:
    first, second = two
    session = await call(first)
    report = {"kind": "ready", "room_name": session["room_name"]}
    answer = await second.http.post("/v1/agent/reports", json=report, headers=agent(session["room_name"]))
    assert answer.status_code == 204
    watcher = first.services.watch.get(session["session_id"])
    await until(lambda: watcher.status.verdict == "ready")


async def test_a_room_has_one_running_session_whoever_opens_it(two: tuple[Any, Any]) -> None:
    """The agent asks for a session while the media server's word of the room is on its way, here or at another task."""
    first, second = two
    session = await call(first)
    record = await first.services.sessions.record(session["session_id"])
    running = await second.services.lifecycle.running_in(record.room, opened=True)
    assert running is not None
    assert running.id == record.id
    await first.http.post(f"/v1/sessions/{record.id}/end", headers=participant(session))
    made = await asyncio.gather(*(one.services.lifecycle.running_in(record.room, opened=True) for one in (*two, *two)))
    assert len({one.id for one in made}) == 1
    assert made[0].id != record.id


async def test_a_task_that_dies_leaves_its_calls_to_the_other(two: tuple[Any, Any]) -> None:
    first, second = two
    session = await call(first)
    for loop in first.services.lifecycle._loops:
        loop.cancel()
    await second.services.lifecycle._beat()
    assert second.services.watch.get(session["session_id"]) is None, "it may only be slow"
    with time_machine.travel(datetime.now(UTC) + DEAD_AFTER + timedelta(seconds=1), tick=True):
        await second.services.lifecycle._beat()
    assert second.services.watch.get(session["session_id"]) is not None
    # The first one was only slow: what is not its own any more it lets go.
    first.services.lifecycle.alive = ("a", "b")
    await first.services.lifecycle._beat()
    await until(lambda: first.services.watch.get(session["session_id"]) is None)


async def test_two_ends_make_one_summary(two: tuple[Any, Any]) -> None:
    first, second = two
    session = await call(first, keep=True)
    path = f"/v1/sessions/{session['session_id']}"
    turn = {
        "id": "t",
        "role": "user",
        "text": "Madrid to Berlin",
        "language": "en",
        "modality": "text",
        "started_at": "2026-11-28T10:00:00Z",
    }
    await first.http.post(f"{path}/turns", json=turn, headers=agent(session["room_name"]))
    ends = await asyncio.gather(
        *(one.http.post(f"{path}/end", headers=participant(session)) for one in (first, second))
    )
    assert {answer.status_code for answer in ends} == {200}
    summaries = []
    async with asyncio.timeout(30):
        while True:
            answer = (await second.http.get(f"{path}/summary", headers=participant(session))).json()
            summaries.append(answer["status"])
            if answer["status"] != "pending":
                break
            await asyncio.sleep(0.01)
    assert "Madrid to Berlin" in answer["text"]
    assert set(summaries) <= {"pending", "ready"}
    again = (await first.http.get(f"{path}/summary", headers=participant(session))).json()
    assert again == answer, "the second end overwrites nothing"


async def test_the_list_of_rooms_finds_what_no_webhook_told(two: tuple[Any, Any]) -> None:
    first, second = two
    leader = min((first, second), key=lambda one: one.services.lifecycle.task)
    gone, new = await call(leader), (await leader.http.post("/v1/sessions")).json()
    leader.media.rooms.pop(gone["room_name"])
    leader.media.join(new["room_name"], "user-1")
    await leader.services.lifecycle.reconcile()
    await until(lambda: leader.services.watch.get(new["session_id"]) is not None)
    path = f"/v1/sessions/{gone['session_id']}"
    async with asyncio.timeout(30):
        while (await leader.http.get(path, headers=participant(gone))).json()["verdict"] != "ended":  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_database_that_is_away_is_a_problem_that_passes(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    async with start(cors_origins=("https://travel.example.com",)) as api:
        session = (await api.http.post("/v1/sessions")).json()

        class Broken:
            def __call__(self) -> Any:
                raise OperationalError("SELECT secret", {}, Exception("the server closed the connection"))

            begin = __call__

        monkeypatch.setattr(api.services.database, "_sessions", Broken())
        origin = {"Origin": "https://travel.example.com"}
        answer = await api.http.get(f"/v1/sessions/{session['session_id']}", headers=participant(session) | origin)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-unavailable")
        assert answer.json()["retryable"] is True
        assert answer.headers["retry-after"] == "2"
        assert answer.headers["access-control-allow-origin"] == "https://travel.example.com"
        assert "SELECT" not in json.dumps(answer.json())


async def test_a_rooms_name_is_given_once_whoever_asks_at_the_same_moment(two: tuple[Any, Any]) -> None:
    """Sessions that come together are stored together; one that does not fit takes none of the others with it."""
    rooms = [f"polyglot-{letter * 24}" for letter in "abc"]
    wanted = [rooms[0], rooms[0], rooms[1], rooms[0], rooms[2]]
    answers = await asyncio.gather(
        *(two[number % 2].http.post("/v1/token", json={"room_name": room}) for number, room in enumerate(wanted))
    )
    given = [answer.json()["room_name"] for answer in answers if answer.status_code == 201]
    assert sorted(given) == rooms
    refused = [answer for answer in answers if answer.status_code != 201]
    assert {answer.status_code for answer in refused} == {422}
    assert {error["field"] for answer in refused for error in answer.json()["errors"]} == {"room_name"}
    for answer in answers:
        if answer.status_code == 201:
            assert await two[0].services.sessions.record(answer.json()["session_id"]) is not None
