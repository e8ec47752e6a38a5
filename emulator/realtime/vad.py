"""Server-side voice activity detection by energy over an adaptive noise floor."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from emulator.audio import OUTPUT_RATE

_FRAME_MS: Final = 20
_FRAME: Final = OUTPUT_RATE * _FRAME_MS // 1000
_ONSET_FRAMES: Final = 3
"""Loud frames in a row that make speech; fewer are clicks."""
_PAUSE_FRAMES: Final = 9
_QUIETEST_DB: Final = -52.0
_MARGIN_DB: Final = 9.0
_FLOOR_RISE_DB: Final = 0.05
"""How fast the noise floor follows a rising level, per frame: 2.5 dB in a second."""


@dataclass(frozen=True)
class Edge:
    """A start or an end of speech, `at` in samples since the session began.

    `paused` says that speech has probably ended: if it has, `stopped` follows without another `paused`.
    """

    kind: Literal["started", "paused", "stopped"]
    at: int


class VoiceDetector:
    """Feeds on 24 kHz samples and reports where speech starts and stops.

    `threshold` is OpenAI's 0 to 1: the higher, the louder speech must be.
    """

    def __init__(self, threshold: float, silence_ms: int, position: int = 0) -> None:
        self._limit = _QUIETEST_DB + 24 * threshold
        self._silence_frames = max(1, silence_ms // _FRAME_MS)
        self._pending = np.zeros(0, np.int16)
        self._position = position
        self._floor = _QUIETEST_DB
        self._loud = 0
        self._quiet = 0
        self.speaking = False

    def feed(self, samples: NDArray[np.int16]) -> list[Edge]:
        """Edges within these samples and what was left of earlier ones."""
        self._pending = np.concatenate([self._pending, samples])
        edges = []
        while self._pending.size >= _FRAME:
            frame, self._pending = self._pending[:_FRAME], self._pending[_FRAME:]
            self._position += _FRAME
            edge = self._frame(_level(frame))
            if edge:
                edges.append(edge)
        return edges

    def _frame(self, level: float) -> Edge | None:
        loud = level > max(self._limit, self._floor + _MARGIN_DB)
        self._floor = min(level, self._floor + _FLOOR_RISE_DB) if not self.speaking else self._floor
        self._loud, self._quiet = (self._loud + 1, 0) if loud else (0, self._quiet + 1)
        if not self.speaking and self._loud >= _ONSET_FRAMES:
            self.speaking = True
            return Edge("started", self._position - _ONSET_FRAMES * _FRAME)
        if self.speaking and self._quiet == _PAUSE_FRAMES < self._silence_frames:
            return Edge("paused", self._position)
        if self.speaking and self._quiet >= self._silence_frames:
            self.speaking = False
            return Edge("stopped", self._position)
        return None


def _level(frame: NDArray[np.int16]) -> float:
    """Level in dB below full scale."""
    power = float(np.mean(np.square(frame.astype(np.float32) / 32768)))
    return 10 * float(np.log10(power + 1e-10))
