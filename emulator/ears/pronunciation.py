"""Pronunciations in the recogniser's phones: those of its dictionary, and one made from espeak's phonemes."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import pocketsphinx

from emulator.voice.espeak import espeak

_ARPABET: Final[Mapping[str, str]] = {
    "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "f": "F", "v": "V", "θ": "TH", "ð": "DH",
    "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "h": "HH", "x": "K", "m": "M", "n": "N", "ŋ": "NG", "l": "L",
    "ɫ": "L", "ɹ": "R", "r": "R", "j": "Y", "w": "W", "tʃ": "CH", "dʒ": "JH", "ɾ": "T", "ʔ": "T",
    "iː": "IY", "i": "IY", "ɪ": "IH", "ᵻ": "IH", "e": "EY", "eɪ": "EY", "ɛ": "EH", "æ": "AE", "a": "AA",
    "ɑː": "AA", "ɑ": "AA", "ɑ̃": "AA", "ɒ": "AO", "ɔː": "AO", "ɔ": "AO", "o": "OW", "oː": "AO", "oʊ": "OW",
    "əʊ": "OW", "ʊ": "UH", "uː": "UW", "u": "UW", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɜː": "ER", "ɚ": "ER",
    "aɪ": "AY", "aʊ": "AW", "ɔɪ": "OY", "əl": "AH L", "aɪɚ": "AY ER", "aɪə": "AY AH", "iə": "IY AH",
    "ɑːɹ": "AA R", "ɔːɹ": "AO R", "oːɹ": "AO R", "ɛɹ": "EH R", "ɪɹ": "IH R", "ʊɹ": "UH R", "n̩": "AH N",
}  # fmt: skip
"""IPA of espeak's English voices to ARPAbet."""

_VOICES: Final = ("en-us", "en")
_STRESS: Final = re.compile("[ˈˌ]|\\(.*?\\)")
_VARIANT: Final = re.compile(r"\(\d+\)$")


def pronunciations(words: Iterable[str]) -> dict[str, list[str]]:
    """Phones of each word, variants after the first; a word that cannot be pronounced is left out."""
    wanted = set(words)
    found: dict[str, list[str]] = {}
    with Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")).open(encoding="utf-8") as dictionary:
        for line in dictionary:
            entry, _, phones = line.strip().partition(" ")
            word = _VARIANT.sub("", entry)
            if word in wanted:
                found.setdefault(word, []).append(phones.strip())
    for word in sorted(wanted):
        for voice in _VOICES:
            derived = derive(word, voice)
            if derived and derived not in found.get(word, ()):
                found.setdefault(word, []).append(derived)
    return found


def derive(word: str, voice: str) -> str | None:
    """Phones of a word by an espeak voice, None when it uses a sound that the recogniser lacks."""
    symbols = _STRESS.sub("", espeak().phonemes(word, voice)).replace(" ", "_").split("_")
    phones = [_ARPABET.get(symbol) for symbol in symbols if symbol]
    return " ".join(phone for phone in phones if phone) if phones and all(phones) else None
