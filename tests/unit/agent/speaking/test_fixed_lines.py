"""Every line can be said from rendered audio in every language, and the audio says today's text."""

import hashlib
import json
from importlib import resources
from types import SimpleNamespace
from typing import Any

import pytest

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


class Heard:
    """A speech."""
