"""Which voice speaks: Kokoro where it was asked for and the machine keeps up, else espeak-ng."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emulator.mind.detect import detect
from emulator.settings import VoiceName
from emulator.voice import kokoro
from emulator.voice.espeak import SpeechError
from emulator.voice.speaker import VOICES, synthesise

logger = logging.getLogger("emulator.voice")

READY_WITHIN: Final = 8.0
"""Seconds: a machine that is too busy for the measurement is too busy for the voice, and nobody waits for it."""


class Voice:
    """Speaks a text in its language. Until `load` it is espeak-ng."""

    def __init__(
        self, wanted: VoiceName, natural: kokoro.Kokoro | None = None, *, within: float = READY_WITHIN
    ) -> None:
        self._within = within
        self._natural = (natural or kokoro.Kokoro()) if wanted == "natural" else None
        self._ready = False
        self.told = "espeak-ng"
        """What speaks, in words."""

    def load(self) -> None:
        """Measure whether this machine keeps up with the natural voice; blocks for a few seconds."""
        synthesise("Hello.", VOICES[0])
        if self._natural is None:
            return
        trying = ThreadPoolExecutor(1, "voice")
        try:
            pace = trying.submit(self._natural.pace).result(timeout=self._within)
        except SpeechError as error:
            self.told = f"espeak-ng ({error})"
            logger.warning("espeak-ng speaks: %s", error)
            return
        except TimeoutError:
            self.told = f"espeak-ng (Kokoro did not get ready within {self._within:g} s on this machine)"
            return
        finally:
            trying.shutdown(wait=False)
        self._ready = pace <= kokoro.KEEPS_UP
        if self._ready:
            self.told = f"Kokoro ({', '.join(kokoro.LANGUAGES)}), espeak-ng for the others"
        else:
            self.told = f"espeak-ng (this machine takes {pace:.1f} s for a second of Kokoro's speech)"

    def speak(self, text: str, voice: str, *, speed: float = 1.0, fallback: str = "en") -> NDArray[np.int16]:
        """See `speaker.synthesise`."""
        language = detect(text, fallback)
        if self._ready and self._natural is not None and language in kokoro.LANGUAGES and voice in VOICES:
            try:
                return self._natural.speak(text, language, voice, speed)
            except SpeechError as error:
                logger.warning("espeak-ng speaks instead: %s", error)
        return synthesise(text, voice, speed=speed, fallback=fallback)
