"""A call begins, stops and ends: what is done in which order, and what another agent or a person finds. No network."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from call_session import Speech, World
from livekit import rtc
from livekit.agents import llm

from contracts.dispatch import DispatchMetadata, Pipeline


class Begun(World):
    """A call that has not begun, in a room that notes who listens to it."""

    def __init__(self, pipeline: Pipeline = Pipeline.CASCADE, **metadata: Any) -> None:
        super().__init__(pipeline)
        self.did: list[str] = []
        if metadata:
            self.call.metadata = DispatchMetadata(session_id="s" * 12, pipeline=pipeline, **metadata)

        def noted(name: str) -> Any:
            return lambda *_args, **_kwargs: self.did.append(name)

        async def open_it(_pipeline: Pipeline, chat: llm.ChatContext) -> None:
            self.did.append("open")
            self.session.history = chat

        room: Any = self.call.room
        room.listen = noted("listen")
        room.answer = noted("buttons")
        room.on_screen, room.on_file, room.on_people = noted("screen"), noted("files"), noted("people")
        room.on_handover = noted("handover")
        self.running.pipeline.open = open_it  # type: ignore[method-assign]
        live: Any = self.running._ctx.room
        live.on = noted("room events")
        live.is_recording, live.name, live.isconnected = False, "room", lambda: True
        live.local_participant = SimpleNamespace(identity="agent")

        async def nothing(*_: Any) -> None:
            """There is none."""

        self.call.backend.screen = nothing  # type: ignore[method-assign,assignment]

    async def over(self) -> None:
        await self.running.finish("over")
        for task in self.call.background:
            task.cancel()


async def test_typed_words_are_listened_to_before_the_room_is_joined_and_then_it_greets() -> None:
    world = Begun()
    await world.running.start()
    assert world.did[:2] == ["listen", "open"]
    assert {"buttons", "screen", "files", "people", "handover"} <= set(world.did)
    assert world.said == ["greeting"]
    assert world.running._lifecycle._task is not None, "the clocks run"
    await world.settled()
    assert world.prepared == ["searching"], "what a search begins with waits for no voice"
    await world.over()


async def test_a_second_agent_leaves_the_room_to_the_first_without_a_word() -> None:
    world = Begun()
    world.participants["agent-1"] = SimpleNamespace(kind=rtc.ParticipantKind.PARTICIPANT_KIND_AGENT)
    await world.running.start()
    assert (world.said, world.left) == ([], ["duplicate agent"])
    assert "buttons" not in world.did
    world.participants.clear()


async def test_who_takes_another_agents_place_says_so_and_answers_what_was_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def inherit(_call: Any) -> Any:
        return SimpleNamespace(chat=llm.ChatContext.empty(), question="Find me a flight to Rome")

    monkeypatch.setattr("agent.call.session.inherit", inherit)
    world = Begun(language="en", resumed=True)
    shown: list[Any] = []

    async def show(call: Any) -> None:
        shown.append(call)

    monkeypatch.setattr(type(world.call.persona), "show", lambda _self, call: show(call))
    await world.running.start()
    assert shown == [world.call]
    assert world.said == ["resumed"]
    assert world.session.did == ["reply Find me a flight to Rome"]
    await world.over()


@pytest.mark.parametrize(
    ("state", "speech", "busy"),
    [("speaking", None, True), ("thinking", None, True), ("listening", "a line", True), ("listening", None, False)],
)
async def test_a_stop_tells_whether_there_was_something_to_stop(state: str, speech: Any, *, busy: bool) -> None:
    world = World(Pipeline.CASCADE)
    world.session.agent_state, world.session.current_speech = state, speech
    assert await world.running.stop("button") is busy
    assert world.session.did == ["interrupt True"]
    assert world.turns.muted


@pytest.mark.parametrize("state", ["speaking", "thinking"])
async def test_a_second_press_of_stop_has_nothing_to_stop_while_what_it_ended_is_still_there(state: str) -> None:
    world = World(Pipeline.CASCADE)
    world.session.agent_state, world.session.current_speech = state, Speech()
    cuts: list[str] = []
    world.running._record.cut = cuts.append  # type: ignore[method-assign,assignment]
    assert await world.running.stop("button")
    assert not await world.running.stop("button")
    assert cuts == ["button"], "the silence is counted from the first press"
    world.turns.typed("to Berlin")
    assert await world.running.stop("button")


async def test_a_stop_ends_a_search_that_nobody_hears() -> None:
    world = World(Pipeline.REALTIME)
    search = asyncio.create_task(world.turns.work.run(asyncio.Event().wait()))
    await world.settled()
    assert await world.running.stop()
    await asyncio.wait([search])
    assert search.exception() is not None


async def test_a_stop_between_two_pipelines_is_a_stop() -> None:
    world = World(Pipeline.CASCADE)
    world.running.pipeline.session = None
    assert not await world.running.stop()
    assert world.turns.muted


async def test_a_call_ends_once_and_its_session_before_the_room() -> None:
    world = World(Pipeline.CASCADE)
    await world.running.finish("user silent")
    await world.running.finish("longest call")
    assert world.session.did == ["closed"]
    assert world.left == ["room deleted", "user silent"]
    assert world.running.session is None
    assert not await world.running.pipeline.reopen(Pipeline.CASCADE, llm.ChatContext.empty(), "late")


async def test_a_room_that_cannot_be_deleted_does_not_keep_the_job() -> None:
    world = World(Pipeline.CASCADE)

    async def fails() -> None:
        raise OSError

    world.running._ctx.delete_room = fails  # type: ignore[method-assign,assignment]
    await world.running.finish("over")
    assert world.left == ["over"]


async def test_a_call_that_is_handed_over_is_not_said_to_have_ended() -> None:
    world = World(Pipeline.CASCADE)
    ended: list[str | None] = []

    async def record(reason: str | None) -> None:
        ended.append(reason)

    world.running._record.ended = record  # type: ignore[method-assign]
    await world.running.finish("handed over", delete_room=False)
    assert (ended, world.left) == ([None], ["handed over"])
