"""Silence as it was heard, which on a busy machine is less than the time that has passed.

The library takes a turn as over when time has passed. Where sound is looked at late, who goes on after a pause has spoken for a
while before anybody notices: a pause of 1.2 s became an end in the 1.3 s that it had to last.
"""

import asyncio
import math
from contextlib import suppress
from typing import Any, Final, cast

from livekit.agents import inference
from livekit.agents.vad import VADEvent, VADEventType, VADStream

from agent.hearing.voice_activity import SILENCE_SECONDS, InPlace

WINDOW: Final = 0.04
"""Seconds of silence that need not have been heard yet: one look at the sound, and what it takes to get there."""
LATE_SECONDS: Final = 0.5
"""Longest that silence is waited for which should have been heard already; where no sound comes at all, none will be."""
VOICE: Final = 0.5
"""Probability from which a single look has heard a voice; two of them are speech."""


class HeardSilence(inference.VAD):
    """The voice activity detection of one listener, which tells when so much silence has been heard."""

    def __init__(self) -> None:
        super().__init__(
            model="silero", min_silence_duration=SILENCE_SECONDS, activation_threshold=VOICE, executor=InPlace()
        )
        self._heard: _Heard | None = None

    def stream(self) -> VADStream:
        """Listen to one user; the stream before it is over."""
        self._heard = _Heard(super().stream())
        return cast("VADStream", self._heard)

    async def hears_silence(self, seconds: float) -> None:
        """Wait until speech has been followed by so many seconds of silence that were heard, with no voice in the last look.

        Not longer than `LATE_SECONDS` after they have passed, and not at all where there was no speech.
        """
        heard = self._heard
        if heard is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(heard.silent_since + seconds + LATE_SECONDS):
                while not heard.is_silent(seconds - WINDOW):
                    await heard.more()


class _Heard:
    """A stream of events, and what the last one told."""

    def __init__(self, stream: VADStream) -> None:
        self._stream = stream
        self._more = asyncio.Event()
        self._silence = math.inf
        """Seconds since the last speech."""
        self._voice = False
        self.silent_since = -math.inf
        """When the last speech ended, by the clock of the loop."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        return getattr(self._stream, name)

    def __aiter__(self) -> "_Heard":
        return self

    async def __anext__(self) -> VADEvent:
        try:
            event = await anext(self._stream)
        except BaseException:
            # Nobody listens any more, so that nothing will be heard.
            self._tells(math.inf, voice=False)
            raise
        if event.type is VADEventType.END_OF_SPEECH:
            self.silent_since = asyncio.get_running_loop().time() - event.silence_duration
        looked = event.type is VADEventType.INFERENCE_DONE
        self._tells(0.0 if event.speaking else event.silence_duration, voice=looked and event.probability >= VOICE)
        return event

    def _tells(self, silence: float, *, voice: bool) -> None:
        self._silence, self._voice = silence, voice
        self._more.set()
        self._more = asyncio.Event()

    def is_silent(self, seconds: float) -> bool:
        """Whether so much silence was heard, and no voice at its end."""
        return self._silence >= seconds and not self._voice

    async def more(self) -> None:
        """Wait for the next look at the sound."""
        await self._more.wait()
