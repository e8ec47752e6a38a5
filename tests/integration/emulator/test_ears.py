"""Real ears on real voices: a slice of the clip library through Whisper. `make hearing` reports on all of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from faster_whisper import WhisperModel

from contracts.languages import LANGUAGES, is_stop
from emulator.audio import LISTENING_RATE
from emulator.ears.clips import ClipEars, decode
from emulator.ears.heard import EarsError
from emulator.ears.whisper import WhisperEars, weights
from emulator.mind.understand import understand

CLIPS = Path(__file__).resolve().parents[2] / "data" / "clips"
LISTED = {entry["file"]: entry for entry in json.loads((CLIPS / "manifest.json").read_text("utf-8"))}
SLICE = [f"{language}/question-01.opus" for language in LANGUAGES]
"""Madrid to Berlin, tomorrow, in every language."""
LEAST_PLACES, LEAST_DATES = 3, 6
"""Of eight."""
TODAY = date(2026, 11, 21)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears() -> AsyncIterator[WhisperEars]:
    whisper = WhisperEars()
    await asyncio.to_thread(whisper.load)
    yield whisper
    whisper.close()


def samples(file: str) -> Any:
    return decode((CLIPS / file).read_bytes())


async def test_most_questions_are_understood_in_their_languages(ears: WhisperEars) -> None:
    """Whisper base mishears a name here and there; what it hears of all clips is in docs/hearing.md."""
    places, dates, spoken = 0, 0, []
    for file in SLICE:
        language = LISTED[file]["language"]
        heard = await ears.transcribe(samples(file), LISTENING_RATE, (language,))
        told = understand(heard.text, language, TODAY)
        places += (told.origin, told.destination) == ("MAD", "BER")
        dates += told.dates == (date(2026, 11, 22),)
        spoken.append(heard.text)
    assert all(spoken)
    assert places >= LEAST_PLACES, spoken
    assert dates >= LEAST_DATES, spoken


async def test_the_language_is_found_with_one_look_at_the_sound(
    ears: WhisperEars, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    encode = WhisperModel.encode

    def counted(self: WhisperModel, features: Any) -> Any:
        looks.append(1)
        return encode(self, features)

    monkeypatch.setattr(WhisperModel, "encode", counted)
    heard = await ears.transcribe(samples("es/question-01.opus"), LISTENING_RATE)
    assert heard.language == "es"
    assert len(looks) == 1
    assert (await ears.transcribe(samples("it/question-01.opus"), LISTENING_RATE, ("en", "it"))).language == "it"


async def test_a_stop_is_heard(ears: WhisperEars) -> None:
    assert is_stop((await ears.transcribe(samples("en/stop-02.opus"), LISTENING_RATE, ("en",))).text)


async def test_chinese_is_written_in_simplified_characters(ears: WhisperEars) -> None:
    assert ears._plain("從馬德里飛到柏林", "zh") == "从马德里飞到柏林"
    assert ears._plain("從馬德里", "ja") == "從馬德里"


@pytest.mark.parametrize("kind", ["crowd", "fan", "keys", "street"])
async def test_noise_has_no_words(ears: WhisperEars, kind: str) -> None:
    assert (await ears.transcribe(samples(f"noise/{kind}-02.opus"), LISTENING_RATE)).text == ""


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(LISTENING_RATE), 9000 * np.sin(np.arange(32_000) / 20)])
async def test_nothing_silence_and_a_hum_have_no_words(ears: WhisperEars, sound: np.ndarray[Any, Any]) -> None:
    assert (await ears.transcribe(sound.astype(np.int16), LISTENING_RATE)).text == ""


async def test_the_ears_of_clips_know_the_whole_library() -> None:
    knowing = ClipEars(CLIPS / "manifest.json")
    await asyncio.to_thread(knowing.load)
    assert knowing.count >= 400
    for file in SLICE:
        heard = knowing.recognise(samples(file), LISTENING_RATE)
        assert (heard.text, heard.language) == (LISTED[file]["text"], LISTED[file]["language"])
    knowing.close()


async def test_weights_that_are_not_there_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(EarsError, match="EMULATOR_WHISPER"):
        weights(None)
    assert weights("small") == "small"
    with pytest.raises(EarsError, match="cannot be used"):
        WhisperEars(str(tmp_path)).load()
