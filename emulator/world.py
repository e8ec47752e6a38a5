"""Delays that make the emulator answer as fast as a chosen world does."""

import asyncio
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Milliseconds = Annotated[int, Field(ge=0, le=60_000)]


class World(BaseModel):
    """Delays in milliseconds, added to the emulator's own time."""

    model_config = ConfigDict(extra="forbid")

    transcription_ms: Milliseconds = 0
    first_token_ms: Milliseconds = 0
    first_audio_ms: Milliseconds = 0

    async def before_transcription(self) -> None:
        """Waits before a transcript is given."""
        await asyncio.sleep(self.transcription_ms / 1000)

    async def before_first_token(self) -> None:
        """Waits before a text answer or a tool call begins."""
        await asyncio.sleep(self.first_token_ms / 1000)

    async def before_first_audio(self) -> None:
        """Waits before speech begins; a realtime answer waits for its first token as well."""
        await asyncio.sleep(self.first_audio_ms / 1000)


WORLDS: Final[dict[Literal["zero", "p50"], World]] = {
    "zero": World(),
    "p50": World(transcription_ms=250, first_token_ms=300, first_audio_ms=190),
}
