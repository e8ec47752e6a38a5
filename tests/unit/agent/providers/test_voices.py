"""A voice that fails in the middle of a sentence: nothing is heard twice, nothing is lost, in virtual time."""

import asyncio
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIStatusError, tts, utils
from livekit.agents.types import APIConnectOptions
from virtual_time import in_virtual_time

from agent.providers.voices import Voices

RATE = 1000
LETTER = 0.1
"""Seconds of sound for each letter of a voice."""
ANSWER = "I found two flights. The cheapest is Iberia at noon for ninety euros. Shall I go on?"
SENTENCES = ["I found two flights. ", "The cheapest is Iberia at noon for ninety euros. ", "Shall I go on?"]


class Fake(tts.TTS[Any]):
    """Says a text letter by letter; each letter of its sound is that letter's number."""

    def __init__(
        self, *, breaks: dict[int, Exception] | None = None, rate: int = RATE, per_letter: float = LETTER
    ) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=rate, num_channels=1)
        self.asked: list[str] = []
        self.breaks = breaks or {}
        """By the number of a request, what it fails with after five letters, or after `after`."""
        self.after = 5
        self.per_letter = per_letter

    def synthesize(self, text: str, *, conn_options: APIConnectOptions | None = None) -> "Said":
        self.asked.append(text)
        return Said(tts=self, input_text=text, conn_options=conn_options or APIConnectOptions())


class Said(tts.ChunkedStream):
    _tts: Fake

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        output_emitter.initialize(
            request_id=utils.shortuuid(), sample_rate=voice.sample_rate, num_channels=1, mime_type="audio/pcm"
        )
        failure = voice.breaks.pop(len(voice.asked) - 1, None)
        for at, letter in enumerate(self._input_text):
            if failure is not None and at == voice.after:
                raise failure
            samples = int(voice.per_letter * voice.sample_rate)
            output_emitter.push_frame(
                rtc.AudioFrame(ord(letter).to_bytes(2, "little") * samples, voice.sample_rate, 1, samples)
            )
            await asyncio.sleep(0.02)


def heard(voices: tts.TTS[Any], text: str) -> str:
    """What is heard of a text, one letter for each `LETTER` of sound."""

    async def listen() -> str:
        samples: list[int] = []
        async with voices.synthesize(text, conn_options=APIConnectOptions(max_retry=1, retry_interval=0.3)) as stream:
            async for spoken in stream:
                samples += memoryview(spoken.frame.data).cast("B").cast("h")
        return "".join(chr(samples[at]) for at in range(50, len(samples), 100))

    said: str = in_virtual_time(listen())
    return said


def broken() -> Exception:
    return APIConnectionError("gone")


def refused() -> Exception:
    return APIStatusError("no such voice", status_code=404)


def test_a_voice_that_is_asked_again_goes_on_where_it_stopped() -> None:
    voice = Fake(breaks={0: broken()})
    assert heard(Voices([voice], retries=1), SENTENCES[0]) == SENTENCES[0]
    assert voice.asked == [SENTENCES[0]] * 2


def test_the_library_s_own_retry_says_it_twice() -> None:
    assert heard(Fake(breaks={0: broken()}), SENTENCES[0]) == SENTENCES[0][:5] + SENTENCES[0]


@pytest.mark.parametrize("after", [1, 17, 25, 40, 48])
def test_the_next_voice_says_what_the_first_one_has_not(after: int) -> None:
    first, second = Fake(breaks={1: refused(), 2: refused(), 3: refused()}), Fake()
    first.after = after
    voices = Voices([first, second], retries=1)
    assert heard(voices, SENTENCES[0]) == SENTENCES[0]
    got = heard(voices, SENTENCES[1])
    assert first.asked == [*SENTENCES[:2], SENTENCES[1]], "once, and once more whether it is back"
    (left,) = second.asked or [""]
    assert SENTENCES[1].endswith(left)
    said = SENTENCES[1][: len(SENTENCES[1]) - len(left)]
    assert got == SENTENCES[1][:after] + left
    # Only a word that was not whole is said again.
    assert said == SENTENCES[1][: len(said)]
    assert 0 <= after - len(said) < len("cheapest ")
    assert said == "" or said.endswith(" ")
    assert heard(voices, SENTENCES[2]) == SENTENCES[2]
    assert second.asked[-1] == SENTENCES[2], "the one that failed is not asked for the next sentence"


def test_a_text_without_spaces_goes_on_within_it() -> None:
    text = "一番安い便は正午発です。"
    first, second = Fake(breaks={1: refused()}, per_letter=0.2), Fake()
    first.after = 6
    voices = Voices([first, second], retries=0)
    heard(voices, text)
    heard(voices, text)
    assert second.asked == [text[5:]], "rather a character again than one less"


def test_a_voice_that_failed_at_its_last_word_has_said_all() -> None:
    first, second = Fake(breaks={1: refused()}), Fake()
    first.after = len(SENTENCES[0])
    voices = Voices([first, second], retries=0)
    heard(voices, SENTENCES[0])
    first.breaks = {1: refused()}
    assert heard(voices, SENTENCES[0]) == SENTENCES[0]
    assert second.asked == []


def test_where_no_voice_is_left_that_is_told_once_and_nothing_is_said_again() -> None:
    first, second = Fake(breaks=dict.fromkeys(range(9), broken())), Fake(breaks=dict.fromkeys(range(9), broken()))
    voices = Voices([first, second], retries=1)
    told: list[Any] = []
    voices.on("error", told.append)
    with pytest.raises(APIConnectionError, match="no voice is left of 2"):
        heard(voices, SENTENCES[1])
    assert [error.recoverable for error in told] == [False]
    asked = len(first.asked) + len(second.asked)
    assert asked <= 6, "two each, and one look each at whether it is back"
    # Those that are all away are asked all the same.
    first.breaks = {}
    assert heard(voices, SENTENCES[2]) == SENTENCES[2]


def test_a_voice_that_is_back_is_asked_first_again() -> None:
    first, second = Fake(breaks={0: refused()}), Fake()
    voices = Voices([first, second], retries=0)
    changes: list[bool] = []
    voices.on("tts_availability_changed", lambda event: changes.append(event.available))

    async def go_on() -> None:
        async with voices.synthesize(SENTENCES[1]) as stream:
            async for _ in stream:
                pass
        looks = voices._status[0].recovering_synthesize_task
        assert looks is not None
        await looks

    in_virtual_time(go_on())
    assert changes == [False, True]
    assert heard(voices, SENTENCES[2]) == SENTENCES[2]
    assert (first.asked[-1], len(second.asked)) == (SENTENCES[2], 1)


def test_voices_of_different_rates_are_one_sound() -> None:
    first, second = Fake(breaks={0: refused()}, rate=16_000), Fake(rate=24_000)
    voices = Voices([first, second], retries=0)
    assert (voices.sample_rate, voices.capabilities.streaming) == (24_000, False)

    async def seconds() -> float:
        total = 0.0
        async with voices.synthesize(SENTENCES[0]) as stream:
            async for spoken in stream:
                assert spoken.frame.sample_rate == 24_000
                total += spoken.frame.duration
        return total

    left = voices.left(first, SENTENCES[0], 0.5)
    assert in_virtual_time(seconds()) == pytest.approx(0.5 + len(left) * LETTER, abs=0.05)
