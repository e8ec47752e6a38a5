"""Ears of OpenAI's Whisper, run by faster-whisper on the processor: eight languages, one model a process."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray
from opencc import OpenCC

from contracts.languages import LANGUAGES
from emulator.audio import LISTENING_RATE, resample, to_float
from emulator.ears.heard import NOTHING, EarsError, Heard
from emulator.ears.inventions import believed
from emulator.ears.line import Line
from emulator.settings import EarsName

_SHORTEST: Final = LISTENING_RATE // 8
"""Samples; nothing said in less than an eighth of a second is worth hearing."""
_VOICE: Final = VadOptions(threshold=0.3, min_speech_duration_ms=60, speech_pad_ms=100)
"""Lenient: what it lets through by mistake has still to be believed."""
_THREADS: Final = 2


def weights(chosen: str | None) -> str:
    """The folder of the model, or its name as faster-whisper knows it: what was chosen, else what `make setup` brought.

    Raises EarsError when there is none.
    """
    if chosen:
        return chosen
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "polyglot" / "models" / "whisper-base"
    if not (folder / "model.bin").is_file():
        raise EarsError(
            f"no weights for the ears in {folder}: run `make setup`, name a folder or a model in EMULATOR_WHISPER, "
            "or set EMULATOR_EARS=clips, which hears registered clips only"
        )
    return str(folder)


class _Model(WhisperModel):  # type: ignore[misc] # the library has no types
    """Looks once at a sound for its language and its words; knows only the product's languages."""

    allowed: Sequence[str] = ()
    _seen: tuple[NDArray[np.float32], Any] | None = None

    def encode(self, features: NDArray[np.float32]) -> Any:  # noqa: ANN401 - a handle of the library
        if self._seen is None or not np.array_equal(self._seen[0], features):
            self._seen = features, super().encode(features)
        return self._seen[1]

    def detect_language(
        self, audio: NDArray[np.float32] | None = None, features: NDArray[np.float32] | None = None, **_options: object
    ) -> tuple[str, float, list[tuple[str, float]]]:
        """The likeliest of the allowed languages, by the beginning of the sound."""
        if features is None:
            features = self.feature_extractor(audio)
        whole = np.zeros((features.shape[0], self.feature_extractor.nb_max_frames), features.dtype)
        # Without the last frame, as the library cuts it for the words: only then is it the same sound.
        shown = features[:, : min(whole.shape[1], features.shape[1] - 1)]
        whole[:, : shown.shape[1]] = shown
        found = self.model.detect_language(self.encode(whole))[0]
        likely = [(token[2:-2], float(probability)) for token, probability in found]
        known = [(code, probability) for code, probability in likely if code in self.allowed]
        return *max(known, key=lambda pair: pair[1]), likely


class WhisperEars:
    """Whisper with guards: words that were probably not said are not told."""

    name: EarsName = "whisper"

    def __init__(self, chosen: str | None = None) -> None:
        self._chosen = chosen
        self._line = Line()
        self._simplified = OpenCC("t2s")

    @cached_property
    def _model(self) -> _Model:
        path = weights(self._chosen)
        try:
            return _Model(path, device="cpu", compute_type="int8", cpu_threads=_THREADS)
        except (RuntimeError, ValueError, OSError) as error:
            raise EarsError(f"the ears' weights {path} cannot be used: {error}") from error

    def load(self) -> None:
        """Reads the weights, and hears half a second of silence: the first utterance need not wait for either."""
        self._model.allowed = tuple(LANGUAGES)
        self._words(np.zeros(LISTENING_RATE // 2, np.float32), ("en",))

    async def transcribe(self, samples: NDArray[np.int16], rate: int, languages: Sequence[str] = ()) -> Heard:
        """See `Ears.transcribe`."""
        return await self._line.run(self._hear, samples, rate, tuple(languages))

    def close(self) -> None:
        """See `Ears.close`."""
        self._line.close()

    def _hear(self, samples: NDArray[np.int16], rate: int, languages: tuple[str, ...]) -> Heard:
        audio = to_float(resample(samples, rate, LISTENING_RATE))
        if audio.size < _SHORTEST or not get_speech_timestamps(audio, _VOICE):
            return NOTHING
        return self._words(audio, languages)

    def _words(self, audio: NDArray[np.float32], languages: tuple[str, ...]) -> Heard:
        self._model.allowed = languages or tuple(LANGUAGES)
        parts, told = self._model.transcribe(
            audio,
            language=languages[0] if len(languages) == 1 else None,
            beam_size=1,
            temperature=0.0,
            without_timestamps=audio.size <= LISTENING_RATE * 30,
            condition_on_previous_text=False,
            # Judged here, by more than these.
            no_speech_threshold=None,
            log_prob_threshold=None,
        )
        language = str(told.language)
        words = [
            self._plain(part.text, language)
            for part in parts
            if believed(
                self._plain(part.text, language), language, score=part.avg_logprob, no_speech=part.no_speech_prob
            )
        ]
        text = ("" if language in {"ja", "zh"} else " ").join(words)
        return Heard(text, language) if text else NOTHING

    def _plain(self, text: str, language: str) -> str:
        """Chinese comes in whichever of its two scripts; it is read in the simplified one."""
        return str(self._simplified.convert(text)).strip() if language == "zh" else text.strip()
