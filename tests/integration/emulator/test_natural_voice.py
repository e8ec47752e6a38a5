"""The natural voice with its real weights, understood by the real ears."""

import asyncio
from datetime import date

import pytest

from emulator.audio import OUTPUT_RATE
from emulator.ears.whisper import WhisperEars
from emulator.mind.understand import understand
from emulator.voice.kokoro import Kokoro

TODAY = date(2026, 11, 21)


@pytest.mark.timeout(120)
async def test_what_kokoro_says_whisper_hears() -> None:
    ears, voice = WhisperEars(), Kokoro()
    said = "Find me a flight from Madrid to Berlin tomorrow."
    samples = await asyncio.to_thread(voice.speak, said, "en", "alloy", 1.0)
    assert 1.5 < samples.size / OUTPUT_RATE < 6
    await asyncio.to_thread(ears.load)
    heard = await ears.transcribe(samples, OUTPUT_RATE, ("en",))
    ears.close()
    told = understand(heard.text, "en", TODAY)
    assert (told.origin, told.destination, told.dates) == ("MAD", "BER", (date(2026, 11, 22),)), heard
