"""OpenAI's realtime model, told what the microphone hears as soon as it hears it."""

from typing import Final

from livekit.agents import utils
from livekit.plugins import openai
from livekit.plugins.openai.realtime.realtime_model import NUM_CHANNELS, SAMPLE_RATE

SENT_EVERY: Final = 0.02
"""Seconds of sound in a message: as often as the room gives some."""


class LowDelayRealtimeModel(openai.realtime.RealtimeModel):
    """The library's model with a finer grain of sound.

    The library gathers a tenth of a second before it sends any (livekit-agents 1.8, `RealtimeSession.__init__`), so that
    the provider notices the end of speech, and a "stop", up to that much later; half of it on average.
    """

    def session(self, *, turn_detection_disabled: bool = False) -> openai.realtime.RealtimeSession:
        """A session as the library makes it; sound goes out every 20 ms."""
        session = super().session(turn_detection_disabled=turn_detection_disabled)
        grain = int(SAMPLE_RATE * SENT_EVERY)
        session._bstream = utils.audio.AudioByteStream(SAMPLE_RATE, NUM_CHANNELS, samples_per_channel=grain)  # noqa: SLF001
        return session
