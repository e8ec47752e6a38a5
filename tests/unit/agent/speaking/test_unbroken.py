"""A voice or a response that stalls is heard to wait, then to have failed; never for long nothing. Time is a number here."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from types import SimpleNamespace
from typing import Any, Final

import pytest
from livekit import rtc
from livekit.agents import APITimeoutError, ErrorEvent
from virtual_time import in_virtual_time

from agent.call.sound_watch import SoundWatch
from agent.speaking.unbroken import LINES_MAX, unbroken
from agent.turns.tracker import Turns
from contracts.dispatch import Pipeline

RATE: Final = 24_000
LINE_SECONDS: Final = 1.4
SILENT_MOST: Final = 3.5
"""What is left of four seconds is the way to the room."""
NEVER: Final = 1e6


def sound(seconds: float) -> rtc.AudioFrame:
    samples = int(seconds * RATE)
    return rtc.AudioFrame(bytes(2 * samples), RATE, 1, samples)


class Voice:
    """Gives sound as it is told: seconds of waiting, then seconds of sound, again and again."""

    def __init__(self, *parts: tuple[float, float], error: Exception | None = None) -> None:
        self.parts, self.error, self.closed = parts, error, False

    async def frames(self) -> AsyncIterator[rtc.AudioFrame]:
        """The last part may have no sound: the voice ends without more."""
        try:
            for wait, seconds in self.parts:
                await asyncio.sleep(wait)
                if seconds:
                    yield sound(seconds)
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


class World:
    """A call, and what its listener hears of it when."""

    def __init__(self, pipeline: Pipeline = Pipeline.CASCADE) -> None:
        self.now = asyncio.get_running_loop().time
        self.turns = Turns(self.now)
        self.heard: list[tuple[float, float, str]] = []
        """From when, until when, and whether it is the voice or a line."""
        self.did: list[str] = []
        self.errors: list[Any] = []
        self.line_is_said = False
        speaker = SimpleNamespace(ready=self._line, text=lambda _line: "One moment, please.")
        self.call: Any = SimpleNamespace(
            turns=self.turns,
            pipeline=pipeline,
            speaker=speaker,
            transcript_filter=SimpleNamespace(
                says=lambda text: self.did.append(f"remembers {text}"),
                sound=SimpleNamespace(speech=lambda: lambda _frame: None),
            ),
        )
        session: Any = SimpleNamespace(emit=self._emit)
        self.watch = SoundWatch(
            self.call,
            lambda: session,
            fills=lambda: self.did.append("fills"),
            filled=lambda answered: self.did.append(f"answered {answered}"),
            clock=self.now,
        )

    async def _line(self, _name: str, rate: int | None) -> AsyncGenerator[rtc.AudioFrame, None]:
        self.did.append(f"line at {rate}")
        self.line_is_said = True
        yield sound(LINE_SECONDS)
        self.line_is_said = False

    def _emit(self, name: str, event: ErrorEvent) -> None:
        self.did.append(name)
        self.errors.append(event.error)
        self.watch.failed()

    async def listen(self, voice: Voice, *, own: bool = False, whole: bool = True) -> None:
        """Hear one speech to its end."""
        async for frame in unbroken(voice.frames(), self.watch.speech(own=own, whole=lambda: whole)):
            begins = max(self.now(), self.heard[-1][1] if self.heard else 0.0)
            self.heard.append((begins, begins + frame.duration, "line" if self.line_is_said else "voice"))

    @property
    def said(self) -> list[str]:
        return [what for _, _, what in self.heard]

    def silences(self, since: float = 0.0) -> list[float]:
        """Before each sound, and behind the last one until now."""
        marks = [since, *(moment for begins, ends, _ in self.heard for moment in (begins, ends)), self.now()]
        return [later - earlier for earlier, later in zip(marks[::2], marks[1::2], strict=True)]


def test_a_voice_that_never_gives_a_sound_is_waited_for_aloud_then_has_failed() -> None:
    async def call() -> None:
        world, voice = World(), Voice((NEVER, 1.0))
        world.turns.typed("to Berlin")
        await world.listen(voice)
        assert world.said == ["line", "line"], "the documentation says after the next gap"
        assert max(world.silences()) <= SILENT_MOST
        assert [(error.type, type(error.error), error.recoverable) for error in world.errors] == [
            ("tts_error", APITimeoutError, False)
        ]
        assert voice.closed, "what would come late is not heard any more"

    in_virtual_time(call())


@pytest.mark.parametrize("own", [False, True], ids=["a voice", "a realtime response"])
def test_one_that_stalls_after_a_second_of_sound_is_waited_for_aloud_then_has_failed(own: bool) -> None:
    async def call() -> None:
        world = World(Pipeline.REALTIME if own else Pipeline.CASCADE)
        question = world.turns.typed("to Berlin")
        world.turns.answered()
        await world.listen(Voice((0.2, 0.5), (0.0, 0.5), (NEVER, 1.0)), own=own)
        assert world.said == ["voice", "voice", *["line"] * LINES_MAX]
        assert max(world.silences()) <= SILENT_MOST
        assert [error.type for error in world.errors] == ["realtime_model_error" if own else "tts_error"]
        assert not any(error.recoverable for error in world.errors)
        assert (world.turns.open is question) == own, "a cascade asks again what a part of the answer was heard to"

    in_virtual_time(call())


def test_a_voice_that_comes_late_is_heard_once_behind_the_line() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((5.0, 1.0), (0.1, 2.0)))
        assert world.said == ["line", "voice", "voice"]
        assert world.errors == []
        # What is said in the gap is noted, and known for its own echo.
        assert world.did == ["fills", "remembers One moment, please.", "line at None", "answered True"]

    in_virtual_time(call())


def test_what_stalls_twice_is_waited_for_aloud_twice() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((4.0, 1.0), (5.5, 1.0)))
        assert world.said == ["line", "voice", "line", "voice"]
        assert max(world.silences()) <= SILENT_MOST
        assert world.errors == []

    in_virtual_time(call())


def test_a_stall_in_the_second_answer_counts_from_what_was_heard_last() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((0.2, 6.0)))
        world.turns.answered()
        # Its sound is made while the one before is still heard.
        await world.listen(Voice((6.0, 1.0)))
        assert world.said == ["voice", "voice"], "nothing was missing"
        assert world.did == [], "and nothing was filled"
        await world.listen(Voice((NEVER, 1.0)))
        assert world.said == ["voice", "voice", *["line"] * LINES_MAX]
        assert max(world.silences()) <= SILENT_MOST

    in_virtual_time(call())


def test_a_stall_behind_a_filler_counts_from_its_end() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await asyncio.sleep(2.0)
        world.turns.filled(LINE_SECONDS)
        world.heard.append((2.0, 2.0 + LINE_SECONDS, "filler"))
        await world.listen(Voice((NEVER, 1.0)))
        assert world.said == ["filler", *["line"] * LINES_MAX]
        assert max(world.silences()) <= SILENT_MOST
        assert world.silences()[1] >= 2.5, "not into the filler"

    in_virtual_time(call())


def test_a_question_stays_open_and_quiet_from_the_end_of_the_line() -> None:
    async def call() -> None:
        world = World()
        question = world.turns.typed("to Berlin")
        listening = asyncio.create_task(world.listen(Voice((NEVER, 1.0))))
        await asyncio.sleep(4.0)
        assert world.said == ["line"]
        assert world.turns.open is question
        assert question.quiet == pytest.approx(world.heard[-1][1], abs=0.2)
        listening.cancel()

    in_virtual_time(call())


@pytest.mark.parametrize("cough", [False, True], ids=["words", "a cough of which nothing comes"])
def test_nothing_is_said_into_what_the_traveller_says_meanwhile(cough: bool) -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        listening = asyncio.create_task(world.listen(Voice((NEVER, 1.0))))
        await asyncio.sleep(2.0)
        world.turns.speech_began()
        await asyncio.sleep(0.3 if cough else 4.0)
        ended = world.now()
        assert world.said == []
        world.turns.speech_ended()
        await listening
        assert world.said == ["line"] * LINES_MAX
        assert max(world.silences(ended)) <= SILENT_MOST

    in_virtual_time(call())


def test_after_a_stop_there_is_silence_and_no_failure() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        listening = asyncio.create_task(world.listen(Voice((NEVER, 1.0))))
        await asyncio.sleep(2.0)
        world.turns.stop()
        await asyncio.sleep(60)
        assert (world.said, world.errors) == ([], [])
        listening.cancel()

    in_virtual_time(call())


def test_a_stop_behind_the_line_is_no_failure_either() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        listening = asyncio.create_task(world.listen(Voice((9.0, 0.0))))
        await asyncio.sleep(6.0)
        world.turns.stop()
        await listening
        assert (world.said, world.errors) == (["line"], [])
        assert "answered False" in world.did

    in_virtual_time(call())


def test_a_speech_that_nobody_wants_any_more_closes_the_voice_and_answers_nothing() -> None:
    async def call() -> None:
        world, voice = World(), Voice((NEVER, 1.0))
        world.turns.typed("to Berlin")
        listening = asyncio.create_task(world.listen(voice))
        await asyncio.sleep(4.0)
        assert world.said == ["line"]
        listening.cancel()
        await asyncio.wait([listening])
        assert voice.closed
        assert world.did[-1] == "answered False"
        assert world.errors == []

    in_virtual_time(call())


def test_a_speech_that_is_cut_off_between_two_frames_closes_the_voice_at_once() -> None:
    async def call() -> None:
        world, voice = World(), Voice((0.1, 1.0), (0.1, 1.0))
        speech = unbroken(voice.frames(), world.watch.speech(own=False))
        await anext(speech)
        await speech.aclose()
        assert voice.closed

    in_virtual_time(call())


def test_a_voice_with_nothing_to_say_has_not_failed() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((0.5, 0.0)))
        assert (world.said, world.did, world.errors) == ([], [], [])

    in_virtual_time(call())


def test_an_error_that_the_voice_tells_itself_is_told_once() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        with pytest.raises(APITimeoutError):
            await world.listen(Voice((5.0, 0.1), error=APITimeoutError()))
        assert world.errors == []
        await world.listen(Voice((0.0, 0.1)))
        listening = asyncio.create_task(world.listen(Voice((4.0, 0.0))))
        await asyncio.sleep(3.9)
        world.watch.failed()
        await listening
        assert world.errors == []

    in_virtual_time(call())


def test_a_voice_that_ends_behind_the_line_as_if_all_were_said_has_failed() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((0.0, 0.5), (5.0, 0.0)))
        assert world.said == ["voice", "line"]
        assert [error.type for error in world.errors] == ["tts_error"]

    in_virtual_time(call())


def test_words_that_stop_coming_are_the_models_fault_and_not_the_voices() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((0.2, 1.0), (NEVER, 1.0)), whole=False)
        assert [(error.type, error.recoverable) for error in world.errors] == [("llm_error", False)]
        realtime = World(Pipeline.REALTIME)
        await realtime.listen(Voice((0.2, 1.0), (NEVER, 1.0)), whole=False)
        assert [error.type for error in realtime.errors] == ["tts_error"], "of a line there"

    in_virtual_time(call())


def test_a_line_before_any_sound_has_the_voices_rate_and_later_that_of_the_sound() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((4.0, 1.0), (5.5, 1.0)))
        assert [what for what in world.did if what.startswith("line at")] == ["line at None", f"line at {RATE}"]

    in_virtual_time(call())


def test_a_fixed_line_that_nobody_asked_for_counts_from_its_own_beginning() -> None:
    async def call() -> None:
        world = World()
        await asyncio.sleep(50.0)
        await world.listen(Voice((2.0, 1.0)))
        assert world.said == ["voice"]
        await world.listen(Voice((NEVER, 1.0)))
        assert max(world.silences()[1:]) <= SILENT_MOST

    in_virtual_time(call())


def test_where_the_session_has_gone_nothing_is_told() -> None:
    async def call() -> None:
        world = World()
        world.watch.session = lambda: None
        world.turns.typed("to Berlin")
        await world.listen(Voice((NEVER, 1.0)))
        assert (world.said, world.errors) == (["line"] * LINES_MAX, [])

    in_virtual_time(call())


def test_a_question_is_quiet_from_what_it_is_told_and_not_from_what_is_said_after_it() -> None:
    async def call() -> None:
        world = World()
        question = world.turns.typed("to Berlin")
        await world.listen(Voice((4.0, 1.0), (0.0, 30.0)))
        assert question.quiet < 6.0

    in_virtual_time(call())


def test_what_was_made_for_a_turn_that_went_on_does_not_count_as_heard() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((0.0, 20.0)))
        world.heard.clear()
        world.watch.hushed()
        await world.listen(Voice((NEVER, 1.0)))
        assert max(world.silences()) <= SILENT_MOST

    in_virtual_time(call())


def test_a_voice_that_stalls_a_while_after_a_line_counts_from_what_was_heard_last() -> None:
    async def call() -> None:
        world = World()
        world.turns.typed("to Berlin")
        await world.listen(Voice((0.2, LINE_SECONDS)))
        world.turns.answered()  # the words of the answer came, none of its sound
        await asyncio.sleep(LINE_SECONDS + 2.5)
        await world.listen(Voice((NEVER, 1.0)))
        assert world.said == ["voice", *["line"] * LINES_MAX]
        assert max(world.silences()) <= SILENT_MOST

    in_virtual_time(call())
