"""Who of those in a room the assistant listens to."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc
from livekit.agents.voice.room_io import AudioInputOptions

from agent.call.agent_session import close_quietly, hear_the_traveller, room_options
from contracts.dispatch import Pipeline


def somebody(identity: str, kind: Any = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD) -> Any:
    return SimpleNamespace(identity=identity, kind=kind)


class RoomIO:
    """Linked to whoever was met first, as the library does it."""

    def __init__(self, first: Any) -> None:
        self.linked_participant = first
        self.linked: list[str] = []
        self.ready = asyncio.Event()

    async def wait_for_ready(self) -> None:
        await self.ready.wait()

    def set_participant(self, identity: str) -> None:
        self.linked.append(identity)


@pytest.mark.parametrize(("pipeline", "rate"), [(Pipeline.CASCADE, 16_000), (Pipeline.REALTIME, 24_000)])
def test_each_pipeline_hears_the_rate_that_its_ears_work_at(pipeline: Pipeline, rate: int) -> None:
    options = room_options(pipeline)
    assert isinstance(options.audio_input, AudioInputOptions)
    assert (options.audio_input.sample_rate, options.audio_output) == (rate, True)


def test_a_call_in_writing_has_no_sound() -> None:
    options = room_options(Pipeline.TEXT)
    assert (options.audio_input, options.audio_output) == (False, False)


OPERATOR, SCREEN, TRAVELLER = somebody("operator-1"), somebody("companion-1"), somebody("user-1")
BEFORE = somebody("agent-1", rtc.ParticipantKind.PARTICIPANT_KIND_AGENT)
CALLER = somebody("sip_+34600", rtc.ParticipantKind.PARTICIPANT_KIND_SIP)


@pytest.mark.parametrize(
    ("people", "linked"),
    [
        ([SCREEN, OPERATOR, BEFORE, TRAVELLER], ["user-1"]),
        ([OPERATOR, CALLER], ["sip_+34600"]),
        ([TRAVELLER, SCREEN], []),
        ([SCREEN, OPERATOR], []),
    ],
)
async def test_the_traveller_is_heard_whoever_was_met_first(people: list[Any], linked: list[str]) -> None:
    room_io = RoomIO(people[0])
    room: Any = SimpleNamespace(remote_participants={one.identity: one for one in people})
    session: Any = SimpleNamespace(room_io=room_io)
    waiting = asyncio.create_task(hear_the_traveller(session, room))
    await asyncio.sleep(0)
    assert room_io.linked == [], "not before the library has made its choice"
    room_io.ready.set()
    await waiting
    assert room_io.linked == linked


async def test_a_session_that_has_ended_links_nobody() -> None:
    class Ended:
        @property
        def room_io(self) -> RoomIO:
            raise RuntimeError("the session has no room")

    ended: Any = Ended()
    await hear_the_traveller(ended, SimpleNamespace(remote_participants={}))  # type: ignore[arg-type]


async def test_what_begins_while_a_session_closes_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.call.agent_session.LOOKS", 0.001)
    silent = asyncio.Event()

    class Closing:
        interrupted = 0

        @property
        def room_io(self) -> Any:
            raise RuntimeError("there is no room")

        async def aclose(self) -> None:
            await silent.wait()
            raise OSError("half-way")

        def interrupt(self, *, force: bool) -> None:
            assert force
            self.interrupted += 1
            if self.interrupted == 2:
                silent.set()

    session: Any = Closing()
    async with asyncio.timeout(2):
        await close_quietly(session)
    assert session.interrupted == 2
