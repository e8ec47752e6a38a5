"""Every limit and clock of the voice gateway, in one table. Seconds unless the name says otherwise."""

from dataclasses import dataclass
from typing import Final, Self

from api.settings import Settings

RATE: Final = 24_000
"""Samples per second of raw sound in and of all sound out; mono, 16 bit, little endian."""
FRAME_SAMPLES: Final = RATE // 50
"""20 ms: the unit in which sound is sent and heard."""
FRAME_SECONDS: Final = FRAME_SAMPLES / RATE
WAV_RATES: Final = range(8_000, 96_001)
WAV_CHANNELS: Final = range(1, 9)


@dataclass(frozen=True, slots=True)
class GatewayLimits:
    """The limits of one process; the defaults are the product's, tests shorten the clocks."""

    calls: int = 20
    """At once in this process: each decodes and encodes sound on the API's own processor."""
    per_caller: int = 5
    """Sockets of one caller, from the moment they are taken."""
    idle: float = 300.0
    """Without any message from the client but pings."""
    longest: float = 1800.0
    """One call."""

    message_chars: int = 4 * 1024 * 1024
    bad_messages: int = 20
    """Wrong messages in a row, after which the socket is closed."""
    audio: float = 60.0
    """Sound in one message."""
    waiting: float = 90.0
    """Sound taken from the client and not yet sent into the room."""
    requests: int = 8
    """Changes of language and interrupts on their way to the agent."""
    outbox: int = 1500
    """Messages that a slow client has not taken; with sound, half a minute at the very least."""

    join: float = 10.0
    agent: float = 0.5
    """Between two looks at whether the agent has come."""
    subscribed: float = 3.0
    """An agent that is ready receives the microphone within this; after it, sound is sent all the same."""
    rpc: float = 8.0
    """LiveKit's own least."""
    leave: float = 5.0
    farewell: float = 3.0

    greeting: float = 1.5
    """Sound that opened the call waits so long for the greeting to begin, to talk over it as a person would."""
    leading: float = 0.2
    """Silence before the first sound of a call: a receiver throws away what arrives while it finds its own pace."""
    trailing: float = 2.0
    """Silence after what the client sent: lets the agent hear that the turn is over."""
    jitter: float = 0.1
    """Sound that an open microphone collects before it is sent on, so that pieces that come late leave no gaps."""
    language: float = 0.2
    """The agent publishes a change of language just after the words that made it."""

    delta_frames: int = 5
    """Frames in one `audio_delta`."""
    preroll_frames: int = 3
    """Frames sent from before the first audible one: a word begins softly."""
    pause_frames: int = 10
    """Frames sent after the last audible one; a longer pause passes in real time without them."""
    audible: float = 0.003
    """Root mean square, of full scale 1, from which a frame counts as sound."""
    settled: float = 0.8
    """Silence after which an answer whose words are known is complete."""
    wordless: float = 3.0
    """Silence after which an answer without words is complete."""
    stale: float = 20.0
    """Silence after which an answer is complete whatever the agent says of its state."""
    answer: float = 60.0
    """Sound in one `response_complete`; what is beyond was in the deltas only."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits with what the operator may set."""
        minutes, own = settings.budgets.call_minutes, settings.budgets.address_calls
        return cls(
            calls=settings.gateway_calls,
            idle=settings.gateway_idle,
            longest=minutes * 60 if minutes else 6 * 3600.0,
            per_caller=own or settings.gateway_calls,
        )
