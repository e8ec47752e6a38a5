"""espeak-ng through its C library: text to 16-bit speech. One instance per process, locked."""

import ctypes
import re
import threading
from functools import cache
from typing import Final

import espeakng_loader

_RETRIEVE: Final = 1  # AUDIO_OUTPUT_RETRIEVAL: samples come by callback, no sound device
_NO_EXIT: Final = 0x8000  # espeakINITIALIZE_DONT_EXIT
_UTF8: Final = 1
_RATE: Final = 1
_PITCH: Final = 3
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class SpeechError(RuntimeError):
    """The speech library is missing or refused its input."""


class Espeak:
    """The library with its data. Use `espeak()`; a second instance in one process would share its globals."""

    def __init__(self) -> None:
        library = espeakng_loader.load_library()
        if library is None:
            raise SpeechError("the espeak-ng library could not be loaded")
        self._library = library
        self._lock = threading.Lock()
        self._parts: list[bytes] = []
        # Kept as an attribute: ctypes does not keep the callback alive for C.
        self._callback = _CALLBACK(self._collect)
        path = espeakng_loader.get_data_path().encode()
        self.sample_rate: int = library.espeak_Initialize(_RETRIEVE, 0, path, _NO_EXIT)
        if self.sample_rate <= 0:
            raise SpeechError("espeak-ng could not read its data")
        library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, voice: str, *, words_per_minute: int, pitch: int) -> bytes:
        """Mono 16-bit samples at `sample_rate`. `voice` is espeak's, for example `en-us+f3`; pitch is 0 to 99."""
        encoded = _CONTROL.sub(" ", text).encode()
        with self._lock:
            self._select(voice)
            self._library.espeak_SetParameter(_RATE, words_per_minute, 0)
            self._library.espeak_SetParameter(_PITCH, pitch, 0)
            self._parts = []
            status = self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
            self._library.espeak_Synchronize()
            samples, self._parts = b"".join(self._parts), []
        if status != 0:
            raise SpeechError(f"espeak-ng refused the text with status {status}")
        return samples

    def _select(self, voice: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SpeechError(f"espeak-ng has no voice {voice!r}")

    def _collect(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if samples and count > 0:
            self._parts.append(ctypes.string_at(samples, count * 2))
        return 0


@cache
def espeak() -> Espeak:
    """The process's instance.

    Raises SpeechError when the library or its data cannot be loaded.
    """
    return Espeak()
