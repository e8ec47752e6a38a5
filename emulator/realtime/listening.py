"""The input audio buffer of a session, and the turns that are cut from it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emulator.audio import OUTPUT_RATE
from emulator.errors import ApiError
from emulator.realtime.config import TurnDetection
from emulator.realtime.vad import Edge, VoiceDetector

_KEPT: Final = OUTPUT_RATE * 15
"""Samples kept while nobody speaks: what a prefix padding may ask for, and more."""
_LONGEST: Final = OUTPUT_RATE * 60 * 5


@dataclass(frozen=True)
class Turn:
    """A piece of the user's speech."""

    samples: NDArray[np.int16]

    @property
    def seconds(self) -> float:
        """Length."""
        return self.samples.size / OUTPUT_RATE


class InputBuffer:
    """Audio since the last commit, with the position of its first sample in the session."""

    def __init__(self, detection: TurnDetection | None) -> None:
        self._parts: list[NDArray[np.int16]] = []
        self._start = 0
        self._size = 0
        self._odd = b""
        self._padding = 0
        self._began = 0
        self._detector: VoiceDetector | None = None
        self.detect_by(detection)

    def detect_by(self, detection: TurnDetection | None) -> None:
        """Changes the turn detection; None leaves the turns to the client."""
        self._detector = (
            VoiceDetector(detection.threshold, detection.silence_duration_ms, self._start + self._size)
            if detection
            else None
        )
        self._padding = detection.prefix_padding_ms * OUTPUT_RATE // 1000 if detection else 0

    def append(self, data: bytes) -> list[Edge]:
        """Adds 16-bit samples; what the turn detection noticed in them."""
        data = self._odd + data
        even = len(data) // 2 * 2
        self._odd = data[even:]
        samples = np.frombuffer(data[:even], np.int16)
        self._parts.append(samples)
        self._size += samples.size
        edges = self._detector.feed(samples) if self._detector else []
        for edge in edges:
            if edge.kind == "started":
                self._began = max(self._start, edge.at - self._padding)
        if self._detector and not self._detector.speaking and not edges:
            self._forget(self._size - _KEPT)
        self._forget(self._size - _LONGEST)
        return edges

    def peek(self, edge: Edge) -> Turn:
        """The turn as far as it goes at an edge."""
        return Turn(np.concatenate(self._parts)[self._began - self._start : edge.at - self._start])

    def cut(self, edge: Edge) -> Turn:
        """The turn that ended at an edge; it leaves the buffer."""
        turn = self.peek(edge)
        self._forget(edge.at - self._start)
        return turn

    def take(self) -> Turn:
        """Everything, for a commit by the client.

        Raises ApiError when there is less than a tenth of a second.
        """
        if self._size < OUTPUT_RATE // 10:
            milliseconds = self._size * 1000 / OUTPUT_RATE
            message = (
                "Error committing input audio buffer: buffer too small. "
                f"Expected at least 100ms of audio, but buffer only has {milliseconds:.2f}ms of audio."
            )
            raise ApiError(400, message, code="input_audio_buffer_commit_empty")
        turn = Turn(np.concatenate(self._parts))
        self.clear()
        return turn

    def clear(self) -> None:
        """Drops everything."""
        self._forget(self._size)

    def _forget(self, count: int) -> None:
        """Drops samples from the front."""
        while self._parts and count >= self._parts[0].size:
            count -= self._parts[0].size
            self._start += self._parts[0].size
            self._size -= self._parts[0].size
            del self._parts[0]
        if self._parts and count > 0:
            self._parts[0] = self._parts[0][count:]
            self._start += count
            self._size -= count


def milliseconds(position: int) -> int:
    """A position in samples as the events give it."""
    return position * 1000 // OUTPUT_RATE
