"""What a traveller says, made known to the emulator's ears of clips."""

import base64

import httpx2
import numpy as np

from cli.traveller.audio import RATE, Samples, synthesise, to_wav, trim
from cli.traveller.library import RATE as CLIP_RATE
from cli.traveller.library import Clip

TIMEOUT = 20.0


async def teach(emulator_url: str, text: str, samples: Samples, language: str = "en") -> None:
    """Register a sound with its words; the emulator must run with faults and EMULATOR_EARS=clips."""
    body = {"text": text, "language": language, "wav": base64.b64encode(to_wav(samples)).decode()}
    async with httpx2.AsyncClient(timeout=TIMEOUT) as http:
        (await http.post(f"{emulator_url}/_control/clips", json=body)).raise_for_status()


async def known_speech(
    emulator_url: str, text: str, *, voice: str = "echo", speed: float = 1.0, language: str = "en"
) -> Samples:
    """Speech of a text by the emulator, which its ears of clips know from then on."""
    samples = await synthesise(text, speech_url=f"{emulator_url}/v1", voice=voice, speed=speed)
    await teach(emulator_url, text, samples, language)
    return samples


async def known_clip(emulator_url: str, clip: Clip) -> Samples:
    """A clip of the library without the silence around it, which the ears of clips know from then on, each part by itself."""
    samples = at_rate(clip)
    for part in clip.parts:
        await teach(emulator_url, part.text, samples[int(part.start * RATE) : int(part.end * RATE)], clip.language)
    return trim(samples)


def at_rate(clip: Clip) -> Samples:
    """A clip at a traveller's rate."""
    places = np.arange(0, len(clip.samples), CLIP_RATE / RATE)
    resampled: Samples = np.interp(places, np.arange(len(clip.samples)), clip.samples).astype(np.int16)
    return resampled
