"""Says and shows that the call is recorded, for as long as the media server says so, and nothing else is believed."""

import asyncio
from typing import TYPE_CHECKING, Final

from livekit import rtc

from contracts.languages import LANGUAGES
from contracts.room import NoticeKind

if TYPE_CHECKING:
    from agent.call.state import Call

AGAIN: Final = 1.0
"""Seconds until it is said after all, where the traveller has just asked for silence."""


class RecordingNotice:
    """One per call."""

    def __init__(self, call: "Call", room: rtc.Room) -> None:
        self._call = call
        self._room = room
        self._on = False

    def watch(self) -> None:
        """From now on; a recording that runs already has begun."""
        self._room.on("room_updated", self._look)
        self._look()

    def _look(self) -> None:
        if self._room.is_recording == self._on:
            return
        self._on = self._room.is_recording
        self._call.run_aside(self._tell(self._on))

    async def _tell(self, on: bool) -> None:
        texts = LANGUAGES[self._call.language.code].recording
        kind = NoticeKind.RECORDING if on else NoticeKind.RECORDING_ENDED
        await self._call.speaker.notice(kind, text=texts.on if on else texts.off)
        while self._on == on:
            if self._call.speaker.words(texts.on if on else texts.off) is not None:
                return
            await asyncio.sleep(AGAIN)
