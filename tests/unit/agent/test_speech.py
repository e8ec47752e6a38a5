"""Every line can be said from rendered audio in every language, and the audio says today's text."""

import hashlib
import json
from importlib import resources

import pytest

from agent.speech import CLIP_RATE, clip_frames, clip_path
from contracts.languages import LANGUAGES, SpokenLines
from contracts.room import NoticeKind

MANIFEST = json.loads((resources.files("agent") / "assets" / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_rendered_audio_is_of_the_present_text(code: str) -> None:
    for line, text in LANGUAGES[code].lines.model_dump().items():
        assert MANIFEST[code][line] == hashlib.sha256(text.encode()).hexdigest()[:16], (
            f"{code}/{line} was changed: run tools/render_lines.py"
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
