"""What happens around a conversation: who comes and goes, what is sent and shared, other hands on what is shown."""

from collections.abc import Awaitable, Callable

from livekit import rtc

from agent.call import Call
from agent.files.eyes import Eyes
from agent.files.inbox import Inbox
from agent.recorded import Recorded
from agent.room_events import Put, tell_of


def follow(call: Call, room: rtc.Room, *, put: Put, eyes: Eyes, sent: Callable[[str], Awaitable[None]]) -> None:
    """Follow a room that the agent is in. `put` writes into the record, `sent` answers what a file says."""
    call.room.on_screen(call.follow_screen)
    call.run_aside(call.follow_screen(call.screen.version + 1))  # what the page has brought, and told before this
    tell_of(room, put)
    call.room.on_file(Inbox(call, eyes, sent).take)
    call.room.on_people(call.people.joined, call.people.left)
    Recorded(call, room).watch()
    if call.sight is not None:
        call.sight.watch(room)
