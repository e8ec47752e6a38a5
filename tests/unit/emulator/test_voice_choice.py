"""Which voice speaks, and that there always is one."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emulator.voice import kokoro
from emulator.voice.choice import Voice
from emulator.voice.espeak import SpeechError

NATURAL = np.full(2400, 7, np.int16)
SPOKEN = {
    "en": "Good morning, where would you like to fly tomorrow?",
    "es": "Buenos días, ¿adónde quiere volar mañana?",
    "fr": "Bonjour, où voulez-vous aller demain ?",
    "it": "Buongiorno, dove vuole andare domani?",
    "pt": "Bom dia, para onde você quer voar amanhã?",
}
OTHERS = {
    "de": "Guten Morgen, wohin möchten Sie morgen fliegen?",
    "ja": "おはようございます。どちらへ行きますか。",
    "zh": "早上好，您想飞往哪里？",
}


class Natural(kokoro.Kokoro):
    """A natural voice that is as fast and as good as the test says."""

    def __init__(self, pace: float, error: Exception | None = None) -> None:
        super().__init__()
        self._pace, self.error = pace, error
        self.asked: list[tuple[str, str]] = []

    def pace(self) -> float:
        return self._pace

    def speak(self, text: str, language: str, voice: str, speed: float) -> NDArray[np.int16]:  # noqa: ARG002
        self.asked.append((language, voice))
        if self.error:
            raise self.error
        return NATURAL


def a_voice(pace: float, error: Exception | None = None) -> tuple[Voice, Natural]:
    natural = Natural(pace, error)
    voice = Voice("natural", natural)
    voice.load()
    return voice, natural


@pytest.mark.parametrize("code", SPOKEN)
def test_where_the_machine_keeps_up_five_languages_are_natural(code: str) -> None:
    voice, natural = a_voice(kokoro.KEEPS_UP)
    assert np.array_equal(voice.speak(SPOKEN[code], "echo"), NATURAL)
    assert natural.asked == [(code, "echo")]
    assert voice.told.startswith("Kokoro")


@pytest.mark.parametrize("code", OTHERS)
def test_the_others_are_espeak_s(code: str) -> None:
    voice, natural = a_voice(0.3)
    assert voice.speak(OTHERS[code], "echo", fallback=code).size > 2400
    assert natural.asked == []


def test_a_machine_that_does_not_keep_up_has_espeak_and_says_so() -> None:
    voice, natural = a_voice(kokoro.KEEPS_UP + 0.1)
    assert voice.speak(SPOKEN["en"], "echo").size > 2400
    assert natural.asked == []
    assert voice.told == "espeak-ng (this machine takes 0.8 s for a second of Kokoro's speech)"


def test_nobody_waits_for_a_voice_that_does_not_get_ready() -> None:
    hurry = threading.Event()

    class Late(Natural):
        def pace(self) -> float:
            hurry.wait(10)
            return 0.1

    voice = Voice("natural", Late(0.1), within=0.05)
    voice.load()
    hurry.set()
    assert voice.told == "espeak-ng (Kokoro did not get ready within 0.05 s on this machine)"
    assert voice.speak(SPOKEN["en"], "echo").size > 2400


def test_a_voice_that_fails_is_replaced_in_mid_call() -> None:
    voice, natural = a_voice(0.3, SpeechError("gone"))
    assert voice.speak(SPOKEN["en"], "echo").size > 2400
    assert natural.asked == [("en", "echo")]


def test_without_weights_espeak_speaks_and_the_reason_is_told(tmp_path: Path) -> None:
    voice = Voice("natural", kokoro.Kokoro(tmp_path / "none"))
    voice.load()
    assert voice.told.startswith("espeak-ng (no weights of Kokoro in ")
    assert voice.speak(SPOKEN["en"], "echo").size > 2400


def test_weights_that_are_none_are_told_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / kokoro.MODEL).write_bytes(b"no model")
    np.zeros(256, np.float32).tofile(tmp_path / "af_heart.bin")
    with pytest.raises(SpeechError, match="Kokoro cannot be used"):
        kokoro.Kokoro(tmp_path).speak("Hello.", "en", "echo", 1.0)
    assert {path.name for path in tmp_path.iterdir()} == {kokoro.MODEL, "af_heart.bin"}


def test_nobody_asks_for_a_natural_voice_by_default() -> None:
    natural: Any = object()
    voice = Voice("espeak-ng", natural)
    voice.load()
    assert voice.told == "espeak-ng"
