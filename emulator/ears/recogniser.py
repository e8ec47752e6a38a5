"""English speech to text with pocketsphinx and the travel grammar. Anything else it hears gives an empty text."""

import math
import re
import threading
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from emulator.audio import LISTENING_RATE, resample, to_samples
from emulator.ears.grammar import Grammar, travel_grammar
from emulator.ears.pronunciation import pronunciations

_SEARCH: Final = "travel"
_VARIANT: Final = re.compile(r"\(\d+\)")
_TOP_GAUSSIANS: Final = 16
"""Four times the default: synthetic voices lie far from the model's means."""
_SILENCE: Final = re.compile(r"<|SIL|\+")
_WORST_FIT: Final = -0.00175
"""Measured with espeak voices: what belongs to the grammar fits better, other speech worse, with few exceptions."""
_FRAME: Final = LISTENING_RATE // 100
_MARGIN: Final = LISTENING_RATE // 8
_FAINTEST: Final = 60.0
"""RMS of 16-bit samples below which nothing is speech."""
_QUIET_PART: Final = 0.02
"""Part of the loudest RMS below which a sound at the edges is silence: 34 dB down."""
_SHORTEST: Final = LISTENING_RATE // 8
"""Samples; nothing said in less than an eighth of a second is worth decoding."""


@dataclass(frozen=True)
class Heard:
    """A transcript; empty when nothing of the grammar was heard."""

    text: str
    fit: float
    """How much worse than free phones the grammar explains a hundredth of a second of the speech; 0 is as well."""


@dataclass(frozen=True)
class _Ears:
    grammar: Grammar
    decoder: pocketsphinx.Decoder
    phone_loop: pocketsphinx.Decoder


@dataclass(frozen=True)
class _Guess:
    """What a decoder makes of an utterance."""

    words: list[str]
    log_score: float
    speech_frames: int
    """Hundredths of a second that are not silence."""


class Recogniser:
    """One decoder, made on first use; calls from several threads take turns. Use `recogniser()`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ears: _Ears | None = None

    def load(self) -> None:
        """Makes the decoder now rather than in the first call."""
        with self._lock:
            self._loaded()

    def transcribe(self, samples: NDArray[np.int16], rate: int) -> Heard:
        """What a whole utterance says; blocks while it computes."""
        audio = _trimmed(resample(samples, rate, LISTENING_RATE))
        if audio.size < _SHORTEST:
            return Heard("", 0.0)
        with self._lock:
            ears = self._loaded()
            guess = _decode(ears.decoder, audio := _dithered(audio))
            words = ears.grammar.automaton.longest_sentence(guess.words)
            if not words:
                return Heard("", 0.0)
            phones = _decode(ears.phone_loop, audio)
        fit = (guess.log_score - phones.log_score) / max(guess.speech_frames, 1)
        text = ears.grammar.written(" ".join(words)) if fit > _WORST_FIT else ""
        return Heard(text, fit)

    def _loaded(self) -> _Ears:
        if self._ears is None:
            grammar = travel_grammar()
            self._ears = _Ears(grammar, _decoder(grammar), _phone_loop())
        return self._ears


@cache
def _noise(size: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(0, 40, size).astype(np.float32)


def _trimmed(audio: NDArray[np.int16]) -> NDArray[np.int16]:
    """The audio with an eighth of a second of its silence left at both ends; empty when there is only silence.

    The recogniser takes the mean over the utterance for the sound of the line: much silence shifts it.
    """
    frames = audio[: audio.size // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float32)
    levels = np.sqrt(np.mean(np.square(frames), axis=1))
    if levels.size == 0 or levels.max() < _FAINTEST:
        return audio[:0]
    (loud,) = np.nonzero(levels > max(_FAINTEST, levels.max() * _QUIET_PART))
    start, end = int(loud[0]) * _FRAME - _MARGIN, (int(loud[-1]) + 1) * _FRAME + _MARGIN
    padding = np.zeros(_MARGIN, np.int16)
    return np.concatenate([padding, audio, padding])[start + _MARGIN : end + _MARGIN]


def _dithered(audio: NDArray[np.int16]) -> NDArray[np.int16]:
    """The audio over faint noise: digital silence has no spectrum, and upsets the features of a whole utterance."""
    noise = np.resize(_noise(LISTENING_RATE), audio.size)
    return to_samples(audio + noise)


def _decode(decoder: pocketsphinx.Decoder, audio: NDArray[np.int16]) -> _Guess:
    decoder.start_utt()
    decoder.process_raw(audio.tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    if hypothesis is None or hypothesis.score <= 0:
        return _Guess([], 0.0, 0)
    speech = (segment for segment in decoder.seg() if not _SILENCE.match(segment.word))
    frames = sum(segment.end_frame - segment.start_frame + 1 for segment in speech)
    return _Guess(_VARIANT.sub("", hypothesis.hypstr).split(), math.log(hypothesis.score), frames)


def _phone_loop() -> pocketsphinx.Decoder:
    """A decoder of bare phones: what the best explanation of a sound without any grammar scores."""
    return pocketsphinx.Decoder(
        hmm=pocketsphinx.get_model_path("en-us/en-us"),
        allphone=pocketsphinx.get_model_path("en-us/en-us-phone.lm.bin"),
        dict=None,
        lm=None,
        lw=2.0,
        topn=_TOP_GAUSSIANS,
        loglevel="FATAL",
        beam=1e-40,
        pbeam=1e-30,
    )


def _decoder(grammar: Grammar) -> pocketsphinx.Decoder:
    decoder = pocketsphinx.Decoder(
        hmm=pocketsphinx.get_model_path("en-us/en-us"),
        dict=None,
        lm=None,
        loglevel="FATAL",
        beam=1e-35,
        wbeam=1e-22,
        pbeam=1e-35,
        silprob=0.3,
        topn=_TOP_GAUSSIANS,
        lw=3.0,
        wip=2.0,
    )
    for word, variants in pronunciations(grammar.automaton.words).items():
        for number, phones in enumerate(variants, 1):
            decoder.add_word(word if number == 1 else f"{word}({number})", phones, update=False)
    decoder.add_fsg(_SEARCH, _graph(grammar, decoder))
    decoder.activate_search(_SEARCH)
    return decoder


def _graph(grammar: Grammar, decoder: pocketsphinx.Decoder) -> pocketsphinx.FsgModel:
    """The automaton as the decoder takes it, with the grammar's weights."""
    arcs, final = grammar.automaton.arcs, len(grammar.automaton.arcs)
    logarithms, scale = decoder.get_logmath(), decoder.config["lw"]
    model = pocketsphinx.FsgModel(_SEARCH, logarithms, scale, final + 1)
    ids = {word: model.word_add(word) for word in sorted(grammar.automaton.words)}
    for state, words in enumerate(arcs):
        weights = {word: grammar.weights.get(word, 1.0) for word in words}
        total = sum(weights.values())
        for word, target in words.items():
            model.trans_add(state, target, int(scale * logarithms.log(weights[word] / total)), ids[word])
    for state in grammar.automaton.final:
        model.null_trans_add(state, final, 0)
    model.set_start_state(0)
    model.set_final_state(final)
    return model


@cache
def recogniser() -> Recogniser:
    """The process's recogniser."""
    return Recogniser()
