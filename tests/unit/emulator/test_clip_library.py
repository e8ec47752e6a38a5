"""The travellers' clips that are kept: enough of each kind, small, and each with its words and its licence."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from contracts.languages import LANGUAGES

CLIPS = Path(__file__).parents[2] / "data" / "clips"
LARGEST = 8_000_000


def manifest() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CLIPS / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_every_clip_has_its_words_its_voice_and_its_licence() -> None:
    listed = manifest()
    assert {clip["file"] for clip in listed} == {
        path.relative_to(CLIPS).as_posix() for path in CLIPS.rglob("*.opus")
    }, "files and manifest agree"
    for clip in listed:
        assert clip["licence"], clip
        assert clip["voice"], clip
        assert clip["text"] or clip["kind"] in {"noise", "echo"}, clip
        assert (CLIPS / clip["file"]).read_bytes()[:4] == b"OggS", clip


def test_there_are_enough_and_they_are_small() -> None:
    listed = manifest()
    assert len(listed) >= 400
    assert len({clip["voice"] for clip in listed}) >= 20
    spoken = Counter(clip["language"] for clip in listed)
    assert set(LANGUAGES) <= set(spoken)
    kinds = {clip["kind"] for clip in listed}
    assert {"command", "question", "hesitation", "backchannel", "stop", "noise"} <= kinds
    assert sum(path.stat().st_size for path in CLIPS.rglob("*.opus")) <= LARGEST
