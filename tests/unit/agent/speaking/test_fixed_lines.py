"""Every line can be said from rendered audio in every language, and the audio says today's text."""

import hashlib
import json
from importlib import resources
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import APIConnectionError

from agent.speaking.fixed_lines import CLIP_RATE, Speaker, clip_frames, clip_path
from agent.turns.tracker import Turns
from contracts.languages import LANGUAGES, SpokenLines
from contracts.room import NoticeKind

MANIFEST = json.loads((resources.files("agent") / "assets" / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_rendered_audio_is_of_the_present_text(code: str) -> None:
    for line, text in LANGUAGES[code].lines.model_dump().items():
        assert MANIFEST[code][line] == hashlib.sha256(text.encode()).hexdigest()[:16], (
            f"{code}/{line} was changed: run `python -m tools.render_lines {code}`"
        )
        assert clip_path(line, code).is_file()


@pytest.mark.parametrize("code", LANGUAGES)
async def test_a_clip_decodes_to_audible_speech(code: str) -> None:
    samples, loudest = 0, 0
    async for frame in clip_frames("model_unavailable", code):
        assert (frame.sample_rate, frame.num_channels) == (CLIP_RATE, 1)
        samples += frame.samples_per_channel
        loudest = max(loudest, max(frame.data, default=0))
    assert 1.0 < samples / CLIP_RATE < 15.0
    assert loudest > 3000


def test_each_apology_has_its_line() -> None:
    said = {
        NoticeKind.SEARCH_UNAVAILABLE,
        NoticeKind.MODEL_UNAVAILABLE,
        NoticeKind.HEARING_UNAVAILABLE,
        NoticeKind.VOICE_UNAVAILABLE,
        NoticeKind.PIPELINE_SWITCHED,
        NoticeKind.RESUMED,
        NoticeKind.AGENT_MISSING,
        NoticeKind.REQUEST_REJECTED,
    }
    assert {kind.value for kind in said} <= set(SpokenLines.model_fields)


class Room:
    async def notice(self, _message: object) -> None:
        """Shown."""


async def test_what_is_said_and_shown_unasked_is_told_to_the_record() -> None:
    session: Any = SimpleNamespace(say=lambda *_, **__: Heard(), output=SimpleNamespace(audio=None))
    language: Any = SimpleNamespace(code="en")
    room: Any = Room()
    speaker = Speaker(session=lambda: session, room=room, turns=Turns(), language=language)
    told: list[str] = []
    speaker.on_notice = told.append
    speaker.line("are_you_there")
    await speaker.apologise(NoticeKind.MODEL_UNAVAILABLE)
    await speaker.notice(NoticeKind.SEARCHING)
    await speaker.notice(NoticeKind.STOPPED)
    assert told == ["are_you_there", "model_unavailable", "model_unavailable"]


@pytest.mark.parametrize("prepared", [True, False])
async def test_the_words_and_the_sound_of_a_rendered_line_are_told(prepared: bool) -> None:
    speaking = Speaking(VoiceOf())
    session: Any = speaking
    room, language = Any, SimpleNamespace(code="en")
    speaker = Speaker(session=lambda: session, room=room, turns=Turns(), language=language)  # type: ignore[arg-type]
    words: list[str] = []
    frames: list[rtc.AudioFrame] = []
    speaker.on_words, speaker.on_sound = words.append, lambda: frames.append
    if prepared:
        await speaker.prepare(["searching"])
        speaker.line("searching")
    else:
        speaker.clip("searching")
    assert words == [LANGUAGES["en"].lines.searching]
    (sound,) = speaking._sounds
    heard = [frame async for frame in sound]
    assert heard
    assert frames == heard, "an echo of it is known by both"


class Heard:
    """A speech."""


class VoiceOf:
    """A voice that is asked for a text, and may fail."""

    sample_rate = CLIP_RATE

    def __init__(self, *, fails: bool = False) -> None:
        self.asked: list[str] = []
        self._fails = fails

    async def synthesize(self, text: str, **_: Any) -> Any:
        self.asked.append(text)
        for _number in range(2):
            yield SimpleNamespace(frame=rtc.AudioFrame.create(CLIP_RATE, 1, 240))
        if self._fails:
            raise APIConnectionError


class Speaking:
    """A session that notes what it is to say, and with which sound."""

    def __init__(self, voice: VoiceOf) -> None:
        self.tts = voice
        self.output = SimpleNamespace(audio=object(), audio_enabled=True)
        self.said: list[tuple[str, int | None]] = []
        self._sounds: list[Any] = []

    @property
    def room_io(self) -> Any:
        raise RuntimeError("no room")

    def say(self, text: str, *, audio: Any = None, add_to_chat_ctx: bool) -> Heard:
        assert not add_to_chat_ctx
        self.said.append((text, None if audio is None else len(self._sounds)))
        self._sounds.append(audio)
        return Heard()

    async def frames(self, number: int) -> int:
        return len([frame async for frame in self._sounds[number]])


def speaker_of(session: Any, code: str = "en") -> tuple[Speaker, Any]:
    language: Any = SimpleNamespace(code=code)
    room: Any = Room()
    return Speaker(session=lambda: session, room=room, turns=Turns(), language=language), language


async def test_a_filler_is_spoken_beforehand_and_heard_without_waiting_for_the_voice_as_often_as_it_is_due() -> None:
    voice = VoiceOf()
    session = Speaking(voice)
    speaker, language = speaker_of(session)
    speaker.line("searching")
    await speaker.prepare(["searching"])
    await speaker.prepare(["searching"])
    assert voice.asked == [LANGUAGES["en"].lines.searching], "once in a language"
    for _ in range(2):
        filler = speaker.line("searching")
        assert speaker.is_filler(filler)
    speaker.line("greeting")
    assert [sound for _, sound in session.said] == [None, 1, 2, None]
    assert [await session.frames(1), await session.frames(2)] == [2, 2]
    language.code = "es"
    speaker.line("searching")
    assert session.said[-1] == (LANGUAGES["es"].lines.searching, None), "nothing of another language is heard"


async def test_a_voice_that_fails_beforehand_is_asked_again_when_the_line_is_due() -> None:
    session = Speaking(VoiceOf(fails=True))
    speaker, _ = speaker_of(session)
    await speaker.prepare(["searching"])
    speaker.line("searching")
    assert session.said == [(LANGUAGES["en"].lines.searching, None)]


async def test_nothing_is_spoken_beforehand_where_there_is_no_sound_or_no_voice() -> None:
    voice = VoiceOf()
    session = Speaking(voice)
    speaker, _ = speaker_of(session)
    await speaker.prepare(["searching"])
    session.output.audio_enabled = False
    speaker.line("searching")
    assert session.said == [(LANGUAGES["en"].lines.searching, None)], "in writing while the voice is down"
    await speaker.prepare(["still_searching"])
    session.tts = None  # type: ignore[assignment]
    await speaker.prepare(["still_searching"])
    assert len(voice.asked) == 1
    nobody, _ = speaker_of(None)
    await nobody.prepare(["searching"])


async def test_a_rendered_line_before_an_answer_is_no_answer() -> None:
    speaker, _ = speaker_of(Speaking(VoiceOf()))
    assert speaker.is_filler(speaker.clip("one_moment"))
    assert not speaker.is_filler(speaker.clip("model_unavailable"))


@pytest.mark.parametrize("rate", [None, 16_000])
async def test_a_line_is_ready_without_a_voice_at_the_rate_of_what_it_is_put_into(rate: int | None) -> None:
    session = Speaking(VoiceOf(fails=True))
    speaker, _ = speaker_of(session)
    frames = [frame async for frame in speaker.ready("one_moment", rate)]
    assert {frame.sample_rate for frame in frames} == {rate or session.tts.sample_rate}
    rendered = [frame async for frame in clip_frames("one_moment", "en")]
    seconds = sum(frame.duration for frame in rendered)
    assert sum(frame.duration for frame in frames) == pytest.approx(seconds, abs=0.1)


async def test_a_line_that_the_voice_spoken_before_is_ready_in_that_voice() -> None:
    session = Speaking(VoiceOf())
    speaker, _ = speaker_of(session)
    await speaker.prepare(["one_moment"])
    assert len([frame async for frame in speaker.ready("one_moment")]) == 2
