"""Whose words are taken for the traveller's."""

from types import SimpleNamespace
from typing import Any

from livekit import rtc

from agent.call.room import RoomLink
from contracts.names import TOPIC_CHAT


async def test_what_is_typed_is_the_traveller_s_and_not_an_operator_s_or_an_agent_s() -> None:
    handlers: dict[str, Any] = {}
    standard, agent = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD, rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    people = {"user-1": standard, "operator-1": standard, "agent-2": agent}
    room: Any = SimpleNamespace(
        remote_participants={name: SimpleNamespace(kind=kind) for name, kind in people.items()},
        register_text_stream_handler=handlers.__setitem__,
    )
    typed: list[str] = []

    async def take(text: str) -> None:
        typed.append(text)

    link = RoomLink(room)
    link.listen(take)
    for sender in (*people, "nobody"):

        async def read(who: str = sender) -> str:
            return f" from {who} "

        handlers[TOPIC_CHAT](SimpleNamespace(read_all=read), sender)
    for task in list(link._background):
        await task
    assert typed == ["from user-1"]
