"""Whether the assistant is heard while it speaks: how long its sound has been missing, and what is told of it.

A voice or a realtime response may be stuck before its first sound or behind any later one, without an error for a long
time or ever. How much of what was given has been heard by now follows from how long it is.
"""

import time
from collections.abc import AsyncGenerator, Callable

from livekit import rtc
from livekit.agents import AgentSession, APITimeoutError, ErrorEvent, llm, tts

from agent import budgets
from agent.call.state import Call
from contracts.dispatch import Pipeline

LINE = "one_moment"


class SoundWatch:
    """One per call."""

    def __init__(
        self,
        call: Call,
        session: Callable[[], AgentSession[Call] | None],
        *,
        fills: Callable[[], None],
        filled: Callable[[bool], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.call = call
        self.session = session
        self.fills = fills
        self.filled = filled
        self.clock = clock
        self.until = clock()
        """When what has been given so far will have been heard."""
        self.failed_at = float("-inf")

    def hushed(self) -> None:
        """Nothing is heard any more: what has been given and was not heard will not be, or is about to be."""
        self.until = self.clock()

    def failed(self) -> None:
        """A stage gave up, and that is told."""
        self.failed_at = self.clock()

    def speech(self, *, own: bool, whole: Callable[[], bool] = lambda: True) -> "SpeechGap":
        """A speech begins, in a realtime model's `own` voice or a synthesised one; `whole`: all its words are there."""
        return SpeechGap(self, own=own, whole=whole)


class SpeechGap:
    """Of one speech: when its sound is missing, the line that fills the gap, and what is told when nothing follows."""

    def __init__(self, watch: SoundWatch, *, own: bool, whole: Callable[[], bool]) -> None:
        self._watch = watch
        self._own = own
        self._whole = whole
        self._began = self._since = watch.clock()
        if self._began - watch.until < budgets.SOUND_GAP + 1.0:
            # What was heard just now was a line before it, or the speech before it: nothing has been heard since.
            self._since = min(self._began, watch.until)
        self._filling = False
        self._rate: int | None = None

    def silent_for(self) -> float:
        """Seconds without a sound that should be there; none are counted while the user is heard, or wants silence."""
        turns, now = self._watch.call.turns, self._watch.clock()
        listened = turns.unheard_for()
        if listened is None or turns.muted:
            self._watch.until = max(self._watch.until, now)
            return 0.0
        asked = turns.quiet_for()
        return min(now - self._since if asked is None else asked, now - self._watch.until, listened)

    def sounds(self, frame: rtc.AudioFrame) -> None:
        """A frame is on its way to the listener."""
        watch = self._watch
        now = watch.clock()
        watch.until = max(watch.until, now) + frame.duration
        self._rate = frame.sample_rate
        if self._filling:
            watch.call.turns.filled(watch.until - now)

    def line(self) -> AsyncGenerator[rtc.AudioFrame, None]:
        """Its sound, and a note of it."""
        self._filling = True
        self._watch.fills()
        call = self._watch.call
        call.transcript_filter.says(call.speaker.text(LINE))
        return call.speaker.ready(LINE, self._rate)

    def filled(self, *, answered: bool) -> None:
        """The speech goes on after a line, or will not."""
        self._filling = False
        self._watch.filled(answered)

    def lost(self) -> None:
        """Nothing came after the lines, and no error told why: it is told as one."""
        call, session = self._watch.call, self._watch.session()
        if session is None or self._watch.failed_at >= self._began or call.turns.muted:
            return
        stuck, at = APITimeoutError("no sound came"), time.time()
        error: llm.RealtimeModelError | tts.TTSError | llm.LLMError
        if self._own:
            # What was heard of the answer is not the answer.
            call.turns.due_again()
            error = llm.RealtimeModelError(timestamp=at, label="realtime", error=stuck, recoverable=False)
        elif self._whole() or call.pipeline is Pipeline.REALTIME:
            error = tts.TTSError(timestamp=at, label="speech", error=stuck, recoverable=False)
        else:
            error = llm.LLMError(timestamp=at, label="chat", error=stuck, recoverable=False)
        session.emit("error", ErrorEvent(error=error, source=session))
