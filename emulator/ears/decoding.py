"""The decoders of the ears: the travel grammar, its commands to be silent, and bare phones. They run in processes of their
own, because pocketsphinx does not let go of the interpreter while it works.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

import pocketsphinx

from emulator.audio import LISTENING_RATE
from emulator.ears.grammar import Grammar, command_grammar, travel_grammar
from emulator.ears.pronunciation import pronunciations

_SEARCH: Final = "travel"
_VARIANT: Final = re.compile(r"\(\d+\)")
_TOP_GAUSSIANS: Final = 16
"""Four times the default: synthetic voices lie far from the model's means."""
_ALTERNATIVES: Final = 40
"""Next likeliest words that are looked at when the likeliest end no sentence."""
_SHORT: Final = 3 * LISTENING_RATE
"""Bytes of 16-bit samples: a second and a half."""
_EXPLAINED: Final = 0.4
"""Part of the sound that the words must explain: there is little silence around what was said."""
_FRAME_BYTES: Final = 2 * LISTENING_RATE // 100
_SILENCE: Final = re.compile(r"<|SIL|\+")


@dataclass(frozen=True)
class Guess:
    """What a decoder makes of an utterance."""

    words: tuple[str, ...]
    log_score: float
    speech_frames: int
    """Hundredths of a second that are not silence."""


def guess_sentence(audio: bytes) -> Guess:
    """The likeliest sentence of the grammar in 16 kHz samples, else the likeliest beginning of one; no words for neither."""
    return _guess(*_travel(), audio)


def guess_command(audio: bytes) -> Guess:
    """The likeliest command to be silent in a short sound; no words in a long one.

    These few words can be searched through to the end, while among all the places a "stop" whose first sound is unclear may
    be given up for something else before it is over.
    """
    return _guess(*_commands(), audio) if len(audio) <= _SHORT else Guess((), 0.0, 0)


def guess_phones(audio: bytes) -> float:
    """Logarithm of the score of the likeliest phones: as well as the sounds can be explained without any grammar."""
    return _decode(_phone_loop(), audio).log_score


def load_grammar() -> None:
    """Makes the grammar's decoders."""
    _travel()
    _commands()


def load_phones() -> None:
    """Makes the phones' decoder."""
    _phone_loop()


@cache
def _travel() -> tuple[Grammar, pocketsphinx.Decoder]:
    grammar = travel_grammar()
    return grammar, _decoder(grammar, beam=1e-35, wbeam=1e-20, pbeam=1e-35)


@cache
def _commands() -> tuple[Grammar, pocketsphinx.Decoder]:
    grammar = command_grammar()
    return grammar, _decoder(grammar, beam=1e-60, wbeam=1e-50, pbeam=1e-60)


def _guess(grammar: Grammar, decoder: pocketsphinx.Decoder, audio: bytes) -> Guess:
    """The likeliest sentence, else the likeliest beginning of one.

    The decoder gives the likeliest words that the grammar lets follow each other, whether or not they end a sentence: of
    "stop" it may make the "tell" of "tell me about". So the next likeliest are looked at for whole ones, where the sound is
    short: the search for them can take very long in a long one.
    """
    guess = _decode(decoder, audio)
    if guess.speech_frames < _EXPLAINED * len(audio) / _FRAME_BYTES:
        return Guess((), 0.0, 0)
    begun = tuple(grammar.automaton.longest_sentence(guess.words))
    if begun == guess.words or len(audio) > _SHORT:
        return Guess(begun, guess.log_score, guess.speech_frames)
    for words, log_score in _alternatives(decoder):
        if tuple(grammar.automaton.longest_sentence(words)) == words:
            return Guess(words, log_score, guess.speech_frames)
    return Guess(begun, guess.log_score, guess.speech_frames)


def _decode(decoder: pocketsphinx.Decoder, audio: bytes) -> Guess:
    decoder.start_utt()
    decoder.process_raw(audio, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    if hypothesis is None or hypothesis.score <= 0:
        return Guess((), 0.0, 0)
    speech = (segment for segment in decoder.seg() if not _SILENCE.match(segment.word))
    frames = sum(segment.end_frame - segment.start_frame + 1 for segment in speech)
    return Guess(_words(hypothesis), math.log(hypothesis.score), frames)


def _alternatives(decoder: pocketsphinx.Decoder) -> Iterator[tuple[tuple[str, ...], float]]:
    """The next likeliest words of the utterance decoded last, each with the logarithm of its score."""
    for hypothesis in islice(decoder.nbest(), _ALTERNATIVES):
        if hypothesis is not None and hypothesis.score > 0:
            yield _words(hypothesis), math.log(hypothesis.score)


def _words(hypothesis: pocketsphinx.Hypothesis) -> tuple[str, ...]:
    return tuple(_VARIANT.sub("", hypothesis.hypstr).split())


@cache
def _phone_loop() -> pocketsphinx.Decoder:
    """A decoder of bare phones."""
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


def _decoder(grammar: Grammar, *, beam: float, wbeam: float, pbeam: float) -> pocketsphinx.Decoder:
    decoder = pocketsphinx.Decoder(
        hmm=pocketsphinx.get_model_path("en-us/en-us"),
        dict=None,
        lm=None,
        loglevel="FATAL",
        beam=beam,
        wbeam=wbeam,
        pbeam=pbeam,
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
