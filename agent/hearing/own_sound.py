"""Whether the microphone hears the assistant itself: what it hears is looked for in what was sent to the loudspeaker.

Words alone do not tell: who repeats "the second one" says what the assistant has just said, and so does its echo. A loudspeaker
and a room change how a sound is, hardly when its parts come: once both spectra are flat, an echo still matches what was sent, and
another voice with the same words does not.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

PLAYED: Final = (12.0, 0.5)
"""Of what was sent, what is played from so long ago until so soon may be heard now. Voices are quicker than speech, and where a
speech was paused, what was to be played a while ago is played now."""
SENT_KEPT: Final = 60.0
"""Seconds of what was sent, at most."""
HEARD_KEPT: Final = 3.0
"""Seconds of what was heard: words come of it within so long."""
LISTENED: Final = 0.6
"""Seconds of it, the loudest ones, that are looked for."""
RATE: Final = 8000
BAND: Final = (250.0, 3600.0)
"""Hertz that small loudspeakers and microphones pass on."""
SMOOTH: Final = 200.0
"""Hertz over which a spectrum is made flat."""
LIKE: Final = 0.16
"""Likeness from which a sound is an echo. By a small loudspeaker, 12 dB below, in a room with a reverberation of 0.25 s, seven of
eight echoes of the travellers' clips have more, and of 700 other clips, many of them in the same voice, one."""

Sound = NDArray[np.float64]


class OwnSound:
    """One per call."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: deque[tuple[float, rtc.AudioFrame]] = deque()
        self._heard: deque[tuple[float, rtc.AudioFrame]] = deque()

    def speech(self) -> Callable[[rtc.AudioFrame], None]:
        """A speech begins: told of each frame that is on its way to the loudspeaker."""
        ends = self._clock()

        def sent(frame: rtc.AudioFrame) -> None:
            nonlocal ends
            at = max(ends, self._clock())
            ends = at + frame.duration
            self._sent.append((at, frame))
            while at - self._sent[0][0] > SENT_KEPT:
                self._sent.popleft()

        return sent

    def heard(self, frame: rtc.AudioFrame) -> None:
        """The microphone gives a frame."""
        now = self._clock()
        self._heard.append((now, frame))
        while now - self._heard[0][0] > HEARD_KEPT:
            self._heard.popleft()

    def comes_back(self) -> bool:
        """Whether what was heard last, where it was loudest, is of what was sent."""
        now = self._clock()
        played = [frame for at, frame in self._sent if now - PLAYED[0] < at < now + PLAYED[1]]
        return likeness(_loudest(_sound([frame for _, frame in self._heard])), _sound(played)) >= LIKE


def _sound(frames: list[rtc.AudioFrame]) -> Sound:
    """At `RATE`; those of another rate than the last one's are left out."""
    if not frames:
        return np.zeros(0)
    rate = frames[-1].sample_rate
    parts = [
        np.frombuffer(frame.data, np.int16)[:: frame.num_channels] for frame in frames if frame.sample_rate == rate
    ]
    return _resampled(np.concatenate(parts).astype(np.float64), rate)


def likeness(heard: Sound, sent: Sound) -> float:
    """From 0 to 1: how well the shorter sound fits anywhere in the longer one, both with flat spectra."""
    if not heard.size or sent.size <= heard.size or not heard.any():
        return 0.0
    one, other = _flat(heard), _flat(sent)
    length = _fast(one.size + other.size)
    matches: Sound = np.fft.irfft(np.conj(np.fft.rfft(one, length)) * np.fft.rfft(other, length), length)
    energy = np.concatenate([np.zeros(1), np.cumsum(other * other)])
    under = energy[one.size :] - energy[: -one.size]
    # A thousandth of the loudest: where nothing was sent nothing fits.
    scale = np.sqrt(one @ one * (under + under.max() / 1000))
    return float(np.max(np.abs(matches[: scale.size]) / np.maximum(scale, 1e-9)))


def _flat(sound: Sound) -> Sound:
    length = _fast(sound.size)
    spectrum = np.fft.rfft(sound, length)
    size = np.abs(spectrum)
    width = max(3, round(SMOOTH * length / RATE))
    sums = np.concatenate([np.zeros(1), np.cumsum(np.pad(size, (width // 2, width - width // 2 - 1), mode="edge"))])
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    passed = (hertz > BAND[0]) & (hertz < BAND[1])
    flat: Any = np.fft.irfft(spectrum * passed / ((sums[width:] - sums[:-width]) / width + 1e-9), length)
    return np.asarray(flat[: sound.size], np.float64)


def _loudest(sound: Sound) -> Sound:
    length = round(LISTENED * RATE)
    if sound.size <= length:
        return sound
    energy = np.concatenate([np.zeros(1), np.cumsum(sound * sound)])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return sound[start : start + length]


def _resampled(sound: Sound, rate: int) -> Sound:
    length = _fast(sound.size)
    kept = round(length * RATE / rate)
    spectrum = np.fft.rfft(sound, length)[: kept // 2 + 1]
    slow: Any = np.fft.irfft(spectrum, kept) * kept / length
    return np.asarray(slow[: round(sound.size * RATE / rate)], np.float64)


def _fast(length: int) -> int:
    """A length at least as long whose transform is quick: a power of two, or three halves of one."""
    power = 1 << max(0, length - 1).bit_length()
    return 3 * power // 4 if 3 * power // 4 >= length else power
