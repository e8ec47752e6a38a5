"""Travellers' clips as a microphone gives them, and the words of any stretch of one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

ROOT: Final = Path(__file__).resolve().parents[2] / "tests" / "data" / "clips"
RATE: Final = 24_000
_UNSPACED: Final = frozenset({"ja", "zh"})
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Part:
    """Words that are spoken in one go, from `start` to `end` seconds of their clip."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Clip:
    """An entry of the manifest."""

    file: str
    language: str
    kind: str
    voice: str
    text: str
    seconds: float
    parts: tuple[Part, ...]

    @property
    def samples(self) -> Samples:
        """16 bits, mono, at `RATE`."""
        return decoded(ROOT / self.file)

    def words_between(self, start: float, end: float) -> str:
        """About the words that are spoken in a stretch of the clip; nothing of noise."""
        gap = "" if self.language in _UNSPACED else " "
        said = []
        for part in self.parts:
            words = list(part.text) if not gap else part.text.split()
            length = max(part.end - part.start, 0.01)
            first, last = (min(1.0, max(0.0, (at - part.start) / length)) for at in (start, end))
            said += words[round(first * len(words)) : round(last * len(words))]
        return gap.join(said)


def clip_of(language: str, kind: str, number: int) -> Clip:
    """A clip by its place in the library."""
    return next(clip for clip in clips(kind, languages=(language,)) if clip.file.endswith(f"{kind}-{number:02}.opus"))


def clips(*kinds: str, languages: tuple[str, ...] = ()) -> Iterator[Clip]:
    """The manifest's clips of some kinds; of noise, which has no language, also where languages are named."""
    for entry in _manifest():
        if entry["kind"] in kinds and (not languages or entry["language"] in (*languages, None)):
            parts = entry.get("parts") or [{"text": entry["text"], "start": 0.0, "end": entry["seconds"]}]
            yield Clip(
                file=entry["file"],
                language=entry["language"] or "en",
                kind=entry["kind"],
                voice=entry["voice"],
                text=entry["text"],
                seconds=entry["seconds"],
                parts=tuple(Part(**part) for part in parts if part["text"]),
            )


@cache
def _manifest() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
    return entries


@cache
def decoded(path: Path) -> Samples:
    """A file of Opus as samples at `RATE`."""
    resampler = av.AudioResampler("s16", "mono", RATE)
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray().reshape(-1) for part in (*frames, *resampler.resample(None))])
