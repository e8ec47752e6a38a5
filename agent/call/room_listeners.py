"""What happens around a conversation: who comes and goes, what is sent and shared, other hands on what is shown."""

from collections.abc import Awaitable, Callable

from livekit import rtc

from agent.call.recording_notice import RecordingNotice
from agent.call.room_events import Put, tell_of
from agent.call.state import Call
from agent.files.inbox import Inbox
from agent.files.vision import Vision


def listen_to_room(
    call: Call, room: rtc.Room, *, put: Put, eyes: Vision, sent: Callable[[str], Awaitable[None]]
) -> None:
    """Follow a room that the agent is in. `put` writes into the record, `sent` answers what a file says."""
    call.room.on_screen(call.follow_screen)
    call.run_aside(call.follow_screen(call.screen.version + 1))  # what the page has brought, and told before this
    tell_of(room, put)
    call.room.on_file(Inbox(call, eyes, sent).take)
    call.room.on_people(call.operators.joined, call.operators.left)
    RecordingNotice(call, room).watch()
    if call.screen_share is not None:
        call.screen_share.watch(room)
