"""Kokoro-82M on this machine: a natural voice for five languages, where the machine keeps up with it."""

import os
import threading
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from kokoro_onnx import Kokoro as Model
from numpy.typing import NDArray

from emulator.audio import OUTPUT_RATE, resample
from emulator.voice.espeak import SpeechError

MODEL: Final = "kokoro-v1.0.int8.onnx"
LANGUAGES: Final[Mapping[str, tuple[str, str, str]]] = {
    "en": ("en-us", "af_heart", "am_michael"),
    "es": ("es", "ef_dora", "em_alex"),
    "fr": ("fr-fr", "ff_siwis", "ff_siwis"),
    "it": ("it", "if_sara", "im_nicola"),
    "pt": ("pt-br", "pf_dora", "pm_alex"),
}
"""espeak's name of each language's phonemes, a higher voice and a lower one. It has no German voice; Japanese and Chinese need
dictionaries that are not here."""
LOW: Final = frozenset({"ash", "ballad", "cedar", "echo", "fable", "onyx", "verse"})
"""OpenAI's voices that are low."""
KEEPS_UP: Final = 0.7
"""Seconds of work for a second of speech with which a machine keeps up: the next sentence must be there when one ends, and
the ears work meanwhile."""
_TRIED: Final = "Good morning, this is a sentence as long as most of those that are said."
_SLOWEST, _FASTEST = 0.5, 2.0


def folder() -> Path:
    """Where `make setup` puts the weights."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polyglot" / "models" / "kokoro"


class Kokoro:
    """One instance of the model; what is asked of it waits its turn."""

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights or folder()
        self._lock = threading.Lock()

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401 - the library has no types
        if not (self._weights / MODEL).is_file():
            raise SpeechError(f"no weights of Kokoro in {self._weights}: run `make setup`")
        styles = self._weights / f".styles-{os.getpid()}.npz"
        try:
            vectors = {
                path.stem: np.fromfile(path, np.float32).reshape(-1, 1, 256) for path in self._weights.glob("*.bin")
            }
            np.savez(styles, **vectors)  # type: ignore[arg-type]
            return Model(str(self._weights / MODEL), str(styles))
        except Exception as error:  # whatever runtime, file or phonemes fail by
            raise SpeechError(f"Kokoro cannot be used: {type(error).__name__}") from error
        finally:
            styles.unlink(missing_ok=True)

    def speak(self, text: str, language: str, voice: str, speed: float) -> NDArray[np.int16]:
        """Mono samples at `OUTPUT_RATE`; blocks. `voice` is one of OpenAI's.

        Raises KeyError for a language that it does not speak, and SpeechError when the model fails.
        """
        phonemes, high, low = LANGUAGES[language]
        with self._lock:
            try:
                samples, rate = self._model.create(
                    text,
                    voice=low if voice in LOW else high,
                    speed=min(max(speed, _SLOWEST), _FASTEST),
                    lang=phonemes,
                )
            except SpeechError:
                raise
            except Exception as error:
                raise SpeechError(f"Kokoro failed: {type(error).__name__}") from error
        whole = (np.clip(np.asarray(samples, np.float32), -1, 1) * 32767).astype(np.int16)
        return resample(whole, int(rate), OUTPUT_RATE)

    def pace(self) -> float:
        """Seconds of work for a second of speech on this machine now; the model is loaded first."""
        self.speak("Hello.", "en", "alloy", 1.0)
        began = time.perf_counter()
        spoken = self.speak(_TRIED, "en", "alloy", 1.0)
        return (time.perf_counter() - began) / (spoken.size / OUTPUT_RATE)
