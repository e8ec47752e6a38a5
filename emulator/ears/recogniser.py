"""English speech to text with pocketsphinx and the travel grammar. Anything else it hears gives an empty text."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from multiprocessing.process import BaseProcess
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.languages import is_stop
from emulator.audio import LISTENING_RATE, resample, to_samples
from emulator.ears.decoding import Guess, guess_command, guess_phones, guess_sentence, load_grammar, load_phones
from emulator.ears.grammar import written

_WORST_FIT: Final = -0.0017
"""Measured with espeak voices: what belongs to the grammar fits better, other speech worse, with few exceptions."""
_WORST_COMMAND_FIT: Final = 0.0003
"""Of what is only looked for when nothing else nearly fits: a "stop" has 0.0003 and more, most other sounds less than 0."""
_HOPELESS_FIT: Final = -0.003
"""A sentence that fits worse is not what was said. A faint "Berlin" has -0.002, and as a "quiet" it would be believed."""
_LIKE_STOP: Final = ("hello",)
"""What a "stop" is heard as that has lost its first sound. A real one is no command: it has -0.0003 at best as one."""
_FRAME: Final = LISTENING_RATE // 100
_MARGIN: Final = LISTENING_RATE // 8
_FAINTEST: Final = 60.0
"""RMS of 16-bit samples below which nothing is speech."""
_QUIET_PART: Final = 0.02
"""Part of the loudest RMS below which a sound at the edges is silence: 34 dB down."""
_ABOVE_NOISE: Final = 2.0
"""Times the level of the quietest tenth, that of the noise around a voice: what is fainter at the edges is noise."""
_SHORTEST: Final = LISTENING_RATE // 8
"""Samples; nothing said in less than an eighth of a second is worth decoding."""

_SHORTEST_PERIOD, _LONGEST_PERIOD = LISTENING_RATE // 400, LISTENING_RATE // 75
"""Samples between two beats of a voice."""
_VOICED: Final = 0.5
"""Measured: white noise repeats itself by 0.2, dull noise by 0.4, a worn "stop" by 0.6 and more."""
_VOICED_PARTS: Final = 2
"""Of a seventy-fifth of a second: the vowel of the shortest word is longer."""


@dataclass(frozen=True)
class Heard:
    """A transcript; empty when nothing of the grammar was heard."""

    text: str
    fit: float
    """How much worse than free phones the grammar explains a hundredth of a second of the speech; 0 is as well."""


class Recogniser:
    """Two decoding processes, started on first use. Use `recogniser()`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: tuple[ProcessPoolExecutor, ProcessPoolExecutor] | None = None

    def load(self) -> None:
        """Starts the processes and waits until they are ready."""
        grammar, phones = self._started()
        waiting = [grammar.submit(load_grammar), phones.submit(load_phones)]
        for future in waiting:
            future.result()

    async def transcribe(self, samples: NDArray[np.int16], rate: int) -> Heard:
        """What a whole utterance says. An utterance that nobody waits for any more, and that waits for others, is dropped.

        Raises BrokenProcessPool when a process died; the next call starts new ones.
        """
        audio = await asyncio.to_thread(_prepared, samples, rate)
        if audio is None:
            return Heard("", 0.0)
        grammar, phones = self._started()
        try:
            sentence, free = await asyncio.gather(
                asyncio.wrap_future(grammar.submit(guess_sentence, audio)),
                asyncio.wrap_future(phones.submit(guess_phones, audio)),
            )
            heard = _heard(sentence, free, _WORST_FIT)
            if sentence.words == _LIKE_STOP or (not heard.text and _may_be_command(sentence, free)):
                command = await asyncio.wrap_future(grammar.submit(guess_command, audio))
                as_command = _heard(command, free, _WORST_COMMAND_FIT)
                heard = as_command if as_command.text else heard
        except BrokenProcessPool:
            with self._lock:
                self._pools = None
            raise
        return heard

    def _started(self) -> tuple[ProcessPoolExecutor, ProcessPoolExecutor]:
        with self._lock:
            if self._pools is None:
                self._pools = _pool(load_grammar), _pool(load_phones)
            return self._pools


def _heard(guess: Guess, free: float, worst: float) -> Heard:
    """A guess as it is told: without words when it fits no better than the worst that is believed."""
    if not guess.words:
        return Heard("", 0.0)
    fit = _fit(guess, free)
    return Heard(written(" ".join(guess.words)) if fit > worst else "", fit)


def _may_be_command(sentence: Guess, free: float) -> bool:
    """Whether it is worth to look for a command to be silent: not where the sound is rather a bad sentence."""
    words = " ".join(sentence.words)
    return not words or is_stop(words) or _fit(sentence, free) < _HOPELESS_FIT


def _fit(guess: Guess, free: float) -> float:
    return (guess.log_score - free) / max(guess.speech_frames, 1)


def _pool(load: Callable[[], None]) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(load,))


def _begin(load: Callable[[], None]) -> None:
    """Prepares a worker: Ctrl-C is its parent's business, and it ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    load()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(0)


@cache
def _noise(size: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(0, 40, size).astype(np.float32)


def _prepared(samples: NDArray[np.int16], rate: int) -> bytes | None:
    """The utterance as the decoders take it; None when it is too short to hold a word, or no voice is in it."""
    audio = _trimmed(resample(samples, rate, LISTENING_RATE))
    return _dithered(audio).tobytes() if audio.size >= _SHORTEST and _voiced(audio) else None


def _voiced(audio: NDArray[np.int16]) -> bool:
    """Whether a part of the sound repeats itself as often as vocal cords move, which noise does not."""
    starts = range(0, audio.size - 3 * _LONGEST_PERIOD, _LONGEST_PERIOD)
    repeats = (_repetition(audio[start : start + 3 * _LONGEST_PERIOD].astype(np.float32)) for start in starts)
    return sum(repetition > _VOICED for repetition in repeats) >= _VOICED_PARTS


def _repetition(part: NDArray[np.float32]) -> float:
    """How like itself a piece of sound is one period later, at best over the periods of a voice: 1 is the same."""
    first = part[: 2 * _LONGEST_PERIOD]
    windows = np.lib.stride_tricks.sliding_window_view(part, first.size)[_SHORTEST_PERIOD:]
    energy = np.sqrt(np.sum(np.square(windows), axis=1) * np.sum(np.square(first)))
    return float(np.max(windows @ first / np.maximum(energy, 1.0)))


def _trimmed(audio: NDArray[np.int16]) -> NDArray[np.int16]:
    """The audio with an eighth of a second of its silence left at both ends; empty when there is only silence.

    The recogniser takes the mean over the utterance for the sound of the line: much silence shifts it. Silence is also
    what a microphone hears of a room, and that is mostly low: it is told from a voice by how fast the sound changes.
    """
    sound = audio.astype(np.float32)
    levels, sharp = _levels(sound), _levels(np.diff(sound, prepend=sound[:1]))
    if levels.size == 0 or levels.max() < _FAINTEST:
        return audio[:0]
    loudest, noise = float(sharp.max()), float(np.percentile(sharp, 10))
    quiet = max(loudest * _QUIET_PART, min(noise * _ABOVE_NOISE, loudest / 2))
    (loud,) = np.nonzero((levels > _FAINTEST) & (sharp > quiet))
    if loud.size == 0:
        return audio[:0]
    start, end = int(loud[0]) * _FRAME - _MARGIN, (int(loud[-1]) + 1) * _FRAME + _MARGIN
    padding = np.zeros(_MARGIN, np.int16)
    return np.concatenate([padding, audio, padding])[start + _MARGIN : end + _MARGIN]


def _levels(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """RMS of each frame."""
    frames = sound[: sound.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    levels: NDArray[np.float32] = np.sqrt(np.mean(np.square(frames), axis=1))
    return levels


def _dithered(audio: NDArray[np.int16]) -> NDArray[np.int16]:
    """The audio over faint noise: digital silence has no spectrum, and upsets the features of a whole utterance."""
    noise = np.resize(_noise(LISTENING_RATE), audio.size)
    return to_samples(audio + noise)


@cache
def recogniser() -> Recogniser:
    """The process's recogniser."""
    return Recogniser()
