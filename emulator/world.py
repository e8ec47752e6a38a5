"""Delays that make the emulator answer as fast as a chosen world does."""

import asyncio
from random import Random
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

LONGEST_MS: Final = 3_000.0
"""No drawn delay is longer, unless it is asked for as the median."""
_RANDOM: Final = Random()  # noqa: S311 - delays, not secrets
Milliseconds = Annotated[int, Field(ge=0, le=60_000)]


class World(BaseModel):
    """Milliseconds that answers take, the emulator's own time within; where it needs longer, they take longer."""

    model_config = ConfigDict(extra="forbid")

    transcription_ms: Milliseconds = 0
    first_token_ms: Milliseconds = 0
    first_audio_ms: Milliseconds = 0
    jitter: Annotated[float, Field(ge=0, le=2)] = 0.0
    """Spread: the standard deviation of the logarithm of each delay, whose median the figures above are. 0: always the same."""

    def drawn(self, median_ms: int, random: Random = _RANDOM) -> float:
        """One delay of a distribution as services have it, in seconds: mostly near its median, now and then far above."""
        longest = max(LONGEST_MS, median_ms)
        return min(median_ms * random.lognormvariate(0.0, self.jitter), longest) / 1000

    async def before_transcription(self) -> None:
        """Waits before a transcript is given."""
        await asyncio.sleep(self.drawn(self.transcription_ms))

    async def before_first_token(self) -> None:
        """Waits before a text answer or a tool call begins."""
        await asyncio.sleep(self.drawn(self.first_token_ms))

    async def before_first_audio(self) -> None:
        """Waits before speech begins; a realtime answer waits for its first token as well."""
        await asyncio.sleep(self.drawn(self.first_audio_ms))


WORLDS: Final[dict[Literal["zero", "p50", "distant"], World]] = {
    "zero": World(),
    "p50": World(transcription_ms=250, first_token_ms=300, first_audio_ms=190),
    # The words of speech come before, among and after the answer to it: the service promises no order.
    "distant": World(transcription_ms=450, first_token_ms=350, first_audio_ms=190, jitter=0.5),
}
