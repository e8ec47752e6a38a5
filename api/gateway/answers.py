"""Makes whole answers of what comes out of a room: the agent's state, its words, its sound, the user's words.

Knows neither LiveKit nor a socket, and takes its time from a clock, so that it can be tested without waiting.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from api.gateway.audio import Samples, encode_raw, encode_wav, loudness
from api.gateway.limits import FRAME_SECONDS, GatewayLimits
from api.gateway.schemas import AudioDelta, ResponseComplete, ServerMessage, StatusMessage

_UNSPACED = ("ja", "zh")


@dataclass
class _Answer:
    """One answer: from its first word or sound until it is over."""

    active_at: float
    input_text: str
    segments: dict[str, str] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    sound: list[Samples] = field(default_factory=list)
    unwanted: bool = False

    def text(self, language: str) -> str:
        parts = (part.strip() for part in self.segments.values())
        return ("" if language in _UNSPACED else " ").join(part for part in parts if part)


class Answers:
    """Sends `status`, `audio_delta` and `response_complete`."""

    def __init__(
        self,
        send: Callable[[ServerMessage], None],
        limits: GatewayLimits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._limits = limits
        self._clock = clock
        self.language = "en"
        """What the agent answers in now."""
        self.begun = asyncio.Event()
        """Set once the assistant has begun to say anything."""
        self.ignoring = False
        """While set, nothing is sent of an answer that begins: nobody asked for it."""
        self._state = ""
        self._answer: _Answer | None = None
        self._input = ""
        self._taken = False
        self._searching = False
        self._muted_at: float | None = None
        self._heard_at = 0.0
        self._silent_frames = limits.pause_frames
        self._before: deque[Samples] = deque(maxlen=limits.preroll_frames)
        self._delta: list[Samples] = []

    # -- what happens in the room ---------------------------------------------------------------------------------

    def state(self, state: str) -> None:
        """The agent's state; empty when there is no agent."""
        self._state = state
        if state == "speaking":
            self._begin()
        elif state == "thinking":
            self._take()
        else:
            self._taken = False

    def searching(self, *, running: bool) -> None:
        """A search runs: what is said meanwhile is not yet the whole answer."""
        self._searching = running

    @property
    def looking(self) -> bool:
        """Whether a search runs."""
        return self._searching

    def words(self, segment: str, text: str, *, final: bool) -> None:
        """The agent's words so far in one segment."""
        answer = self._begin()
        answer.segments[segment] = text
        if final:
            answer.unfinished.discard(segment)
        else:
            answer.unfinished.add(segment)

    def user_said(self, text: str) -> None:
        """The user's words are known: the turn is taken, and an answer that they interrupted is over."""
        answer = self._answer
        if answer is not None and not self._speaking(answer):
            self._complete(answer)
            answer = None
        if answer is not None and not answer.input_text:
            answer.input_text = text  # the words of a turn may be known later than its answer
        else:
            self._input = f"{self._input} {text}".strip()
        self._take()

    def sound(self, frame: Samples) -> None:
        """The next 20 ms of the agent's track, heard or not."""
        if loudness(frame) >= self._limits.audible:
            self._heard_at = self._clock()
            answer = self._begin() if self._muted_at is None else self._answer
            self._silent_frames = 0
            if answer is not None:
                for earlier in (*self._before, frame):
                    self._forward(answer, earlier)
            self._before.clear()
            return
        self._silent_frames += 1
        if self._answer is not None and self._silent_frames <= self._limits.pause_frames:
            self._forward(self._answer, frame)
        else:
            self._flush()
            self._before.append(frame)

    # -- what the client wants --------------------------------------------------------------------------------

    def stopped(self) -> None:
        """The turn was stopped, by voice or by the client: nothing more is due for it."""
        self._taken = False
        self._searching = False
        self._input = ""

    def mute(self) -> None:
        """Nothing more of what is being said; ends by itself when the agent has fallen silent."""
        self.stopped()
        self._muted_at = self._clock()
        self._delta.clear()

    def look(self) -> None:
        """Look at the clock: is the answer over, may the agent be heard again?"""
        now = self._clock()
        settled = self._limits.settled
        if self._muted_at is not None and min(now - self._muted_at, now - self._heard_at) >= settled:
            self._muted_at = None
        answer = self._answer
        if answer is None:
            return
        quiet = now - max(answer.active_at, self._heard_at)
        if self._speaking(answer) or self._searching or self._state == "thinking":
            over = quiet >= self._limits.stale
        else:
            over = quiet >= (settled if answer.text(self.language) else self._limits.wordless)
        if over:
            self._complete(answer)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _begin(self) -> _Answer:
        if self._answer is None:
            self.begun.set()
            self._answer = _Answer(self._clock(), self._input, unwanted=self.ignoring)
            self._input = ""
            self._taken = False
        self._answer.active_at = self._clock()
        return self._answer

    def _speaking(self, answer: _Answer) -> bool:
        return self._state == "speaking" or bool(answer.unfinished)

    def _take(self) -> None:
        if not self._taken:
            self._taken = True
            self._send(StatusMessage())

    def _forward(self, answer: _Answer, frame: Samples) -> None:
        if answer.unwanted or self._muted_at is not None:
            return
        if len(answer.sound) * FRAME_SECONDS < self._limits.answer:
            answer.sound.append(frame)
        self._delta.append(frame)
        if len(self._delta) >= self._limits.delta_frames:
            self._flush()

    def _flush(self) -> None:
        if self._delta:
            self._send(AudioDelta(audio=encode_raw(self._delta)))
            self._delta.clear()

    def _complete(self, answer: _Answer) -> None:
        self._flush()
        self._answer = None
        self._searching = False
        text = answer.text(self.language)
        if answer.unwanted or not (text or answer.sound):
            return
        self._send(
            ResponseComplete(
                text=text, audio=encode_wav(answer.sound), language=self.language, input_text=answer.input_text
            )
        )
