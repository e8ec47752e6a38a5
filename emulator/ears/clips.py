"""Ears for tests and measurements: they know registered clips by their sound, and hear nothing in anything else.

They cost milliseconds, are certain, and hear any language: what is tested with them is what the assistant makes of words, not
how well words are made out.
"""

import io
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import av
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from contracts.languages import LANGUAGES
from emulator.audio import LISTENING_RATE
from emulator.ears.fingerprint import FRAMES_PER_SECOND, Fingerprint, Overlap, best_overlap, torn_likeness
from emulator.ears.heard import NOTHING, EarsError, Heard
from emulator.ears.line import Line
from emulator.ears.timing import spoken_at
from emulator.settings import EarsName

MOST: Final = 2000
"""Clips that are kept."""
_LEAST_OVERLAP: Final = 0.5
"""Part of a clip that must be there; of cut ones, the words that are."""
_LIKE, _LIKE_TORN, _LIKE_SHORT, _SHORT_SECONDS = 0.70, 0.72, 0.78, 1.0
"""Likeness from which a clip is recognised. Measured through Opus with 8 dB of noise and jumps of 20 ms: clips have 0.79 and
more, other words of the same voice at most 0.75 where a clip lasts less than a second, else 0.68. Torn into pieces with gaps of up to 0.3 s: 0.79 and more, others 0.63."""
_LEAST_PIECE: Final = 0.1
_LIKE_PIECE: Final = 0.86
_LEAST_HEARD_PIECE: Final = 0.7
"""The same of a smaller part, as a pause leaves it; it must be nearly all that was heard. Measured with 8 dB of noise over the
library's pauses of 0.3 s and more: pieces have 0.92 and more, pieces of other clips at most 0.81."""
_LIKER_PIECE: Final = 0.05
"""By how much likelier a piece must be than a clip of which more is there."""
_LEAST_HEARD: Final = 0.25
"""Part of what was heard that a clip must explain."""
_LEAST_REST: Final = 0.05
"""Part of what was heard that is worth looking at once more beside a clip."""
_SHORTEST_REST: Final = int(0.3 * FRAMES_PER_SECOND)
_LIKE_REST: Final = 0.85
"""Likeness from which a clip is recognised beside another one: what a tear leaves over is soon like a short word."""
_TORN_CANDIDATES: Final = 4
"""Clips, those that are likest in one piece, that are looked for in several where none is recognised in one."""
_WHOLE: Final = 0.85
"""Part of a clip's energy that makes all its words heard."""


class Part(BaseModel):
    """Words of a clip, and when they are said, in seconds of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str
    start: Annotated[float, Field(ge=0)]
    end: Annotated[float, Field(gt=0)]


class ClipEntry(BaseModel):
    """A clip as a manifest lists it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    file: str
    text: str
    language: str | None = None
    parts: tuple[Part, ...] = ()


_MANIFEST: Final = TypeAdapter(tuple[ClipEntry, ...])


@dataclass(frozen=True)
class Clip:
    """A sound with its words."""

    text: str
    language: str
    sound: Fingerprint
    parts: tuple[Part, ...]

    def words(self, overlap: Overlap, heard: int) -> str:
        """What of the clip's text is in the overlap, of a sound of `heard` frames."""
        if overlap.known >= _WHOLE:
            return self.text
        start = max(0, -overlap.offset)
        end = min(self.sound.frames, heard - overlap.offset)
        spaced = self.language not in {"ja", "zh"}
        timed = (
            spoken_at(self.sound, part.text, self._frame(part.start), self._frame(part.end), spaced=spaced)
            for part in self.parts
        )
        said = [word for at, word in chain.from_iterable(timed) if start <= at < end]
        return (" " if spaced else "").join(said)

    def _frame(self, seconds: float) -> int:
        return min(self.sound.frames, round(seconds * FRAMES_PER_SECOND))


class ClipEars:
    """Recognises clips. `register` and `transcribe` may be called from any thread or task."""

    name: EarsName = "clips"

    def __init__(self, manifest: Path | None = None) -> None:
        self._manifest = manifest
        self._line = Line()
        self._lock = threading.Lock()
        self._clips: tuple[Clip, ...] = ()

    def load(self) -> None:
        """Registers what the manifest lists."""
        if self._manifest is None:
            return
        try:
            for entry in _MANIFEST.validate_json(self._manifest.read_bytes()):
                if entry.text:
                    samples = decode((self._manifest.parent / entry.file).read_bytes())
                    self.register(entry.text, entry.language or "en", samples, LISTENING_RATE, entry.parts)
        except (OSError, ValidationError, ValueError) as error:
            raise EarsError(f"the clips of {self._manifest} cannot be read: {error}") from error

    def register(
        self, text: str, language: str, samples: NDArray[np.int16], rate: int, parts: Sequence[Part] = ()
    ) -> None:
        """Adds a clip, the oldest falling out when there are too many.

        Raises ValueError for a language that the product does not have, and for a sound in which nothing is heard.
        """
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r} is none of {', '.join(LANGUAGES)}")
        sound = Fingerprint.of(samples, rate)
        if sound.total == 0:
            raise ValueError("the clip is silent")
        whole = (Part(text=text, start=0.0, end=samples.size / rate),)
        clip = Clip(text, language, sound, tuple(parts) or whole)
        with self._lock:
            self._clips = (*self._clips, clip)[-MOST:]

    def forget(self) -> None:
        """Drops all clips."""
        with self._lock:
            self._clips = ()

    @property
    def count(self) -> int:
        """How many clips are known."""
        return len(self._clips)

    async def transcribe(self, samples: NDArray[np.int16], rate: int, languages: Sequence[str] = ()) -> Heard:
        """See `Ears.transcribe`; a clip has its own language, whatever is asked for."""
        del languages
        return await self._line.run(self.recognise, samples, rate)

    def recognise(self, samples: NDArray[np.int16], rate: int) -> Heard:
        """The clips in a sound, one after another."""
        if samples.size < rate // 20:
            return NOTHING
        heard = Fingerprint.of(samples, rate)
        found = self._found(heard, heard.total)
        text = " ".join(words for words, _ in found if words)
        return Heard(text, found[0][1]) if text else NOTHING

    def close(self) -> None:
        """See `Ears.close`."""
        self._line.close()

    def _found(self, heard: Fingerprint, total: float) -> list[tuple[str, str]]:
        """Words and language of each clip in a sound: the likeliest one, then what is before it and after it."""
        if heard.total < _LEAST_REST * total or heard.total == 0:
            return []
        laid = [(clip, best_overlap(clip.sound, heard, _LEAST_OVERLAP)) for clip in self._clips]
        likely = sorted(((clip, overlap) for clip, overlap in laid if overlap), key=_score, reverse=True)
        rest = heard.total < total
        best = next(((clip, overlap) for clip, overlap in likely if _recognised(clip, overlap, rest=rest)), None)
        if best is None and rest:
            return []
        piece = None if rest else self._piece(heard)
        if piece and (best is None or piece[1].likeness > best[1].likeness + _LIKER_PIECE):
            return [(piece[0].words(piece[1], heard.frames), piece[0].language)]
        if best is None:
            return self._torn(heard, [clip for clip, _ in likely[:_TORN_CANDIDATES]])
        clip, overlap = best
        start, end = max(0, overlap.offset), min(heard.frames, overlap.offset + clip.sound.frames)
        before = self._found(heard.part(0, start), total) if start > _SHORTEST_REST else []
        after = self._found(heard.part(end, heard.frames), total) if heard.frames - end > _SHORTEST_REST else []
        return [*before, (clip.words(overlap, heard.frames), clip.language), *after]

    @staticmethod
    def _torn(heard: Fingerprint, candidates: Sequence[Clip]) -> list[tuple[str, str]]:
        """The candidate that is likest in pieces, if it is like enough."""
        likest = max(
            ((torn_likeness(clip.sound, heard), clip) for clip in candidates), key=lambda pair: pair[0], default=None
        )
        if likest is None or likest[0] < (_LIKE_SHORT if _short(likest[1]) else _LIKE_TORN):
            return []
        return [(likest[1].text, likest[1].language)]

    def _piece(self, heard: Fingerprint) -> tuple[Clip, Overlap] | None:
        """The clip of which a part, perhaps less than half, is all that was heard."""
        laid = ((clip, best_overlap(clip.sound, heard, _LEAST_PIECE)) for clip in self._clips)
        likely = [(clip, overlap) for clip, overlap in laid if overlap and overlap.heard >= _LEAST_HEARD_PIECE]
        likest = max(likely, key=lambda pair: pair[1].likeness, default=None)
        return likest if likest and likest[1].likeness >= _LIKE_PIECE else None


def _score(laid: tuple[Clip, Overlap]) -> float:
    """How much of a clip and of what was heard explain each other."""
    overlap = laid[1]
    return overlap.likeness * math.sqrt(overlap.known * overlap.heard)


def _recognised(clip: Clip, overlap: Overlap, *, rest: bool) -> bool:
    if rest:
        return overlap.likeness >= _LIKE_REST and overlap.known >= _WHOLE and overlap.heard >= _LEAST_HEARD
    return overlap.likeness >= (_LIKE_SHORT if _short(clip) else _LIKE) and overlap.heard >= _LEAST_HEARD


def _short(clip: Clip) -> bool:
    return clip.sound.frames < _SHORT_SECONDS * FRAMES_PER_SECOND


def decode(data: bytes) -> NDArray[np.int16]:
    """Mono samples at the listening rate of an audio file, Opus among others.

    Raises ValueError for what is none.
    """
    try:
        with av.open(io.BytesIO(data), "r") as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=LISTENING_RATE)
            frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
            frames += resampler.resample(None)
            return np.concatenate([frame.to_ndarray()[0] for frame in frames])
    except (av.FFmpegError, IndexError) as error:
        raise ValueError(f"not a readable audio file: {error}") from error
