"""ElevenLabs: speech, and transcription."""

from typing import Any

from livekit.agents.stt import STT
from livekit.agents.tts import TTS
from livekit.agents.types import NOT_GIVEN
from livekit.plugins import elevenlabs

from agent.providers.context import CallContext
from contracts.models import ModelRef

TELLS_LANGUAGE = ("eleven_flash_v2_5", "eleven_turbo_v2_5")
"""Models that take a language; the others find it in the text."""


def transcription(ref: ModelRef, call: CallContext) -> STT[Any]:
    """One stream a call; it detects the language unless it was chosen."""
    return elevenlabs.STT(
        model=ref.model,
        language_code=call.language if call.pinned else NOT_GIVEN,
        include_language_detection=not call.pinned,
        api_key=call.value("ELEVEN_API_KEY"),
    )


def speech(ref: ModelRef, voice: str, call: CallContext) -> TTS[Any]:
    """One voice for all languages."""
    return elevenlabs.TTS(
        model=ref.model,
        voice_id=voice,
        language=call.language if ref.model in TELLS_LANGUAGE else NOT_GIVEN,
        api_key=call.value("ELEVEN_API_KEY"),
    )


def speak(tts: TTS[Any], voice: str, call: CallContext) -> None:
    """Speak another language from now on."""
    if isinstance(tts, elevenlabs.TTS):
        told = tts.model in TELLS_LANGUAGE
        tts.update_options(voice_id=voice, language=call.language if told else NOT_GIVEN)
