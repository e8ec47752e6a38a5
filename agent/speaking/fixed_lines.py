"""Says what must be said without a model: greeting, fillers and apologies, in the user's language.

An apology is played from audio rendered beforehand (`agent/assets`), because the voice provider may be what failed.
"""

import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal
from weakref import WeakSet

from livekit import rtc
from livekit.agents import AgentSession, APIError
from livekit.agents.types import APIConnectOptions
from livekit.agents.utils.audio import audio_frames_from_file
from livekit.agents.voice import SpeechHandle

from agent import budgets
from agent.call.room import RoomLink
from agent.hearing.language import LanguageTracker
from agent.speaking.audio_output import once_subscribed
from agent.turns.tracker import Turns
from contracts.languages import LANGUAGES, SpokenLines
from contracts.room import NoticeKind, NoticeMessage

logger = logging.getLogger("polyglot.agent.speaking.fixed_lines")

CLIP_RATE = 24_000
"""Samples per second of rendered lines and of the agent's audio track."""

FILLERS = frozenset({"searching", "still_searching", "one_moment"})
"""Lines after which an answer is still due."""
UNNOTED: Final = frozenset({NoticeKind.SEARCHING, NoticeKind.SEARCH_ENDED, NoticeKind.STOPPED})
"""Shown with each search and each stop, which the record has anyway."""
_ONCE: Final = APIConnectOptions(max_retry=0, timeout=budgets.MODEL_TIMEOUT)
Line = str
"""A field of `SpokenLines`."""


def line_text(line: Line, language: str) -> str:
    """The words of a line."""
    return str(getattr(LANGUAGES[language].lines, line))


def clip_path(line: Line, language: str) -> Path:
    """Where the rendered audio of a line is."""
    return Path(str(resources.files("agent") / "assets" / language / f"{line}.ogg"))


async def clip_frames(line: Line, language: str) -> AsyncGenerator[rtc.AudioFrame, None]:
    """The rendered audio of a line, 24 kHz mono."""
    async for frame in audio_frames_from_file(str(clip_path(line, language)), sample_rate=CLIP_RATE, num_channels=1):
        yield frame


class Speaker:
    """Speaks fixed lines through whatever session the call has now."""

    def __init__(  # noqa: PLR0913 - what of the call it speaks through
        self,
        *,
        session: Callable[[], AgentSession[Any] | None],
        room: RoomLink,
        turns: Turns,
        language: LanguageTracker,
        own: Callable[[str], Mapping[str, str]] = lambda _code: {},
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._room = room
        self._turns = turns
        self._language = language
        self._own = own
        self._clock = clock
        self._last_said: dict[Line, float] = {}
        self._last_line: Line | None = None
        self._prepared: dict[str, list[rtc.AudioFrame]] = {}
        """Sound of lines that are said in the middle of something, by their words: another language has others."""
        self._fillers: WeakSet[SpeechHandle] = WeakSet()
        self.on_notice: Callable[[str], None] = lambda _name: None
        """Called with the name of each line that is said and each notice that is shown."""
        self.on_words: Callable[[str], None] = lambda _text: None
        self.on_sound: Callable[[], Callable[[rtc.AudioFrame], None]] = lambda: lambda _frame: None
        """Called with the words of each line that no voice is asked for; and when its sound begins, what is told of its frames."""

    def text(self, line: Line) -> str:
        """The words of a line, the persona's own before the product's."""
        code = self._language.code
        own = self._own(code)
        return own[line] if line in own else line_text(line, code)

    def is_filler(self, speech: SpeechHandle | None) -> bool:
        """Whether a speech only fills the wait for an answer."""
        return speech is not None and speech in self._fillers

    def line(self, line: Line) -> SpeechHandle | None:
        """Speak a line by the configured voice; None while muted or without a session."""
        session = self._session()
        if self._turns.muted or session is None:
            return None
        self._last_line = line
        text = self.text(line)
        frames = self._prepared.get(text)
        if frames and session.output.audio_enabled:
            self.on_words(text)
            sound = once_subscribed(session, _again(frames), self.on_sound())
            speech = _quietly(lambda: session.say(text, audio=sound, add_to_chat_ctx=False))
        else:
            speech = _quietly(lambda: session.say(text, add_to_chat_ctx=False))
        if speech is not None:
            self.on_notice(line)
            if line in FILLERS:
                self._fillers.add(speech)
        return speech

    async def prepare(self, lines: Iterable[Line]) -> None:
        """Have the configured voice speak lines now, so that they are heard at once when they are due.

        A voice that fails says them then, or fails then: nobody waits for them yet.
        """
        session = self._session()
        if session is None or session.tts is None or not session.output.audio_enabled:
            return
        for text in dict.fromkeys(map(self.text, lines)):
            if text not in self._prepared:
                with contextlib.suppress(APIError, RuntimeError):
                    stream = session.tts.synthesize(text, conn_options=_ONCE)
                    async with contextlib.aclosing(stream):
                        self._prepared[text] = [spoken.frame async for spoken in stream]

    async def ready(self, line: Line, rate: int | None = None) -> AsyncGenerator[rtc.AudioFrame, None]:
        """The sound of a line that no voice need be asked for: spoken by the configured one before, or rendered.

        `rate`: samples per second of the sound that it is put into; None where that is the voice's own.
        """
        session = self._session()
        rate = rate or (session.tts.sample_rate if session is not None and session.tts is not None else CLIP_RATE)
        prepared = self._prepared.get(self.text(line))
        resampler: rtc.AudioResampler | None = None
        async with contextlib.aclosing(
            _again(prepared) if prepared else clip_frames(line, self._language.code)
        ) as sound:
            async for frame in sound:
                if frame.sample_rate == rate:
                    yield frame
                    continue
                resampler = resampler or rtc.AudioResampler(frame.sample_rate, rate)
                for part in resampler.push(frame):
                    yield part
        for part in resampler.flush() if resampler is not None else ():
            yield part

    def wordings(self, line: Line) -> tuple[str, ...]:
        """How a line may read: the persona's own words, and the product's."""
        return self.text(line), line_text(line, self._language.code)

    def words(self, text: str) -> SpeechHandle | None:
        """Speak words that are no fixed line, and keep them in the conversation; None while muted or without a session."""
        session = self._session()
        if self._turns.muted or session is None:
            return None
        return _quietly(lambda: session.say(text))

    def repeat_as_clip(self) -> SpeechHandle | None:
        """Speak the last line again, from rendered audio, because the voice failed on it."""
        line, self._last_line = self._last_line, None
        return self.clip(line) if line is not None else None

    def clip(self, line: Line) -> SpeechHandle | None:
        """Speak a line from rendered audio; as text only where the call has no audio."""
        session = self._session()
        if self._turns.muted or session is None:
            return None
        code = self._language.code
        text = self.text(line)
        self.on_notice(line)
        # A persona's own line is in no clip, and the clip of the product's says something else.
        written = session.output.audio is None or not session.output.audio_enabled
        if written or line in self._own(code):
            speech = _quietly(lambda: session.say(text, add_to_chat_ctx=False))
        else:
            self.on_words(text)
            sound = once_subscribed(session, clip_frames(line, code), self.on_sound())
            speech = _quietly(lambda: session.say(text, audio=sound, add_to_chat_ctx=False))
        if speech is not None and line in FILLERS:
            self._fillers.add(speech)
        return speech

    async def apologise(
        self,
        kind: NoticeKind,
        *,
        severity: Literal["info", "warning", "error"] = "warning",
        action: Literal["type", "retry"] | None = None,
    ) -> SpeechHandle | None:
        """Show and say that something failed, once within `APOLOGY_GAP`; `kind` names a line of the same name.

        What is being said; None where nothing is: too soon, muted, or without a session.
        """
        if kind.value not in SpokenLines.model_fields:
            raise ValueError(f"{kind.value} is not a spoken line")
        now = self._clock()
        if now - self._last_said.get(kind.value, -budgets.APOLOGY_GAP) < budgets.APOLOGY_GAP:
            return None
        self._last_said[kind.value] = now
        await self.notice(kind, severity=severity, action=action)
        return self.clip(kind.value)

    async def notice(
        self,
        kind: NoticeKind,
        *,
        severity: Literal["info", "warning", "error"] = "info",
        action: Literal["type", "retry"] | None = None,
        text: str | None = None,
    ) -> None:
        """Show it only; in `text` where it is no fixed line."""
        if kind not in UNNOTED:
            self.on_notice(kind.value)
        code = self._language.code
        if text is None:
            text = self.text(kind.value) if kind.value in SpokenLines.model_fields else ""
        await self._room.notice(NoticeMessage(kind=kind, language=code, text=text, severity=severity, action=action))


async def _again(frames: list[rtc.AudioFrame]) -> AsyncGenerator[rtc.AudioFrame, None]:
    for frame in frames:
        yield frame


def _quietly(say: Callable[[], SpeechHandle]) -> SpeechHandle | None:
    try:
        return say()
    except RuntimeError:
        # The session is closing or has no voice; the notice has told the user already.
        logger.debug("line not spoken", exc_info=True)
        return None
