"""A worker that must go: its calls end by themselves, or say that there is a break and leave their rooms open."""

import asyncio
from types import SimpleNamespace
from typing import Any, Self

import pytest
from livekit import rtc

from agent import budgets
from agent.call import handover
from agent.call.handover import hand_over_calls, leave
from agent.call.room import RoomLink
from agent.worker import serve as worker
from contracts.names import TOPIC_HANDOVER


class Media:
    """The media server's API; hears what it is asked to send, and may be away."""

    def __init__(self, server: Any, error: Exception | None = None) -> None:
        self.sent: list[Any] = []
        self._server, self._error = server, error
        self.room = self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""

    async def send_data(self, request: Any) -> None:
        if self._error:
            raise self._error
        self.sent.append(request)
        self._server.active_jobs = [job for job in self._server.active_jobs if job.job.room.name != request.room]


def job(room: str) -> Any:
    return SimpleNamespace(
        job=SimpleNamespace(room=SimpleNamespace(name=room)), accept_arguments=SimpleNamespace(identity=f"agent-{room}")
    )


async def test_each_call_of_a_worker_that_goes_is_told_and_nobody_else() -> None:
    server: Any = SimpleNamespace(active_jobs=[job("room-1"), job("room-2")])
    media = Media(server)
    await hand_over_calls(server, SimpleNamespace(), http=lambda: media)  # type: ignore[arg-type,return-value]
    assert {(one.room, one.topic, tuple(one.destination_identities)) for one in media.sent} == {
        ("room-1", TOPIC_HANDOVER, ("agent-room-1",)),
        ("room-2", TOPIC_HANDOVER, ("agent-room-2",)),
    }
    assert server.active_jobs == []


async def test_calls_that_cannot_be_told_hold_nothing_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "HANDOVER", 0.05)
    server: Any = SimpleNamespace(active_jobs=[job("room-1")])
    async with asyncio.timeout(30):
        await hand_over_calls(server, SimpleNamespace(), http=lambda: Media(server, OSError()))  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("outlasts", [True, False])
async def test_only_calls_that_outlast_the_drain_are_handed_over(
    monkeypatch: pytest.MonkeyPatch, outlasts: bool
) -> None:
    handed: list[Any] = []

    async def drain(*, timeout: int) -> None:  # noqa: ASYNC109 - as the library has it
        assert timeout == 7
        if outlasts:
            raise TimeoutError

    async def hand_over(server: Any, _settings: Any) -> None:
        handed.append(server)

    monkeypatch.setattr(worker, "hand_over_calls", hand_over)
    server: Any = SimpleNamespace(drain=drain)
    await worker.let_go(server, SimpleNamespace(drain_seconds=7))  # type: ignore[arg-type]
    assert bool(handed) is outlasts


class Finished:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.ends: list[tuple[str, bool]] = []

    async def __call__(self, reason: str, *, delete_room: bool = True) -> None:
        self.ends.append((reason, delete_room))


async def test_a_call_that_is_handed_over_says_so_first_and_leaves_its_room_open() -> None:
    finish = Finished()

    class Speech:
        def __await__(self) -> Any:
            yield from asyncio.sleep(0).__await__()
            assert finish.ends == [], "it left in the middle of the word"

    call: Any = SimpleNamespace(speaker=SimpleNamespace(clip=lambda line: finish.said.append(line) or Speech()))
    await leave(call, finish)
    assert finish.said == ["one_moment"]
    assert finish.ends == [(handover.REASON, False)]


async def test_a_voice_that_does_not_end_does_not_keep_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "HANDOVER_SAID", 0.02)
    finish = Finished()
    call: Any = SimpleNamespace(speaker=SimpleNamespace(clip=lambda _line: asyncio.get_running_loop().create_future()))
    await leave(call, finish)
    assert finish.ends == [(handover.REASON, False)]


async def test_only_the_media_server_itself_can_send_an_agent_away() -> None:
    handlers: dict[str, Any] = {}
    room: Any = SimpleNamespace(on=lambda name, handler: handlers.update({name: handler}))
    gone: list[str] = []

    async def go() -> None:
        gone.append("left")

    RoomLink(room).on_handover(go)
    somebody: Any = SimpleNamespace(identity="user-1")
    packet: Any = {"data": b"{}", "kind": rtc.DataPacketKind.KIND_RELIABLE}
    handlers["data_received"](rtc.DataPacket(**packet, participant=somebody, topic=TOPIC_HANDOVER))
    handlers["data_received"](rtc.DataPacket(**packet, participant=None, topic="lk.other"))
    await asyncio.sleep(0)
    assert gone == []
    handlers["data_received"](rtc.DataPacket(**packet, participant=None, topic=TOPIC_HANDOVER))
    await asyncio.sleep(0)
    assert gone == ["left"]
